"""Faults that logs tell of, or that keep logs from telling."""

from __future__ import annotations

import gzip
import signal

from faults.acting import text_of
from faults.database import IDLE_IN_TRANSACTION, POOL_CONNECTIONS, hold_streams
from faults.registry import Fault
from stack import postgres
from stack.client import fetch
from stack.config import APP_ROLE
from stack.health import expect, probe
from stack.lab import Lab
from stack.waiting import wait_until

FLOOD_LINES = 1000
FLOOD_SECONDS = 10.0
BAD_REQUESTS = 5
POOL_SECONDS = 40.0  # the pool makes a request wait for 30
POOL_TEXT = "QueuePool limit of size 5 overflow 10 reached"


def _stop_redis(lab: Lab) -> None:
    lab.services["redis"].stop(signal.SIGKILL)  # at once: its log does not tell of it
    wait_until(lambda: text_of(lab, "worker.log").count("\n") > FLOOD_LINES, FLOOD_SECONDS,
               "the worker floods its log")


def _worker_floods(lab: Lab) -> None:
    text = text_of(lab, "worker.log")
    refused = text.count("redis.exceptions.ConnectionError: Error 111 connecting to ")
    expect(refused > 10, "many refused connections to Redis in the worker's log", refused)
    expect(lab.services["worker"].is_running(), "the worker running", "it has ended")


def _bad_path(lab: Lab) -> str:
    return f"{lab.addresses.api_direct}/api/v1/boards/notauuid"


def _ask_for_no_uuid(lab: Lab) -> None:
    for _ in range(BAD_REQUESTS):
        fetch(_bad_path(lab), headers=lab.authorization())


def _one_route_raises(lab: Lab) -> None:
    logged = text_of(lab, "backend.log").count("path=/api/v1/boards/notauuid")
    expect(logged >= BAD_REQUESTS, f"{BAD_REQUESTS} failed requests in the log", logged)
    answer = fetch(_bad_path(lab), headers=lab.authorization())
    expect(answer.status == 500, "500 for a board that is no UUID", answer)
    expect(probe(lab).status == 404, "the database probe to be 404", "another status")


def _cut_rotated_log(lab: Lab) -> None:
    packed = gzip.compress(text_of(lab, "backend.log").encode() * 50)
    lab.log("backend.log.1.gz").write_bytes(packed[: len(packed) // 2])


def _rotated_log_is_cut(lab: Lab) -> None:
    path = lab.log("backend.log.1.gz")
    expect(path.exists(), "a rotated log", "none")
    try:
        gzip.decompress(path.read_bytes())
        found = "all of it"
    except EOFError:
        found = ""
    expect(not found, "a rotated log without its end", found)


def _rotate_under_the_backend(lab: Lab) -> None:
    """By somebody who does not know that the backend keeps the file open."""
    for name in ("backend.log", "backend.err"):
        lab.log(name).unlink()
        lab.log(name).touch()
    fetch(f"{lab.addresses.api_direct}/api/v1/boards")


def _backend_log_stays_empty(lab: Lab) -> None:
    answer = fetch(f"{lab.addresses.api_direct}/api/v1/boards")
    expect(answer.status == 401, "401 without a token", answer)
    size = lab.log("backend.log").stat().st_size
    expect(size == 0, "no line in the log of a backend that answers", f"{size} bytes")


def _wait_for_the_pool(lab: Lab) -> None:
    hold_streams(lab)
    url = f"{lab.addresses.api_direct}/api/v1/boards"
    fetch(url, headers=lab.authorization(), timeout=POOL_SECONDS)


def _pool_is_in_the_log(lab: Lab) -> None:
    [(idle,)] = postgres.query(lab.admin_url(), IDLE_IN_TRANSACTION, APP_ROLE)
    expect(idle >= POOL_CONNECTIONS, f"{POOL_CONNECTIONS} sessions idle in transaction", idle)
    expect(POOL_TEXT in text_of(lab, "backend.log"), f"'{POOL_TEXT}' in the log", "none")


FAULTS = (
    Fault(
        "worker-floods",
        "Redis is down: the worker logs a traceback again and again, without a pause",
        inject=_stop_redis,
        assert_present=_worker_floods,
        breaks=frozenset({"redis", "worker"}),
        needs=frozenset({"redis", "worker"}),
    ),
    Fault(
        "route-raises",
        "one route answers 500 for what is no UUID: a client's fault, looks like the database's",
        inject=_ask_for_no_uuid,
        assert_present=_one_route_raises,
        needs=frozenset({"api", "data"}),
    ),
    Fault(
        "log-cut",
        "the backend's rotated log is a gzip file without its end",
        inject=_cut_rotated_log,
        assert_present=_rotated_log_is_cut,
        needs=frozenset({"api"}),
    ),
    Fault(
        "log-silent",
        "the backend's log was rotated under it: it writes into a file that nobody sees",
        inject=_rotate_under_the_backend,
        assert_present=_backend_log_stays_empty,
        needs=frozenset({"api"}),
    ),
    Fault(
        "pool-exhausted-long",
        "event streams hold the backend's pool for so long that requests have failed and said so",
        inject=_wait_for_the_pool,
        assert_present=_pool_is_in_the_log,
        breaks=frozenset({"data"}),
        needs=frozenset({"api", "database"}),
    ),
)
