"""Faults of the database that a look into it tells apart."""

from __future__ import annotations

import os
import signal
import socket
import struct
import threading
from pathlib import Path

import psycopg2
from faults.registry import Fault, Step
from faults.startup import NO_BACKEND
from stack import config, postgres
from stack.client import fetch, is_silent
from stack.config import APP_ROLE
from stack.health import HEAD_REVISION, PROBE_PATH, expect, probe
from stack.lab import Lab
from stack.process import PYTHON, Service
from stack.waiting import wait_until

FAILED_LIFESPAN = 3
SILENCE_SECONDS = 1.0
IDLE_SESSIONS = 16
LOCK_SECONDS = 6  # a wait that is worth a warning
MORE_THAN_MAX = 60
START_UP = struct.pack("!ihh", 8 + 15, 3, 0) + b"user\0triage\0\0" + b"\0\0"

DOWNGRADE = """
import os
from alembic import command
from alembic.config import Config
from app.db import migrate, session
config = Config()
config.set_main_option("script_location", str(migrate.MIGRATIONS))
config.attributes["engine"] = session.make_engine(os.environ["DATABASE_URL"])
command.downgrade(config, "-1")
"""


def _backend_uses(change: tuple[str, str]) -> Step:
    """What DATABASE_URL says for the backend: `change` is (what is right, what stands there)."""

    def prepare(lab: Lab) -> None:
        right, wrong = (text.format(password=lab.passwords.app) for text in change)
        lab.config.database_url = wrong.join(lab.config.database_url.rsplit(right, 1))

    return prepare


def _backend_cannot_log_in(words: str) -> Step:
    def assert_present(lab: Lab) -> None:
        url = lab.config.database_url.replace("postgresql+psycopg", "postgresql", 1)
        try:
            psycopg2.connect(url, connect_timeout=3).close()
            said = "a session"
        except psycopg2.OperationalError as error:
            said = str(error)
        expect(words in said, f"'{words}'", said)
        exit_code = lab.services["backend"].exit_code()
        expect(exit_code == FAILED_LIFESPAN, "the backend ended with status 3", exit_code)

    return assert_present


def _connect_as_app(lab: Lab, application: str = "lab"):
    connection = psycopg2.connect(lab.app_url(), connect_timeout=3, application_name=application)
    lab.held.append(connection)
    return connection


def _take_all_connections(lab: Lab) -> None:
    try:
        for _ in range(MORE_THAN_MAX):
            _connect_as_app(lab)
    except psycopg2.OperationalError:
        return


def _no_connection_is_left(lab: Lab) -> None:
    try:
        psycopg2.connect(lab.app_url(), connect_timeout=3).close()
        said = "a session"
    except psycopg2.OperationalError as error:
        said = str(error)
    expect("connection slots are reserved" in said or "too many clients" in said,
           "no connection for the app", said)
    expect(postgres.answers(lab.admin_url()), "a reserved connection for the admin", "none")


def _freeze(lab: Lab) -> None:
    """The postmaster and its children: the kernel goes on to accept connections for them."""
    pid = lab.services["postgres"].pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for child in map(int, children):
        lab.announce(child, signal.SIGKILL)  # they would stay stopped without their postmaster
    for each in (pid, *map(int, children)):
        os.kill(each, signal.SIGSTOP)


def _no_start_up_reply(lab: Lab) -> None:
    address = ("127.0.0.1", lab.addresses.ports["postgres"])
    with socket.create_connection(address, timeout=SILENCE_SECONDS) as client:
        client.sendall(START_UP)
        try:
            said: object = client.recv(1)
        except TimeoutError:
            said = None
    expect(said is None, f"no start-up reply within {SILENCE_SECONDS:g} s", said)


def _wait_for_lock(lab: Lab) -> None:
    """Somebody's forgotten transaction holds a lock that a migration waits for."""
    _connect_as_app(lab, "psql").cursor().execute("LOCK TABLE boards IN ACCESS EXCLUSIVE MODE")
    waiter = _connect_as_app(lab, "alembic")

    def alter() -> None:
        try:
            waiter.cursor().execute("ALTER TABLE boards ADD COLUMN later int")
        except psycopg2.Error:
            pass  # the lab has ended

    threading.Thread(target=alter, daemon=True).start()
    wait_until(lambda: _waits(lab, LOCK_SECONDS), 4 * LOCK_SECONDS, "a session waits for the lock")


def _waits(lab: Lab, seconds: float) -> bool:
    statement = (
        "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted"
        " AND application_name = 'alembic' AND waitstart < clock_timestamp() - %s * interval '1 s'"
    )
    return bool(postgres.query(lab.admin_url(), statement, seconds))


def _migration_is_blocked(lab: Lab) -> None:
    expect(_waits(lab, LOCK_SECONDS), f"alembic waits for a lock for {LOCK_SECONDS} s", "none")
    url = lab.addresses.api_direct + PROBE_PATH
    silent = is_silent(url, SILENCE_SECONDS, method="POST", body="{}")
    expect(silent, f"no answer of the database probe in {SILENCE_SECONDS:g} s", "an answer")


def _idle_in_transaction(lab: Lab) -> None:
    for _ in range(IDLE_SESSIONS):
        _connect_as_app(lab, "script").cursor().execute("SELECT 1")


def _many_are_idle(lab: Lab) -> None:
    statement = (
        "SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND application_name = 'script'"
        " AND state = 'idle in transaction'"
    )
    [(idle,)] = postgres.query(lab.admin_url(), statement, APP_ROLE)
    expect(idle == IDLE_SESSIONS, f"{IDLE_SESSIONS} sessions idle in transaction", idle)


def _downgrade(lab: Lab) -> None:
    backend = lab.services["backend"]
    log = lab.log("downgrade.log")
    downgrade = Service("downgrade", [PYTHON, "-c", DOWNGRADE], (log, log),
                        {"DATABASE_URL": lab.config.database_url}, backend.cwd)
    lab.start_service(downgrade)
    expect(downgrade.wait_exit(20) == 0, "the downgrade to succeed", downgrade.tail())


def _is_behind(lab: Lab) -> None:
    rows = postgres.query(lab.app_url(), "SELECT version_num FROM alembic_version")
    behind = len(rows) == 1 and rows[0][0] != HEAD_REVISION
    expect(behind, f"a revision before {HEAD_REVISION}", rows)
    answer = probe(lab)
    expect(answer.status == 500, "the database probe to be 500", answer)
    answer = fetch(lab.addresses.api_direct + "/readyz")
    expect(answer.status == 200, "/readyz to be 200 all the same", answer)


def _url_fault(name: str, summary: str, change: tuple[str, str], words: str) -> Fault:
    return Fault(
        name,
        f"{summary}; the backend exits 3",
        prepare=_backend_uses(change),
        assert_present=_backend_cannot_log_in(words),
        breaks=NO_BACKEND,
        needs=frozenset({"backend"}),
        exits={"backend": FAILED_LIFESPAN},
    )


FAULTS = (
    _url_fault(
        "db-wrong-password",
        "DATABASE_URL has another password than the role",
        ("{password}", "0123456789abcdef"),
        "password authentication failed",
    ),
    _url_fault(
        "db-missing-database",
        "DATABASE_URL names a database that the server does not have",
        (f"/{config.DATABASE}", "/mission_contrl"),
        "does not exist",
    ),
    _url_fault(
        "db-wrong-host",
        "DATABASE_URL names a host where no PostgreSQL listens",
        ("127.0.0.1", "127.0.0.2"),
        "Connection refused",
    ),
    Fault(
        "db-max-connections",
        "all connections that the app's role may have are taken",
        inject=_take_all_connections,
        assert_present=_no_connection_is_left,
        breaks=frozenset({"data", "database"}),
        needs=frozenset({"database"}),
    ),
    Fault(
        "db-hung",
        "PostgreSQL is frozen: TCP opens, no start-up reply; requests time out rather than fail",
        inject=_freeze,
        assert_present=_no_start_up_reply,
        breaks=frozenset({"data", "database"}),
        needs=frozenset({"database"}),
    ),
    Fault(
        "db-lock-blocks-migration",
        "a forgotten transaction locks boards; a migration waits, and requests behind it",
        inject=_wait_for_lock,
        assert_present=_migration_is_blocked,
        breaks=frozenset({"data"}),
        needs=frozenset({"api", "database"}),
    ),
    Fault(
        "db-idle-in-transaction",
        f"{IDLE_SESSIONS} sessions of the app's role are idle in transaction, outside of its pool",
        inject=_idle_in_transaction,
        assert_present=_many_are_idle,
        needs=frozenset({"database"}),
    ),
    Fault(
        "db-behind",
        "the schema is one revision behind the code: /readyz 200, /boards 500",
        inject=_downgrade,
        assert_present=_is_behind,
        breaks=frozenset({"data", "database"}),
        needs=frozenset({"api", "database"}),
    ),
)
