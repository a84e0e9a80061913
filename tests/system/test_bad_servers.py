"""Servers that are unreachable, silent, dripping, endless, looping, babbling, or broken in TLS."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from servers import Server, answer

FAST = 'timeout = "300ms"'


def book(runbook, url: str, extra: str = "") -> Path:
    """The server that is looked at, and a good one beside it that must still be seen as good."""
    return runbook(
        f'[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "health.endpoint"\n'
        f'[step.check.with]\nurl = "{url}"\n{extra}\n'
    )


def look(triage, runbook, url: str, extra: str = "") -> dict:
    ran = triage("run", book(runbook, url, extra), "-f", "json")
    assert ran.code == 1, ran.out + ran.err
    result = ran.results()["it"]
    assert result["verdict"] == "fail", result
    return result


def codes(result: dict) -> list[str]:
    return [finding["code"] for finding in result["findings"]]


def test_silent(triage, runbook, server: Server) -> None:
    result = look(triage, runbook, server.on("/", server.hang), FAST)
    assert codes(result) == ["health.no-answer"]
    assert "300 ms" in result["findings"][0]["message"]


def test_dripping(triage, runbook, server: Server) -> None:
    result = look(triage, runbook, server.on("/", server.drip), FAST)
    assert codes(result) == ["health.no-answer"]


def test_endless_body_is_cut(triage, runbook, server: Server) -> None:
    started = time.monotonic()
    triage("run", book(runbook, server.on("/", server.endless), 'timeout = "2s"'), "-f", "json")
    assert time.monotonic() - started < 20


def test_redirect_is_said(triage, runbook, server: Server) -> None:
    loop = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"
    result = look(triage, runbook, server.on("/", answer(loop)))
    assert codes(result), result


def test_garbage(triage, runbook, server: Server) -> None:
    result = look(triage, runbook, server.on("/", answer(b"SSH-2.0-OpenSSH_9.2\r\n")))
    assert codes(result) == ["health.not-http"]


def test_closed_without_a_word(triage, runbook, server: Server) -> None:
    result = look(triage, runbook, server.on("/", answer(b"")))
    assert codes(result) == ["health.closed"]


def make_certificate(folder: Path, host: str, names: str, days: int) -> Path:
    subprocess.run(
        [*"openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem".split(),
         "-days", str(days), "-subj", f"/CN={host}", "-addext", f"subjectAltName={names}"],
        cwd=folder, check=True, capture_output=True,
    )
    return folder


@contextmanager
def tls_server(certificate: Path) -> Iterator[str]:
    """A real one; yields its URL."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = f"openssl s_server -accept 127.0.0.1:{port} -cert cert.pem -key key.pem -www"
    with subprocess.Popen(
        command.split(), cwd=certificate,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as server:
        try:
            assert server.stdout is not None
            assert any(b"ACCEPT" in line for line in server.stdout)
            yield f"https://127.0.0.1:{port}/"
        finally:
            server.kill()


def test_a_certificate_that_nobody_trusts(triage, runbook, tmp_path: Path) -> None:
    make_certificate(tmp_path, "elsewhere.example", "DNS:elsewhere.example", days=2)
    with tls_server(tmp_path) as url:
        result = look(triage, runbook, url)
    assert codes(result) == ["health.tls"]
    assert "certificate" in result["findings"][0]["message"]


@pytest.mark.parametrize(("days", "verdict"), [(5, "fail"), (12, "warn"), (40, "pass")])
def test_a_certificate_that_ends(triage, runbook, tmp_path: Path, days: int, verdict: str) -> None:
    make_certificate(tmp_path, "127.0.0.1", "IP:127.0.0.1", days)
    with tls_server(tmp_path) as url:
        extra = f'ca-file = "{tmp_path}/cert.pem"'
        result = triage("run", book(runbook, url, extra), "-f", "json").results()["it"]
    assert result["verdict"] == verdict
    assert codes(result) == ([] if verdict == "pass" else ["health.certificate-ends"])
    assert result["facts"]["certificate_until"].startswith("20")


def test_plain_http_where_https_was_expected(triage, runbook, server: Server) -> None:
    result = look(triage, runbook, server.url("/").replace("http://", "https://"))
    assert codes(result) == ["health.tls"]
