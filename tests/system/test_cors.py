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
        assert 'HTTP 501, an HTML page titled "Error response", no CORS' in finding["message"]
        assert "headers, which other answers have" in finding["message"]
        assert "Answer OPTIONS with 2xx" in finding["remedy"]
    with http_server(GET=lambda handler: handler.say(200)) as (base, _):
        finding = the_finding(look(triage, base))
        assert finding["code"] == "cors.disabled"
        assert finding["message"].startswith("OPTIONS: HTTP 501, ")
        assert finding["message"].endswith(", and no answer has a CORS header")
        assert "CORS_ORIGINS" in finding["remedy"], "an error page may well be the API's own"


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
        ran = triage("check", "cors.policy", f"api={base}", "origins=https://bücher.example")
        assert ran.code == 2, ran.out + ran.err
        assert "has one host, a name in ASCII (xn--…)" in " ".join(ran.err.split())
        assert seen == []


def origins(triage, runbook, pages: list[str]) -> str:
    """What validate says of them."""
    ran = triage("validate", runbook(
        '[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "cors.policy"\n'
        f'with = {{ api = ["https://api.example"], origins = {pages} }}\n'
    ))
    return " ".join(ran.err.split())


def test_every_origin_that_browsers_send_is_taken(triage, runbook) -> None:
    assert origins(triage, runbook, [
        "https://a", "HTTPS://A:/", "http://1.2.3.4:65535?x", "http://255.255.255.255",
        "http://a.0xg", "http://1.2.3.4.sslip.io", "http://[::1]:3", "capacitor://localhost",
        "ionic://", "file://", "file:///x", "null", "x://1.2", "http://0x.a", "https://a./",
        "http://a:080", "chrome-extension://abc/popup.html",
    ]) == ""


@pytest.mark.parametrize("page", [
    "http://0x7f.0.0.1", "http://a.1", "http://1.2.3.999", "http://1.2.3", "http://1.2.3.4.",
    "http://01.2.3.4:80", "http://1.2.3.4.5/x", "http://a.b.c.1", "http://1.256.1.1",
    "http://1..1.1", "http://1.2.3.0X4", "http://0X7F000001", "http://9", "http://1.2.3.1000",
    "https://", "https:///x", "http://:80", "http://a:0", "http://a:65536", "x://a:99999",
    "ws://a", "htps://a", "x://u@h", "x://*", "Null", "app.example.com", "x://a b",
])
def test_no_other_is(triage, runbook, page: str) -> None:
    said = origins(triage, runbook, [page])
    is_odd = page in ("Null", "app.example.com")
    assert f"'{page}' {'does not fit' if is_odd else 'is refused: an origin is of http'}" in said


@pytest.mark.parametrize("page", ["null", "tauri://localhost"])
def test_pages_without_a_web_address_are_judged_by_what_they_send(triage, page: str) -> None:
    def answer(handler) -> None:
        asked = handler.headers["Origin"]
        allowed = {"Access_Control_Allow_Origin": page} if asked == page else {}
        handler.say(200, **allowed, Vary="Origin", Access_Control_Allow_Methods="*",
                    Access_Control_Allow_Headers="*, authorization")

    with http_server(GET=answer, OPTIONS=answer) as (base, _):
        assert look(triage, base, page=page, code=0)["findings"] == []
        refused = the_finding(look(triage, base, page="ionic://localhost"))
    assert refused["code"] == "cors.origin-not-allowed"
    assert refused["subject"].startswith("ionic://localhost")


def test_a_lower_case_patch_is_sent_as_it_is_written(triage) -> None:
    def answer(handler) -> None:
        handler.say(200, Access_Control_Allow_Origin=PAGE, Vary="Origin",
                    Access_Control_Allow_Methods="PATCH, DELETE",
                    Access_Control_Allow_Headers="authorization, content-type")

    with http_server(GET=answer, OPTIONS=answer) as (base, seen):
        assert look(triage, base, "methods=get,post,delete", code=0)["findings"] == []
        assert {"OPTIONS GET", "OPTIONS POST", "OPTIONS DELETE"} <= set(seen)
        finding = the_finding(look(triage, base, "methods=patch,DELETE"))
        assert "OPTIONS patch" in seen
    assert finding["code"] == "cors.method-not-allowed"
    assert "preflight for patch" in finding["message"]
    assert finding["remedy"].startswith("Write PATCH in the page's code")


def test_three_pages_are_one_finding(triage) -> None:
    pages = "http://a.example,http://b.example,http://c.example"
    with http_server(GET=lambda h: h.say(401), OPTIONS=lambda h: h.say(405)) as (base, _):
        finding = the_finding(look(triage, base, page=pages))
    assert finding["message"].startswith("for all 3 origins: OPTIONS: HTTP 405")
    assert finding["evidence"]["origins"] == pages.replace(",", "\n")


def test_silence_for_all_of_the_checks_time_is_a_finding(triage, server: Server) -> None:
    url = server.on("/", server.hang).removesuffix("/")
    arguments = (f"api={url}", f"origins={PAGE}", "timeout=1s", "--timeout", "1s", "-f", "json")
    ran = triage("check", "cors.policy", *arguments)
    assert ran.code == 1, ran.out + ran.err
    assert the_finding(ran.json()["results"][0])["code"] == "cors.no-answer"


def test_a_request_that_is_cut_off_is_no_finding(triage) -> None:
    closing = threading.Event()

    def slow(handler) -> None:
        closing.wait(1.2)
        handler.say(
            200,
            Access_Control_Allow_Origin="*",
            Access_Control_Allow_Methods="*",
            Access_Control_Allow_Headers="authorization",
        )

    pages = "http://a.example,http://b.example"
    with http_server(GET=slow, OPTIONS=slow) as (base, _):
        arguments = (f"api={base}", f"origins={pages}", "timeout=2s", "headers=authorization")
        ran = triage("check", "cors.policy", *arguments, "--timeout", "2s", "-f", "json")
        closing.set()
    assert ran.code == 3, ran.out + ran.err
    [result] = ran.json()["results"]
    assert [f["code"] for f in result["findings"] if f["weight"] == "fail"] == []
    assert "the check's own time was over" in result["summary"]


def test_a_body_that_never_ends_is_not_waited_for(triage) -> None:
    closing = threading.Event()

    def stream(handler) -> None:
        handler.send_response(200)
        handler.send_header("Access-Control-Allow-Origin", "*")
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        handler.wfile.write(b"data: first\n\n")
        handler.wfile.flush()
        closing.wait()

    with http_server(GET=stream) as (base, _):
        try:
            started = time.monotonic()
            result = look(triage, base, "methods=GET", "headers=accept", code=0)
            assert time.monotonic() - started < 2
        finally:
            closing.set()
    assert result["summary"].startswith("1 of 1 page/API pairs work")


def test_one_origin_is_asked_for_an_answer_only(triage) -> None:
    with http_server(GET=lambda handler: handler.say(401)) as (base, seen):
        result = look(triage, base, page=base, code=0)
        assert seen == ["GET -"]
        assert "the same origin" in result["summary"] and "GET: HTTP 401" in result["summary"]
    assert the_finding(look(triage, base, page=base))["code"] == "cors.no-answer"


def test_the_ui_in_place_of_the_api_is_named(triage) -> None:
    def page(handler) -> None:
        body = b"<!DOCTYPE html><title>Mission Control</title>"
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with http_server(GET=page, OPTIONS=page) as (base, _):
        finding = the_finding(look(triage, base))
    assert finding["code"] == "cors.disabled"
    assert 'HTTP 200, an HTML page titled "Mission Control"' in finding["message"]


def test_a_name_that_has_no_address_ends_like_any_other(triage) -> None:
    ran = triage("check", "cors.policy", "api=http://api.invalid", f"origins={PAGE}", "-f", "json")
    assert ran.code in (1, 3), "a finding, or an error where no name service is within reach"
    assert "api.invalid" in str(ran.json()["results"])
