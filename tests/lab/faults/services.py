"""Faults of what works beside the API: Redis, the queue's worker, the gateway."""

from __future__ import annotations

import json
import os
import signal

import redis
from faults.acting import (
    FEW, backend_is_well, has_ended, logged, make_webhook, post_webhooks, signed_in, text_of,
)
from faults.registry import Fault
from stack.client import Answer, is_silent
from stack.health import expect
from stack.lab import START_SECONDS, Lab
from stack.waiting import wait_until

OTHER_PASSWORD = "0123456789abcdef"
PATIENCE = "2s"
SILENCE_SECONDS = 1.0


def _redis(lab: Lab) -> redis.Redis:
    return redis.Redis.from_url(lab.addresses.redis, socket_timeout=2)


def _ping(lab: Lab) -> str:
    """What Redis says to it."""
    try:
        with _redis(lab) as client:
            return str(client.ping())
    except redis.AuthenticationError as error:
        return str(error)
    except redis.TimeoutError:
        return "nothing"


def _wait_for_worker(lab: Lab, words: str, times: int = 1) -> None:
    """Its log has the words, so many times."""
    wait_until(lambda: text_of(lab, "worker.log").count(words) >= times, START_SECONDS,
               f"the worker says '{words}'")


def _fill_redis(lab: Lab) -> None:
    with _redis(lab) as client:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", "500kb")
    post_webhooks(lab)


def _redis_is_full(lab: Lab) -> None:
    with _redis(lab) as client:
        limit = int(client.config_get("maxmemory")["maxmemory"])
    expect(limit > 0, "a limit of Redis' memory", limit)
    logged(lab, "OOM command not allowed", "backend.log")


def _lock_redis(lab: Lab) -> None:
    with _redis(lab) as client:
        client.config_set("requirepass", OTHER_PASSWORD)
        client.client_kill_filter(_type="normal", skipme=True)
    _wait_for_worker(lab, "Authentication required")


def _redis_wants_password(lab: Lab) -> None:
    said = _ping(lab)
    expect("Authentication required" in said, "'Authentication required'", said)


def _demote_redis(lab: Lab) -> None:
    with _redis(lab) as client:
        client.replicaof("127.0.0.1", lab.addresses.ports["closed"])
    _wait_for_worker(lab, "read only replica")
    post_webhooks(lab)


def _redis_is_replica(lab: Lab) -> None:
    with _redis(lab) as client:
        role = client.info("replication")["role"]
    expect(role == "slave", "a replica", role)


def _shorten_proxy_patience(lab: Lab) -> None:
    lab.config.api_read_timeout = PATIENCE


def _freeze_redis(lab: Lab) -> None:
    path = make_webhook(lab)
    os.kill(lab.services["redis"].pid, signal.SIGSTOP)
    for _ in range(FEW):
        signed_in(lab, path, "POST", "{}", lab.addresses.api)


def _redis_is_silent(lab: Lab) -> None:
    said = _ping(lab)
    expect(said == "nothing", "no answer of Redis", said)
    error_log = (lab.folder / "nginx" / "error.log").read_text()
    expect("upstream timed out" in error_log, "requests that timed out", "none")


def _queue_newer_job(lab: Lab) -> None:
    """As the next version of the backend writes them."""
    job = {"kind": "webhook.received", "board_id": lab.board_id, "webhook_id": lab.board_id,
           "payload": "{}", "attempt": 1}
    with _redis(lab) as client:
        client.lpush("default", json.dumps(job))
    lab.services["worker"].wait_exit(START_SECONDS)


def _worker_died_of_job(lab: Lab) -> None:
    has_ended(lab, "worker", 1)
    logged(lab, "unexpected keyword argument 'attempt'", "worker.log")


def _leave_old_password(lab: Lab) -> None:
    url = lab.config.database_url.replace(lab.passwords.app, OTHER_PASSWORD)
    lab.services["worker"].env["DATABASE_URL"] = url
    lab.restart("worker")
    post_webhooks(lab)
    _wait_for_worker(lab, "queue.worker.failed", FEW)


def _worker_is_refused(lab: Lab) -> None:
    logged(lab, "password authentication failed", "worker.log")
    backend_is_well(lab)


def _gateway_status(lab: Lab) -> Answer:
    return signed_in(lab, "gateways/status", base=lab.addresses.api)


def _freeze_gateway(lab: Lab) -> None:
    os.kill(lab.services["gateway"].pid, signal.SIGSTOP)
    for _ in range(FEW):
        _gateway_status(lab)


def _gateway_is_silent(lab: Lab) -> None:
    answer = _gateway_status(lab)
    expect(answer.status == 504, "504 for the gateway's status", answer)
    silent = is_silent(lab.addresses.gateway.replace("ws:", "http:", 1), SILENCE_SECONDS)
    expect(silent, "no word of the gateway", "an answer")


FAULTS = (
    Fault(
        "redis-full",
        "Redis is at maxmemory with noeviction: jobs are refused, and lost",
        inject=_fill_redis,
        assert_present=_redis_is_full,
        needs=frozenset({"api", "data", "redis"}),
    ),
    Fault(
        "redis-password",
        "Redis wants a password that nobody was told",
        inject=_lock_redis,
        assert_present=_redis_wants_password,
        breaks=frozenset({"redis", "worker"}),
        needs=frozenset({"redis"}),
    ),
    Fault(
        "redis-replica",
        "Redis is a read-only replica since a failover",
        inject=_demote_redis,
        assert_present=_redis_is_replica,
        breaks=frozenset({"worker"}),
        needs=frozenset({"api", "data", "redis"}),
    ),
    Fault(
        "redis-frozen",
        "Redis takes connections and says nothing: webhooks hang",
        prepare=_shorten_proxy_patience,
        inject=_freeze_redis,
        assert_present=_redis_is_silent,
        breaks=frozenset({"redis", "worker"}),
        needs=frozenset({"api", "data", "redis"}),
    ),
    Fault(
        "worker-dies-of-job",
        "the worker is older than the backend: a job's field ends it",
        inject=_queue_newer_job,
        assert_present=_worker_died_of_job,
        breaks=frozenset({"worker"}),
        needs=frozenset({"redis", "worker"}),
    ),
    Fault(
        "worker-old-password",
        "the worker still has the database's old password",
        inject=_leave_old_password,
        assert_present=_worker_is_refused,
        needs=frozenset({"api", "data", "redis", "worker"}),
    ),
    Fault(
        "gateway-frozen",
        "the gateway says nothing: /gateways/status ends in 504",
        prepare=_shorten_proxy_patience,
        inject=_freeze_gateway,
        assert_present=_gateway_is_silent,
        breaks=frozenset({"gateway"}),
        needs=frozenset({"api", "data", "gateway"}),
    ),
)
