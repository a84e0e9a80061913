"""health against real servers: what was not looked at is never green, what is ours never red."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from servers import Server, answer


def from_app(status: str, body: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\nX-Request-Id: f0c4\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


def api(server: Server) -> Server:
    """As health.pattern wants it, but for the database, which is down: the probe would be a 500."""
    for path in ("/healthz", "/readyz"):
        server.on(path, answer(from_app("200 OK", '{"ok":true}')))
    server.on("/openapi.json", answer(from_app("200 OK", "{}")))
    server.on("/api/v1/boards", answer(from_app("401 Unauthorized", "{}")))
    nil = "00000000-0000-0000-0000-000000000000"
    server.on(f"/api/v1/boards/{nil}/webhooks/{nil}", answer(from_app("500 Oh", "{}")))
    return server


def pattern(runbook, server: Server, extra: str = "") -> Path:
    return runbook(
        f'{extra}\n[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "health.pattern"\n'
        f'with.base = "{server.url("")}"\n'
    )


def test_a_handshake_without_an_answer_is_no_matter_of_the_database(triage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the kernel accepts, nobody answers
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        ran = triage("check", "health.endpoint", f"url={url}", "timeout=300ms", "-f", "json")
    (result,) = ran.results().values()
    (finding,) = result["findings"]
    assert (finding["code"], result["verdict"]) == ("health.no-answer", "fail")
    assert "waiting for the TLS handshake" in finding["message"]
    assert "whether this port speaks TLS at all" in finding["remedy"]


def test_a_database_probe_without_permission_is_no_pass(triage, runbook, server: Server) -> None:
    ran = triage("run", pattern(runbook, api(server)), "-f", "json")
    result = ran.results()["it"]
    assert (ran.code, result["verdict"], result["findings"]) == (3, "error", [])
    assert "no permission to POST /api/v1/boards/" in result["summary"]
    assert 'health = { write = ["POST ' in result["remedy"], "what to do is no part of the reason"
    assert "[allow]" not in result["summary"]
    assert "db-probe = false" in result["summary"]
    assert not any(request.startswith(b"POST") for request in server.requests)


def test_a_grant_that_is_missing_is_told_before_the_run(triage, runbook, server: Server) -> None:
    allow = 'allow.health = { write = ["POST /api/v1/boards/*/webhooks/*"] }'
    for command in ("validate", "plan"):
        said = " ".join(triage(command, pattern(runbook, server)).err.split())
        assert "missing here: health.pattern will send POST /api/v1/boards/" in said
        granted = triage(command, pattern(runbook, server, allow))
        assert (granted.code, granted.err) == (0, "")
    book = pattern(runbook, server)
    book.write_text(book.read_text() + "with.db-probe = false\n")
    assert triage("validate", book).code == 0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("api-status = 1000", "'api-status': 1000 is more than 599"),
        ("db-probe-status = 42", "'db-probe-status'"),
        ('healthz-path = "healthz"', "'healthz-path'"),
        ('more-api-paths = ["/a", "b"]',
         "'more-api-paths': 'b' does not fit; expected something like \"/api/v1/agents\""),
        ('request-id-header = "x y"', "'request-id-header'"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_runs(
    triage, runbook, server: Server, value: str, words: str
) -> None:
    book = pattern(runbook, server)
    book.write_text(f"{book.read_text()}with.db-probe = false\nwith.{value}\n")
    ran = triage("validate", book)
    assert ran.code == 2
    assert words in " ".join(ran.err.split())


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "health.foreign-service"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "health.foreign-service"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", "health.api-broken"),
        (b"HTTP/1.1 200 OK\r\nContent-Len", "health.api-broken"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "health.api-broken"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}", "health.api-broken"),
        (b"", "health.api-broken"),
    ],
)
def test_what_breaks_off_is_no_other_service(
    triage, runbook, server: Server, raw: bytes, code: str
) -> None:
    for path in ("/healthz", "/readyz", "/openapi.json", "/api/v1/boards"):
        server.on(path, answer(raw))
    book = pattern(runbook, server)
    book.write_text(book.read_text() + "with.db-probe = false\n")
    result = triage("run", book, "-f", "json").results()["it"]
    assert [f["code"] for f in result["findings"]] == [code], result


def test_what_the_other_requests_find_stays_a_failure(triage, runbook, server: Server) -> None:
    api(server).on("/api/v1/boards", answer(from_app("500 Oh", "{}")))
    ran = triage("run", pattern(runbook, server), "-f", "json")
    result = ran.results()["it"]
    assert (ran.code, [f["code"] for f in result["findings"]]) == (1, ["health.api-5xx"])


def test_with_permission_the_database_is_seen(triage, runbook, server: Server) -> None:
    allow = 'allow.health = { write = ["POST /api/v1/boards/*/webhooks/*"] }'
    ran = triage("run", pattern(runbook, api(server), allow), "-f", "json")
    assert [f["code"] for f in ran.results()["it"]["findings"]] == ["health.db-probe-5xx"]


def endpoint(triage, runbook, url: str, extra: str = "") -> tuple[int, dict]:
    book = (
        f'[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "health.endpoint"\n'
        f'[step.check.with]\nurl = "{url}"\n{extra}\n'
    )
    ran = triage("run", runbook(book), "-f", "json")
    return ran.code, ran.results()["it"]


def test_more_headers_than_a_plugin_gets_are_said(triage, runbook, server: Server) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + b"a:\r\n" * 1001 + b"Content-Length: 0\r\n\r\n"
    code, result = endpoint(triage, runbook, server.on("/", answer(head)))
    assert (code, result["verdict"]) == (1, "fail")
    assert "more than 500 response headers" in result["findings"][0]["message"]


@pytest.mark.parametrize(
    ("raw", "code", "words"),
    [
        (b"HTTP/1.1 302 F\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
         "health.redirect", "redirects to itself"),
        (b"HTTP/1.1 302 F\r\nLocation: gopher://h/\r\nContent-Length: 0\r\n\r\n",
         "health.redirect", "the Location that http://127.0.0.1:"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: minus\r\n\r\n",
         "health.bad-http", "Content-Length"),
        (b"HTTP/1.1 200 OK\r\n" + b"a: " + b"x" * 60000 + (b"\r\nb: " + b"x" * 60000) * 5,
         "health.bad-http", "more than 256 KiB of headers"),
        (b"SSH-2.0-OpenSSH_9.2\r\n",
         "health.not-http", 'does not speak HTTP: its answer starts with "SSH-2.0-OpenSSH_9.2'),
    ],
    ids=lambda value: str(value)[:40],  # it goes into the environment, where 128 KiB are the end
)
def test_what_is_wrong_with_an_answer_is_said(
    triage, runbook, server: Server, raw: bytes, code: str, words: str
) -> None:
    url = server.on("/", answer(raw))
    exit_code, result = endpoint(triage, runbook, url, "redirects = 20")
    assert (exit_code, [f["code"] for f in result["findings"]]) == (1, [code])
    assert words in result["findings"][0]["message"]


def test_a_body_that_was_cut_is_too_large_and_nothing_else(
    triage, runbook, server: Server
) -> None:
    url = server.on("/", answer(from_app("200 OK", '{"ok":true}')))
    extra = 'max-body = 5\ncontains = ["true"]\njson = { "/ok" = true }'
    _, result = endpoint(triage, runbook, url, extra)
    assert [f["code"] for f in result["findings"]] == ["health.too-large"]


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("status = []", "'status' has 0 items; expected at least 1"),
        ("status = [42]", "42 is less than 100"),
        ("status = [200, 1000]", "1000 is more than 999"),
        ('contains = [""]', "'' does not fit; expected something like"),
        ('json = { ok = true }', "'ok' does not fit; expected: JSON Pointers, such as \"/ok\""),
        ('version-pointer = "version"', "does not fit; expected something like \"/version\""),
        ('require-header = ["x request"]', "expected something like \"x-request-id\""),
        ('expect-headers = { x = "a " }', "'a ' is refused: the value of a header is one line"),
        ('expect-headers = { x = "a\\nb" }', "is refused: the value of a header is one line, and"),
        ('expect-headers = { "" = "*" }', "the key '' does not fit; expected: Headers"),
        ('method = "HEAD"\nbody = "x"', "'body' makes no sense where 'method' is HEAD"),
        ('method = "HEAD"\ncontains = ["x"]', "'contains' makes no sense where"),
        ('method = "HEAD"\njson = { "/ok" = true }', "'json' makes no sense where"),
        ('method = "HEAD"\nversion-pointer = "/v"', "'version-pointer' makes no sense where"),
    ],
)
def test_wrong_parameters_are_told_before_anything_runs(
    triage, runbook, server: Server, extra: str, words: str
) -> None:
    book = (
        f'[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "health.endpoint"\n'
        f'[step.check.with]\nurl = "{server.url()}"\n{extra}\n'
    )
    ran = triage("run", runbook(book))
    assert ran.code == 2
    assert words in " ".join(ran.err.split())
    assert not server.requests


def test_text_of_the_command_line_is_what_it_looks_like(triage, server: Server) -> None:
    def check(*expected: str) -> int:
        return triage("check", "health.endpoint", f"url={server.url()}", *expected).code

    assert check("json./ok=true") == 0
    assert check('json./ok="true"') == 1
    assert check("json./ok=false") == 1


@pytest.mark.parametrize(
    ("answers", "verdict", "counts"),
    [
        ("200 500 200", "warn", "flapping, 2 of 3 attempts passed: "),
        ("500 200 500", "fail", "flapping, 1 of 3 attempts passed: "),
        ("500 500", "fail", "500 in "),
    ],
)
def test_what_comes_and_goes_is_told_with_counts(
    triage, runbook, server: Server, answers: str, verdict: str, counts: str
) -> None:
    left = [from_app(f"{status} X", "{}") for status in answers.split()]
    url = server.on("/healthz", lambda connection, _: connection.sendall(left.pop(0)))
    book = runbook(
        '[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "health.endpoint"\n'
        'attempts = { count = 3, pass = 2, interval = "10ms" }\n'
        f'with = {{ url = "{url}", fresh-connection = true }}\n'
    )
    result = triage("run", book, "-f", "json").results()["it"]
    assert (result["verdict"], left) == (verdict, [])
    assert result["summary"].startswith(counts), result["summary"]
    passed = [attempt["verdict"] for attempt in result["attempts"]].count("pass")
    assert passed == answers.count("200")
    left += [from_app(f"{status} X", "{}") for status in answers.split()]
    console = " ".join(triage("run", book).out.split())
    assert counts in console
    assert ("attempt 3" in console) == (len(answers.split()) == 3)


@pytest.mark.parametrize("redirects", [0, 5])
def test_a_downgrade_is_a_finding_also_where_it_may_not_be_followed(
    triage, runbook, tmp_path: Path, redirects: int
) -> None:
    with tls_redirect(tmp_path, b"http://127.0.0.1:9/") as url:
        extra = f'ca-file = "{tmp_path}/cert.pem"\nredirects = {redirects}\nstatus = [302]'
        code, result = endpoint(triage, runbook, url, extra)
    assert (code, [f["code"] for f in result["findings"]]) == (1, ["health.downgrade"]), result


@contextmanager
def tls_redirect(folder: Path, target: bytes) -> Iterator[str]:
    """An https server that redirects everything."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "60", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    raw = b"HTTP/1.1 302 F\r\nLocation: " + target + b"\r\nContent-Length: 0\r\n\r\n"

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with context.wrap_socket(connection, server_side=True) as secured:
                    secured.recv(65536)
                    secured.sendall(raw)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
