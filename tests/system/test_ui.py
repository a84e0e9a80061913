"""ui against real servers: what a browser would load, and what it would call then."""

from __future__ import annotations

import gzip
import socket
from pathlib import Path

import pytest
from servers import Server, answer

PAGE = (
    "<!doctype html><html><head><link rel=stylesheet href=/a.css>"
    "<script src=/_next/app.js defer></script></head><body></body></html>"
)
API = "http://api.example.com"


def reply(body: str | bytes, kind: str = "application/javascript", more: str = "") -> bytes:
    raw = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(raw)}\r\n{more}\r\n"
    return head.encode() + raw


def script(address: str) -> str:
    return f'f();let e="{address}".trim();if(e&&"auto"!==e.toLowerCase())g()'


@pytest.fixture
def site(server: Server) -> Server:
    server.on("/", answer(reply(PAGE, "text/html")))
    server.on("/a.css", answer(reply("p{}", "text/css")))
    server.on("/_next/app.js", answer(reply(script(API))))
    return server


def build(runbook, server: Server, more: str = "") -> Path:
    return runbook(
        '[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "ui.build"\n'
        f'with.url = "{server.url("/")}"\nwith.api = "{API}"\n{more}'
    )


def test_a_ui_that_is_whole(triage, runbook, site: Server) -> None:
    ran = triage("run", build(runbook, site), "-f", "json")
    result = ran.results()["it"]
    assert (ran.code, result["verdict"], result["findings"]) == (0, "pass", []), ran.out
    assert result["summary"] == f'2 script or style files; they call "{API}"'
    assert result["facts"] == {"api_url": API}
    assert sorted(request.split()[1] for request in site.requests) == [
        b"/", b"/_next/app.js", b"/a.css",
    ]


def test_what_comes_compressed_is_read(triage, runbook, site: Server) -> None:
    packed = gzip.compress(script("http://backend:8000").encode())
    site.on("/_next/app.js", answer(reply(packed, more="Content-Encoding: gzip\r\n")))
    ran = triage("run", build(runbook, site), "-f", "json")
    assert [f["code"] for f in ran.results()["it"]["findings"]] == ["ui.api-url-internal"]
    assert ran.code == 1


def test_files_that_are_missing_closed_or_silent(triage, runbook, site: Server) -> None:
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    for play, words in (
        (answer(missing), "HTTP 404"),
        (lambda connection, _: connection.shutdown(socket.SHUT_RDWR), "closed"),
        (site.hang, "no answer within 300 ms"),
    ):
        site.on("/_next/app.js", play)
        ran = triage("run", build(runbook, site, 'with.timeout = "300ms"\n'), "-f", "json")
        result = ran.results()["it"]
        assert [f["code"] for f in result["findings"]] == ["ui.file-missing"], result
        assert words in result["findings"][0]["message"]
        assert "ui.api-url-other" not in result["evaluated"]


def test_many_large_scripts_are_read_with_the_defaults(triage, runbook, site: Server) -> None:
    names = [f"/s{i}.js" for i in range(40)]
    for name in names:
        site.on(name, answer(reply("f();" * 500_000)))  # 2 MB, of which the host keeps 64 MiB
    more = "".join(f"<script src={name}></script>" for name in names)
    site.on("/", answer(reply(PAGE + more, "text/html")))
    ran = triage("run", build(runbook, site), "-f", "json")
    result = ran.results()["it"]
    assert (ran.code, result["verdict"]) == (0, "pass"), ran.out
    assert result["summary"] == f'42 script or style files; they call "{API}"'


def test_what_is_not_looked_at_is_no_pass(triage, runbook, site: Server) -> None:
    site.on("/", answer(reply(PAGE + "<script src=/b.js></script>", "text/html")))
    ran = triage("run", build(runbook, site, "with.max-files = 2\n"), "-f", "json")
    result = ran.results()["it"]
    assert (ran.code, result["findings"]) == (3, []), ran.out
    assert "max-files is 2" in ran.out


def test_a_pattern_that_cannot_be_read_is_wrong_before_the_run(triage, runbook, site) -> None:
    for line, words in (
        ('with.api-pattern = "let ("', "missing )"),
        ('with.settings.mode = "("', "missing )"),
        ('with.settings.mode = "mode"', "has no group"),
        ('with.expect.mode = "local"', "has 'mode', and 'settings' has no such key"),
    ):
        ran = triage("validate", build(runbook, site, line + "\n"))
        assert ran.code == 2 and words in " ".join(ran.err.split()), ran.err
    assert site.requests == []


def test_hostile_pages_end(triage, runbook, site: Server) -> None:
    many = "".join(f"<script src=/s{i}.js></script>" for i in range(5000))
    for body, code, words in (
        ("<div>" * 300_000, 3, "the page names no script or style: is it the UI?"),
        (many, 3, "max-files is 20"),
        ("<" * 1_000_000, 1, "HTTP 200"),
        ('<base href="javascript:1">' + PAGE, 0, "2 script or style files"),
    ):
        site.on("/", answer(reply(body, "text/html")))
        ran = triage("run", build(runbook, site, "with.max-files = 20\n"), "-f", "json")
        assert (ran.code, words in ran.results()["it"]["summary"]) == (code, True), ran.out[-2000:]
