"""Faults of what the database holds, where, and for how long it waits."""

from __future__ import annotations

import http.client
import signal

import psycopg2
from faults.acting import (
    FEW, as_admin, backend_is_well, end_sessions, has_ended, logged, need_root, signed_in,
    start_in_vain,
)
from faults.database_more import FAILED_LIFESPAN
from faults.registry import Fault
from faults.startup import NO_BACKEND
from stack import postgres
from stack.client import open_connection
from stack.config import APP_ROLE, DATABASE
from stack.health import expect
from stack.lab import START_SECONDS, Lab
from stack.waiting import wait_until

STREAM_LINES = 9  # three events
BEFORE_HEAD = "3c9e1d5b7f40"

# The server's WAL gets a disk of its own, in a mount namespace that ends with the server.
WAL_ON_A_SMALL_DISK = """
set -e
cp -a "$1" "$1.old"
mount -t tmpfs -o size=40m,mode=700 tmpfs "$1"
cp -a "$1.old/." "$1"
chown --reference="$1.old" "$1"
shift
exec "$@"
"""
IMPORT = (
    "INSERT INTO activity_events (event_type, message)"
    " SELECT 'import', string_agg(md5(random()::text), '') FROM generate_series(1, 2000000) n"
    " GROUP BY n / 100"
)


def _fill_wal(lab: Lab) -> None:
    server = lab.services["postgres"]
    wal = lab.folder / "postgres" / "data" / "pg_wal"
    server.stop(signal.SIGINT)
    server.argv = ["unshare", "-m", "sh", "-c", WAL_ON_A_SMALL_DISK, "sh", str(wal), *server.argv]
    lab.start_service(server)
    _wait_until_up(lab)
    try:
        as_admin(lab, IMPORT)
    except psycopg2.Error:
        server.wait_exit(START_SECONDS)


def _wait_until_up(lab: Lab) -> None:
    """Or it has ended: root in a container may be one who may not mount."""

    def is_up() -> bool:
        lab.services["postgres"].raise_if_ended()
        return postgres.answers(lab.admin_url())

    wait_until(is_up, START_SECONDS, "PostgreSQL answers")


def _wal_is_full(lab: Lab) -> None:
    expect(not postgres.answers(lab.admin_url()), "no database", "one that answers")
    logged(lab, "No space left on device", "postgres.log")


def _drop_table(lab: Lab) -> None:
    as_admin(lab, "DROP TABLE activity_events")
    for _ in range(FEW):
        signed_in(lab, "activity")


def _table_is_missing(lab: Lab) -> None:
    answer = signed_in(lab, "activity")
    expect(answer.status == 500, "500 for the activity feed", answer)
    backend_is_well(lab)


def _forget_revision(lab: Lab) -> None:
    """Somebody has migrated by hand: the columns are there, the revision does not say so."""
    as_admin(lab, "UPDATE alembic_version SET version_num = %s", BEFORE_HEAD)
    start_in_vain(lab)


def _migration_repeats(lab: Lab) -> None:
    has_ended(lab, "backend", FAILED_LIFESPAN)
    logged(lab, "already exists", "backend.log", "backend.err")


def _use_another_database(lab: Lab) -> None:
    lab.config.database_url = lab.config.database_url.removesuffix(DATABASE) + "postgres"


def _backend_may_not_create(lab: Lab) -> None:
    has_ended(lab, "backend", FAILED_LIFESPAN)
    logged(lab, "permission denied for schema public", "backend.log", "backend.err")


def _limit_idle_transactions(lab: Lab) -> None:
    as_admin(lab, f"ALTER ROLE {APP_ROLE} SET idle_in_transaction_session_timeout = '1s'")
    end_sessions(lab)
    for _ in range(FEW):
        _stream_ends(lab)


def _stream_ends(lab: Lab) -> bool:
    """Before its third event."""
    connection = open_connection(lab.addresses.api_direct)
    try:
        path = f"/api/v1/boards/{lab.board_id}/tasks/stream"
        connection.request("GET", path, headers=lab.authorization())
        response = connection.getresponse()
        return b"" in [response.readline() for _ in range(STREAM_LINES)]
    except (OSError, http.client.HTTPException):
        return True
    finally:
        connection.close()


def _streams_break(lab: Lab) -> None:
    expect(_stream_ends(lab), "an event stream that breaks off", "one that goes on")
    logged(lab, "idle-in-transaction timeout", "postgres.log")


FAULTS = (
    Fault(
        "db-wal-disk-full",
        "the disk of PostgreSQL's WAL is full: it crashes and stays away (needs root)",
        prepare=need_root("mount a small disk for PostgreSQL's WAL"),
        inject=_fill_wal,
        assert_present=_wal_is_full,
        breaks=frozenset({"data", "database"}),
        needs=frozenset({"database"}),
    ),
    Fault(
        "db-table-dropped",
        "activity_events was dropped; the revision is at head",
        inject=_drop_table,
        assert_present=_table_is_missing,
        breaks=frozenset({"data"}),
        needs=frozenset({"api", "database"}),
    ),
    Fault(
        "db-migrated-by-hand",
        "columns are there, the revision is old: migrating fails, the backend exits 3",
        inject=_forget_revision,
        assert_present=_migration_repeats,
        breaks=NO_BACKEND | {"database"},
        needs=frozenset({"backend", "database"}),
    ),
    Fault(
        "db-other-database",
        "DATABASE_URL names the database postgres; the backend exits 3",
        prepare=_use_another_database,
        assert_present=_backend_may_not_create,
        breaks=NO_BACKEND,
        needs=frozenset({"backend"}),
        exits={"backend": FAILED_LIFESPAN},
    ),
    Fault(
        "db-idle-timeout",
        "the server ends transactions that are idle for 1 s: event streams break off",
        inject=_limit_idle_transactions,
        assert_present=_streams_break,
        needs=frozenset({"api", "data", "database"}),
    ),
)
