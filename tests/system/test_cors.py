"""cors.policy against real servers that do what middleware, proxies and broken APIs do."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from servers import Server

PAGE = "http://app.example.com"


def look(triage, base: str, *more: str, page: str = PAGE, code: int = 1) -> dict:
    """The only check's result."""
    arguments = [f"api={base}", f"origins={page}", *more]
    ran = triage("check", "cors.policy", *arguments, "--timeout", "5s", "-f", "json")
    assert ran.code == code, ran.out + ran.err
    return ran.json()["results"][0]


def the_finding(result: dict) -> dict:
    [finding] = [f for f in result["findings"] if f["weight"] == "fail"]
    return finding


@contextmanager
def http_server(**methods: Callable) -> Iterator[tuple[str, list[str]]]:
    """Python's http.server: it says 501 to methods that it has no function for."""
    seen: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def parse_request(self) -> bool:
            good = super().parse_request()
            seen.append(f"{self.command} {self.headers.get('Access-Control-Request-Method', '-')}")
            return good

        def say(self, status: int, **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    for method, function in methods.items():
        setattr(Handler, f"do_{method}", function)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def open_to_all(handler) -> None:
    handler.say(200, Access_Control_Allow_Origin="*")


def test_a_server_that_knows_no_options(triage) -> None:
    with http_server(GET=open_to_all) as (base, _):
        finding = the_finding(look(triage, base))
        assert finding["code"] == "cors.preflight-status"
        assert "HTTP 501, no CORS headers, which other answers have" in finding["message"]
        assert "Answer OPTIONS with 2xx" in finding["remedy"]
    with http_server(GET=lambda handler: handler.say(200)) as (base, _):
        finding = the_finding(look(triage, base))
        assert finding["code"] == "cors.disabled"
        assert finding["message"] == "OPTIONS: HTTP 501, and no answer has a CORS header"


def test_calls_without_preflight(triage) -> None:
    simple = ("methods=GET,POST", "headers=accept,content-type: text/plain")
    with http_server(GET=open_to_all) as (base, seen):
        result = look(triage, base, *simple, code=0)
        assert seen == ["GET -", "GET -"], "no OPTIONS"
    assert "1 of 1 page/API pairs work, no preflight needed" in result["summary"]


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (401, "without authentication"),
        (404, "Give the check a path"),
        (429, "out of the rate limit"),
    ],
)
def test_what_comes_before_the_cors_rules(triage, status: int, remedy: str) -> None:
    with http_server(GET=lambda h: h.say(status), OPTIONS=lambda h: h.say(status)) as (base, seen):
        finding = the_finding(look(triage, base))
        assert finding["code"] == "cors.preflight-status"
        assert f"HTTP {status}, no CORS headers, nor on GET" in finding["message"]
        assert remedy in finding["remedy"]
        assert len(seen) == 6, "four preflights, the call, the control"


def test_the_preflight_that_breaks_off_is_named(triage) -> None:
    def preflight(handler) -> None:
        if handler.headers["Access-Control-Request-Method"] == "DELETE":
            handler.close_connection = True
            return
        handler.say(
            204,
            Access_Control_Allow_Origin="*",
            Access_Control_Allow_Methods="*",
            Access_Control_Allow_Headers="authorization,content-type",
        )

    with http_server(GET=open_to_all, OPTIONS=preflight) as (base, _):
        finding = the_finding(look(triage, base, "path=/v1/things"))
    assert finding["code"] == "cors.no-answer"
    assert finding["message"].startswith("preflight for DELETE: connection closed by 127.0.0.1")
    assert finding["evidence"]["request"] == f"OPTIONS {base}/v1/things"
    assert finding["evidence"]["origin"] == PAGE


def test_silence_costs_one_timeout(triage, server: Server) -> None:
    url = server.on("/", server.hang).removesuffix("/")
    started = time.monotonic()
    pages = "http://a.example,http://b.example,http://c.example"
    result = look(triage, url, "timeout=1s", page=pages)
    assert time.monotonic() - started < 4, "not one after another"
    finding = the_finding(result)
    assert finding["code"] == "cors.no-answer"
    assert "2 more origins were not asked then" in finding["message"]


def test_a_variant_that_hangs_costs_only_itself(triage) -> None:
    closing = threading.Event()

    def refuse(handler) -> None:
        if handler.headers["Origin"] not in (PAGE, "https://triage.invalid"):
            closing.wait()
        handler.say(400, Access_Control_Allow_Credentials="true")

    with http_server(GET=refuse, OPTIONS=refuse) as (base, _):
        try:
            finding = the_finding(look(triage, base))
        finally:
            closing.set()
    assert finding["code"] == "cors.origin-not-allowed"
    assert finding["evidence"]["variants"] == "not all looked for"


def test_what_is_no_origin_is_never_sent(triage) -> None:
    with http_server(GET=open_to_all) as (base, seen):
        result = look(triage, base, page="https://bücher.example", code=3)
        assert result["verdict"] == "error"
        assert "write https://xn--bcher-kva.example" in result["summary"]
        assert seen == []


def test_three_pages_are_one_finding(triage) -> None:
    pages = "http://a.example,http://b.example,http://c.example"
    with http_server(GET=lambda h: h.say(401), OPTIONS=lambda h: h.say(405)) as (base, _):
        finding = the_finding(look(triage, base, page=pages))
    assert finding["message"].startswith("for all 3 origins: OPTIONS: HTTP 405")
    assert finding["evidence"]["origins"] == pages.replace(",", "\n")
