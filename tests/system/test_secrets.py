"""A secret reaches its target and nothing else."""

from __future__ import annotations

import base64
import json
import urllib.parse
from pathlib import Path

import pytest

CANARY = "c4n4ry/Secret+Value=%42"


def spellings(secret: str) -> list[str]:
    raw = secret.encode()
    return [
        secret,
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
        base64.b64encode(raw).decode().rstrip("="),
        json.dumps(secret)[1:-1],
        raw.hex(),
    ]


def echo(connection, request: bytes) -> None:
    """Sends back everything that it was sent, as careless services do, in many spellings."""
    body = (request.decode() + "\n".join(spellings(CANARY))).encode()
    head = f"HTTP/1.1 500 Oops\r\nX-Echo: {CANARY}\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)


@pytest.mark.parametrize("way", [[], ["--in-process"]], ids=["isolated", "in-process"])
def test_a_secret_is_sent_and_appears_nowhere(triage, runbook, server, tmp_path, way) -> None:
    book = runbook(
        'secrets.token = { from = ["env:CANARY_TOKEN"] }\n'
        '[[step]]\nid = "s"\n[[step.check]]\nid = "c"\n'
        f'use = "health.endpoint"\nwith.url = "{server.on("/echo", echo)}"\n'
        'with.secret-headers = { Authorization = "Bearer ${secret.token}" }\n'
        'with.contains = ["healthy"]\n'
    )
    file = tmp_path / "out.json"
    ran = triage(
        "run", book, "-v", "-f", "console", "-f", f"json={file}", *way, env={"CANARY_TOKEN": CANARY}
    )
    assert f"Authorization: Bearer {CANARY}".encode() in server.requests[0]
    assert ran.code == 1
    for spelling in spellings(CANARY):
        for where, text in {"out": ran.out, "err": ran.err, "json": file.read_text()}.items():
            assert spelling not in text, (where, spelling)


def test_user_info_of_a_url_is_redacted(triage, runbook, server: object) -> None:
    url = server.url("/x").replace("http://", "http://admin:hunter2hunter2@")
    book = runbook(
        '[[step]]\nid = "s"\n[[step.check]]\nid = "c"\nuse = "health.endpoint"\n'
        f'with.url = "{url}"\n'
    )
    for command in (["run", book, "-v"], ["run", book, "-f", "json"], ["plan", book]):
        ran = triage(*command)
        assert "hunter2" not in ran.out + ran.err


def test_a_secret_goes_only_where_it_may(triage, runbook, server) -> None:
    book = runbook(
        'secrets.token = { from = ["env:CANARY_TOKEN"], send-to = ["https://api.clerk.com"] }\n'
        '[[step]]\nid = "s"\n[[step.check]]\nid = "c"\nuse = "health.endpoint"\n'
        f'with.url = "{server.url()}"\n'
        'with.secret-headers = { Authorization = "Bearer ${secret.token}" }\n'
    )
    ran = triage("run", book, "-f", "json", env={"CANARY_TOKEN": CANARY})
    assert server.requests == []
    assert ran.code == 3
    assert "https://api.clerk.com" in ran.results()["c"]["summary"]


@pytest.mark.parametrize("broken", [CANARY + "\n", f"a\r\nX-{CANARY}: b"])
def test_a_secret_of_several_lines_is_named_and_not_shown(
    triage, runbook, server, broken: str
) -> None:
    book = runbook(
        'secrets.token = { from = ["env:CANARY_TOKEN"] }\n'
        '[[step]]\nid = "s"\n[[step.check]]\nid = "c"\nuse = "health.endpoint"\n'
        f'with.url = "{server.url()}"\n'
        'with.secret-headers = { X-Key = "Bearer ${secret.token}" }\n'
    )
    ran = triage("run", book, "-v", "-f", "json", env={"CANARY_TOKEN": broken})
    result = ran.results()["c"]
    assert (ran.code, result["verdict"], result["findings"]) == (3, "error", [])
    assert "the header X-Key cannot be sent: the text of the secret token" in result["summary"]
    assert "where [secrets] says" in result["remedy"]
    assert "c4n4ry" not in ran.out + ran.err and not server.requests


def test_a_literal_secret_in_a_runbook_is_refused(triage, runbook: object, tmp_path: Path) -> None:
    book = runbook('secrets.token = "sk_live_literal"\n')
    ran = triage("run", book)
    assert ran.code == 2
    assert "sk_live_literal" not in ran.err


def test_a_text_where_a_secret_is_expected_is_hidden_too(triage, runbook, server) -> None:
    url = server.on("/echo", echo)
    book = runbook(
        '[[step]]\nid = "s"\n[[step.check]]\nid = "c"\nuse = "health.endpoint"\n'
        f'with.url = "{url}"\nwith.secret-headers = {{ X-Key = "{CANARY}" }}\n'
    )
    by_hand = ["health.endpoint", f"url={url}", f"secret-headers.X-Key={CANARY}"]
    for command in (["run", book, "-v"], ["run", book, "-f", "json"], ["check", *by_hand, "-v"]):
        ran = triage(*command)
        assert ran.code == 1 and "<secret:secret-headers>" in ran.out
        assert CANARY not in ran.out + ran.err


def test_a_password_that_is_also_a_name_leaves_the_report_readable(triage, runbook, server) -> None:
    """postgres:postgres@…/postgres: hidden as a password, said in a notice, readable as a name."""
    book = runbook(
        'secrets.db = { from = ["env:DATABASE_URL"] }\n'
        '[[step]]\nid = "s"\n[[step.check]]\nid = "postgres"\nuse = "health.endpoint"\n'
        f'with.url = "{server.on("/postgres", echo)}"\n'
        'with.secret-headers = { X-Database = "${secret.db}" }\nwith.contains = ["healthy"]\n'
    )
    url = "postgresql://postgres:postgres@db:5432/postgres"
    ran = triage("run", book, "-v", env={"DATABASE_URL": url})
    assert ran.code == 1
    assert "/postgres" in ran.out
    assert "postgres:postgres" not in ran.out
    assert "hidden only where a password" in " ".join(ran.out.split())
    run = triage("run", book, "-f", "json", env={"DATABASE_URL": url}).json()
    assert [result["id"] for result in run["results"]] == ["postgres"]
