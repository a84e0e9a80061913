"""The backend and the worker under other settings: how they start, and how they fail to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from conftest import Spare
from stack import postgres
from stack.client import fetch, is_silent
from stack.config import APP_ROLE
from stack.lab import Lab
from stack.waiting import wait_until

LOCAL_TOKEN = "lab-" + "t" * 60
STARVING_CALLS = 45
Start = Callable[..., Spare]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"CLERK_SECRET_KEY": " "},
            "Value error, CLERK_SECRET_KEY must be set and non-empty when AUTH_MODE=clerk.",
        ),
        (
            {"AUTH_MODE": "local", "LOCAL_AUTH_TOKEN": "change-me" * 9},
            "Value error, LOCAL_AUTH_TOKEN must be at least 50 characters and non-placeholder"
            " when AUTH_MODE=local.",
        ),
        ({"BASE_URL": ""}, "Value error, BASE_URL must be set and non-empty."),
        (
            {"AUTH_MODE": ""},
            "auth_mode\n  Input should be 'clerk' or 'local' [type=enum, input_value=''",
        ),
        (
            {"RATE_LIMIT_BACKEND": "redis", "RQ_REDIS_URL": ""},
            "Value error, RATE_LIMIT_REDIS_URL or RQ_REDIS_URL must be set and non-empty"
            " when RATE_LIMIT_BACKEND=redis.",
        ),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_refused_settings(spare_backend: Start, changes: dict[str, str], text: str) -> None:
    spare = spare_backend(**changes)
    assert spare.wait_exit() == 1
    assert "ValidationError: 1 validation error for Settings\n" in spare.err
    assert text in spare.err
    assert "INFO" not in spare.out + spare.err


def dsn(lab: Lab, **parts: str) -> str:
    """The app's DATABASE_URL with some parts replaced."""
    values = {
        "password": lab.passwords.app,
        "host": f"127.0.0.1:{lab.addresses.ports['postgres']}",
        "database": "mission_control",
        **parts,
    }
    return "postgresql+psycopg://{}:{password}@{host}/{database}".format(APP_ROLE, **values)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"password": "wrong"}, f'FATAL:  password authentication failed for user "{APP_ROLE}"'),
        ({"database": "nope"}, 'FATAL:  database "nope" does not exist'),
        (
            {"host": "db:5432"},
            "(psycopg.OperationalError) failed to resolve host 'db': [Errno -2] Name or service"
            " not known",
        ),
    ],
    ids=["password", "database", "host"],
)
def test_unusable_database(
    lab: Lab, spare_backend: Start, parts: dict[str, str], text: str
) -> None:
    spare = spare_backend(DATABASE_URL=dsn(lab, **parts))
    assert spare.wait_exit() == 3
    assert "sqlalchemy.exc.OperationalError: (psycopg.OperationalError) " in spare.err
    assert text in spare.err
    assert spare.err.endswith("ERROR:    Application startup failed. Exiting.\n")


def test_rollback_with_the_database_ahead(lab: Lab, spare_backend: Start) -> None:
    set_revision = "UPDATE alembic_version SET version_num = %s"
    [(head,)] = postgres.query(lab.app_url(), "SELECT version_num FROM alembic_version")
    postgres.query(lab.app_url(), set_revision, "feedfacecafe")
    try:
        spare = spare_backend()
        assert spare.wait_exit() == 3
    finally:
        postgres.query(lab.app_url(), set_revision, head)
    assert "Can't locate revision identified by 'feedfacecafe'" in spare.err
    assert spare.err.endswith("ERROR:    Application startup failed. Exiting.\n")


@pytest.fixture
def empty_database(lab: Lab) -> Iterator[str]:
    """A database without tables; yields its DATABASE_URL."""
    postgres.query(lab.admin_url(), f"CREATE DATABASE fresh OWNER {APP_ROLE}")
    yield dsn(lab, database="fresh")
    postgres.query(lab.admin_url(), "DROP DATABASE fresh WITH (FORCE)")


def test_migrations_are_logged(spare_backend: Start, empty_database: str) -> None:
    log = spare_backend(DATABASE_URL=empty_database).wait_ready().out
    messages = re.findall(r"INFO \S+ (.*) app=mission-control", log)
    upgrades = [text for text in messages if text.startswith("Running upgrade ")]
    assert len(upgrades) == 4
    assert re.fullmatch(r"Running upgrade  -> [0-9a-f]{12}, initial schema", upgrades[0])
    begun = messages.index("Running database migrations.")
    complete = messages.index("Database migrations complete.")
    assert begun < messages.index(upgrades[0]) < messages.index(upgrades[-1]) < complete


def test_empty_database_without_migrations(spare_backend: Start, empty_database: str) -> None:
    spare = spare_backend(DATABASE_URL=empty_database, DB_AUTO_MIGRATE="false")
    assert spare.wait_exit() == 3
    assert "(psycopg.errors.UndefinedTable)" in spare.err


def test_no_origins_no_cors(lab: Lab, spare_backend: Start) -> None:
    spare = spare_backend(CORS_ORIGINS="").wait_ready()
    headers = {"Origin": lab.addresses.ui, "Access-Control-Request-Method": "GET"}
    answer = fetch(spare.url + "/api/v1/boards", "OPTIONS", headers)
    assert (answer.status, answer.header("allow")) == (405, "GET")
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert "app.cors.disabled" in spare.out


def test_any_origin(spare_backend: Start) -> None:
    spare = spare_backend(CORS_ORIGINS="*").wait_ready()
    plain = fetch(spare.url + "/healthz", headers={"Origin": "https://any.test"})
    assert plain.header("access-control-allow-origin") == "*"
    assert plain.header("vary") is None
    with_cookie = {"Origin": "https://any.test", "Cookie": "a=b"}
    echoed = fetch(spare.url + "/healthz", headers=with_cookie)
    assert echoed.header("access-control-allow-origin") == "https://any.test"
    assert echoed.header("vary") == "Origin"


def test_json_log_is_a_mixed_stream(spare_backend: Start) -> None:
    spare = spare_backend(LOG_FORMAT="json", REQUEST_LOG_SLOW_MS="0").wait_ready()
    request_id = fetch(spare.url + "/healthz").header("x-request-id")
    wait_until(lambda: "http.request.slow" in spare.out, 5, "the line of a slow request")
    lines = spare.out.splitlines()
    slow = next(json.loads(line) for line in lines if "http.request.slow" in line)
    assert list(slow)[:4] == ["timestamp", "level", "logger", "message"]
    assert slow["timestamp"].endswith("+00:00") and slow["level"] == "WARNING"
    assert (slow["status_code"], slow["slow_threshold_ms"]) == (200, 0)
    assert slow["request_id"] == request_id
    assert any(line.startswith("INFO:     127.0.0.1:") for line in lines)


def test_local_token(spare_backend: Start) -> None:
    spare = spare_backend(AUTH_MODE="local", LOCAL_AUTH_TOKEN=LOCAL_TOKEN).wait_ready()
    statuses = [
        fetch(spare.url + "/api/v1/boards", headers={"Authorization": f"Bearer {token}"}).status
        for token in (LOCAL_TOKEN, LOCAL_TOKEN + "x")
    ]
    assert statuses == [200, 401]


def test_unreachable_clerk_starves_the_thread_pool(lab: Lab, spare_backend: Start) -> None:
    spare = spare_backend(CLERK_API_URL=lab.addresses.closed).wait_ready()
    url = spare.url + "/api/v1/boards"
    assert is_silent(url, 0.5, headers=lab.authorization())
    assert fetch(spare.url + "/healthz").status == 200
    for _ in range(STARVING_CALLS):
        assert is_silent(url, 0.01, headers=lab.authorization())
    assert is_silent(spare.url + "/healthz", 1.0)
    assert fetch(spare.url + "/openapi.json").status == 200


def test_worker_without_redis_floods_its_log(lab: Lab, spare_worker: Start) -> None:
    port = lab.addresses.ports["closed"]
    spare = spare_worker(RQ_REDIS_URL=f"redis://127.0.0.1:{port}/0")
    wait_until(lambda: spare.out.count("queue.worker.dequeue_failed") > 100, 10, "a flood")
    spare.service.stop()
    error = f"redis.exceptions.ConnectionError: Error 111 connecting to 127.0.0.1:{port}."
    assert error in spare.out


def test_webhook_without_redis_is_accepted(lab: Lab, spare_backend: Start) -> None:
    url = f"redis://127.0.0.1:{lab.addresses.ports['closed']}/0"
    spare = spare_backend(RQ_REDIS_URL=url).wait_ready()
    hooks = f"{spare.url}/api/v1/boards/{lab.board_id}/webhooks"
    headers = {"Content-Type": "application/json", **lab.authorization()}
    webhook = fetch(hooks, "POST", headers, "{}").json()["id"]
    answer = fetch(f"{hooks}/{webhook}", "POST", body="{}")
    assert (answer.status, answer.json()) == (202, {"queued": False})
    assert "rq.queue.enqueue_failed" in spare.out
