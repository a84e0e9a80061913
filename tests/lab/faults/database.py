"""Faults of the database and of the way to it."""

from __future__ import annotations

import signal

from faults.registry import Fault
from stack import postgres
from stack.client import fetch, is_silent, open_connection
from stack.config import APP_ROLE
from stack.health import PROBE_PATH, expect, probe
from stack.lab import Lab

POOL_CONNECTIONS = 15
SILENCE_SECONDS = 1.0

IDLE_IN_TRANSACTION = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE usename = %s AND state = 'idle in transaction'"
)


def _stop_database(lab: Lab) -> None:
    lab.services["postgres"].stop(signal.SIGINT)


def _database_is_away(lab: Lab) -> None:
    expect(not postgres.answers(lab.admin_url()), "no database", "one that answers")
    if not lab.services["backend"].is_running():
        return
    answer = probe(lab)
    expect(answer.status == 500, "the database probe to be 500", answer)
    answer = fetch(lab.addresses.api_direct + "/readyz")
    expect(answer.status == 200, "/readyz to be 200 all the same", answer)


def hold_streams(lab: Lab) -> None:
    """Open event streams, as board pages in browsers do, and keep them."""
    path = f"/api/v1/boards/{lab.board_id}/tasks/stream"
    for _ in range(POOL_CONNECTIONS):
        connection = open_connection(lab.addresses.api_direct)
        connection.request("GET", path, headers=lab.authorization())
        lab.held.append(connection.sock)
        response = connection.getresponse()
        expect(response.status == 200, "an event stream", response.status)
        lab.held.append(response)
        response.readline()  # its first event: the stream has its connection


def _pool_is_exhausted(lab: Lab) -> None:
    [(idle,)] = postgres.query(lab.admin_url(), IDLE_IN_TRANSACTION, APP_ROLE)
    expect(idle >= POOL_CONNECTIONS, f"{POOL_CONNECTIONS} sessions idle in transaction", idle)
    url = lab.addresses.api_direct + PROBE_PATH
    silent = is_silent(url, SILENCE_SECONDS, method="POST", body="{}")
    expect(silent, f"no answer of the database probe in {SILENCE_SECONDS:g} s", "an answer")


FAULTS = (
    Fault(
        "db-down",
        "PostgreSQL is stopped while the backend runs; /healthz and /readyz stay 200",
        inject=_stop_database,
        assert_present=_database_is_away,
        breaks=frozenset({"data", "database"}),
    ),
    Fault(
        "pool-exhausted",
        "15 event streams hold the backend's whole connection pool; the database is fine",
        inject=hold_streams,
        assert_present=_pool_is_exhausted,
        breaks=frozenset({"data"}),
        needs=frozenset({"api", "database"}),
    ),
)
