"""The backend that is up behaves as the real one was measured to."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Iterator

import pytest
from stack import postgres
from stack.client import Answer, fetch, is_silent, open_connection
from stack.config import APP_ROLE
from stack.health import probe
from stack.lab import Lab
from stack.waiting import wait_until

HEX_ID = re.compile(r"[0-9a-f]{32}")
ALL_METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
IDLE = (
    "SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND state = 'idle in transaction'"
)


def api(lab: Lab, path: str, method: str = "GET", **headers: str) -> Answer:
    return fetch(f"{lab.addresses.api_direct}/api/v1/{path}", method, headers)


def signed_in(lab: Lab, path: str, **headers: str) -> Answer:
    return api(lab, path, **lab.authorization(), **headers)


def post(lab: Lab, path: str, values: dict[str, str]) -> Answer:
    headers = {"Content-Type": "application/json", **lab.authorization()}
    return fetch(f"{lab.addresses.api_direct}/api/v1/{path}", "POST", headers, json.dumps(values))


@pytest.mark.parametrize("path", ["/health", "/healthz", "/readyz"])
def test_head_is_not_allowed(lab: Lab, path: str) -> None:
    assert fetch(lab.addresses.api_direct + path, "HEAD").status == 405


def test_no_token_is_401_with_a_request_id(lab: Lab) -> None:
    answer = api(lab, "boards")
    assert answer.status == 401
    assert answer.json() == {
        "detail": "Unauthorized", "request_id": answer.header("x-request-id")
    }
    assert HEX_ID.fullmatch(answer.json()["request_id"])
    assert answer.header("www-authenticate") is None


def test_token_of_another_key_is_401(lab: Lab) -> None:
    head, body, signature = lab.clerk.token.split(".")
    forged = ".".join((head, body, signature[::-1]))
    assert api(lab, "boards", Authorization=f"Bearer {forged}").status == 401


def test_preflight_of_an_allowed_origin(lab: Lab) -> None:
    answer = preflight(lab, lab.addresses.ui)
    assert (answer.status, answer.body) == (200, b"OK")
    assert cors_headers(answer) == {
        "allow-origin": lab.addresses.ui,
        "allow-credentials": "true",
        "allow-methods": ALL_METHODS,
        "allow-headers": "authorization,content-type",
        "max-age": "600",
    }
    assert answer.header("vary") == "Origin"


@pytest.mark.parametrize("template", ["{}/", "https://triage.invalid"])
def test_preflight_of_another_origin(lab: Lab, template: str) -> None:
    answer = preflight(lab, template.format(lab.addresses.ui))
    assert (answer.status, answer.body) == (400, b"Disallowed CORS origin")
    assert "allow-origin" not in cors_headers(answer)
    assert cors_headers(answer)["allow-methods"] == ALL_METHODS


def test_preflight_of_a_bad_method(lab: Lab) -> None:
    answer = preflight(lab, lab.addresses.ui, method="TRACE")
    assert (answer.status, answer.body) == (400, b"Disallowed CORS method")
    assert cors_headers(answer)["allow-origin"] == lab.addresses.ui


def test_simple_requests(lab: Lab) -> None:
    allowed = signed_in(lab, "boards", Origin=lab.addresses.ui)
    assert cors_headers(allowed) == {
        "allow-origin": lab.addresses.ui,
        "allow-credentials": "true",
        "expose-headers": "X-Total-Count, X-Limit, X-Offset",
    }
    assert allowed.header("vary") == "Origin"
    other = signed_in(lab, "boards", Origin="https://triage.invalid")
    assert set(cors_headers(other)) == {"allow-credentials", "expose-headers"}
    assert other.header("vary") is None


def preflight(lab: Lab, origin: str, method: str = "GET") -> Answer:
    return api(lab, "boards", "OPTIONS", **{
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    })


def cors_headers(answer: Answer) -> dict[str, str]:
    prefix = "access-control-"
    return {
        name.lower().removeprefix(prefix): value
        for name, value in answer.headers.items()
        if name.lower().startswith(prefix)
    }


def test_a_500_has_no_cors_headers_and_is_logged_twice(lab: Lab) -> None:
    answer = signed_in(lab, "boards/notauuid", Origin=lab.addresses.ui)
    request_id = answer.header("x-request-id")
    assert answer.status == 500
    assert answer.json() == {"detail": "Internal Server Error", "request_id": request_id}
    assert cors_headers(answer) == {}
    out, err = lab.log("backend.log"), lab.log("backend.err")
    text = "badly formed hexadecimal UUID string"
    wait_until(lambda: text in err.read_text(), 5, "the second traceback")
    assert re.search(
        r"ERROR app\.core\.error_handling unhandled_exception app=mission-control version=\S+\n"
        r"Traceback (?s:.)*\n.* request_id=" + request_id
        + r" method=GET path=/api/v1/boards/notauuid\n",
        out.read_text(),
    )
    assert "Exception in ASGI application" in err.read_text()


def test_request_lines(lab: Lab) -> None:
    request_id = api(lab, "gateways").header("x-request-id")
    log = lab.log("backend.log")
    line = re.compile(
        r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} WARNING app\.core\.error_handling"
        r" http\.request\.complete app=mission-control version=0\.1\.0 method=GET"
        r" path=/api/v1/gateways status_code=401 duration_ms=\d+ client_ip=127\.0\.0\.1"
        rf" request_id={request_id}$", re.MULTILINE)
    wait_until(lambda: bool(line.search(log.read_text())), 5, "the request's line")
    access = r'^INFO:     127\.0\.0\.1:\d+ - "GET /api/v1/gateways HTTP/1\.1" 401 Unauthorized$'
    assert re.search(access, log.read_text(), re.MULTILINE)


def idle_sessions(lab: Lab) -> int:
    [(count,)] = postgres.query(lab.admin_url(), IDLE, APP_ROLE)
    return count


def test_a_stream_holds_a_connection_until_it_is_closed(lab: Lab) -> None:
    path = f"/api/v1/boards/{lab.board_id}/tasks/stream"
    connection = open_connection(lab.addresses.api_direct)
    connection.request("GET", path, headers=lab.authorization())
    response = connection.getresponse()
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.readline() == b"event: tick\n"
    assert idle_sessions(lab) == 1
    response.close()
    connection.close()
    wait_until(lambda: idle_sessions(lab) == 0, 10, "the connection is given back")


def test_agents_attempts_are_limited(lab: Lab) -> None:
    answers = [api(lab, "agent/me", **{"X-Agent-Token": "wrong"}) for _ in range(21)]
    assert [answer.status for answer in answers] == [401] * 20 + [429]
    assert answers[-1].json()["detail"] == "Too Many Requests"
    assert answers[-1].header("retry-after") is None


def test_a_webhook_reaches_the_activity_feed_through_the_worker(lab: Lab) -> None:
    webhook = post(lab, f"boards/{lab.board_id}/webhooks", {}).json()["id"]
    answer = post(lab, f"boards/{lab.board_id}/webhooks/{webhook}", {"any": "thing"})
    assert (answer.status, answer.json()) == (202, {"queued": True})

    def is_listed() -> bool:
        items = signed_in(lab, "activity").json()["items"]
        return any(webhook in item["message"] for item in items)

    wait_until(is_listed, 10, "the delivery is in the activity feed")


@pytest.fixture
def schema_behind(lab: Lab) -> Iterator[None]:
    """The database as an older revision left it, for a moment."""
    postgres.query(lab.app_url(), "ALTER TABLE boards DROP COLUMN organization")
    yield
    added = "ALTER TABLE boards ADD organization text NOT NULL DEFAULT 'default'"
    postgres.query(lab.app_url(), added)


def test_a_schema_behind_the_code(lab: Lab, schema_behind: None) -> None:
    assert fetch(lab.addresses.api_direct + "/readyz").status == 200
    assert signed_in(lab, "boards").status == 500
    assert probe(lab).status == 500
    text = "sqlalchemy.exc.ProgrammingError: (psycopg.errors.UndefinedColumn) column "
    wait_until(lambda: text in lab.log("backend.err").read_text(), 5, text)


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ("pairing", "received 1008 (policy violation) pairing required"),
        ("scope", "Gateway token is missing required scope `operator.read`"),
        ("old", "Gateway version 2026.01.30 is not supported"),
    ],
)
def test_gateway_status_says_why(
    lab: Lab, gateway: Callable[[str], None], behaviour: str, error: str
) -> None:
    gateway(behaviour)
    status = signed_in(lab, "gateways/status")
    assert status.status == 200
    assert status.json()["connected"] is False
    assert error in status.json()["error"]


@pytest.fixture
def gateway(lab: Lab) -> Iterator[Callable[[str], None]]:
    """Gives the gateway another behaviour for one test."""

    def behave(behaviour: str) -> None:
        lab.services["gateway"].argv[-1] = behaviour
        lab.restart("gateway")

    yield behave
    behave("ok")


def test_gateway_connected(lab: Lab) -> None:
    status = signed_in(lab, "gateways/status").json()
    assert (status["connected"], status["version"]) == (True, "2026.02.17")


def test_gateway_refused(lab: Lab, gateway: Callable[[str], None]) -> None:
    lab.services["gateway"].stop()
    assert "[Errno 111] Connect call failed" in signed_in(lab, "gateways/status").json()["error"]


def test_a_silent_gateway_holds_the_caller(lab: Lab, gateway: Callable[[str], None]) -> None:
    gateway("silent")
    url = lab.addresses.api_direct + "/api/v1/gateways/status"
    assert is_silent(url, 1.0, headers=lab.authorization())


def test_gateway_refuses_a_wrong_token(lab: Lab) -> None:
    change = "UPDATE gateways SET token = %s"
    postgres.query(lab.app_url(), change, "wrong")
    try:
        error = signed_in(lab, "gateways/status").json()["error"]
    finally:
        postgres.query(lab.app_url(), change, lab.passwords.gateway)
    assert error == "server rejected WebSocket connection: HTTP 401"


def test_proxy_made_502_has_no_request_id(lab: Lab) -> None:
    lab.services["backend"].stop()
    try:
        answer = fetch(lab.addresses.api + "/healthz")
    finally:
        lab.restart("backend")
    assert (answer.status, answer.header("x-request-id")) == (502, None)
    assert http.client.responses[502].encode() in answer.body
