"""What comes from outside the runbook: nothing of it is shown, and no false green comes of it."""

from __future__ import annotations

import pytest

SECRET = "Sup3rS3cretValue"
CHECK = '[[step]]\nid = "s"\n[[step.check]]\nid = "c"\nuse = "health.endpoint"\n'


@pytest.mark.parametrize("command", ["validate", "plan", "run"])
def test_a_secret_in_the_wrong_place_is_not_shown(triage, runbook, command: str) -> None:
    book = runbook(
        'secrets.tok = { from = ["env:TOK"] }\nvars.list = { from = ["env:LIST"] }\n'
        f'{CHECK}for-each = "${{var.list}}"\nwith.url = "${{env.TOK}}"\ntimeout = "${{each}}"\n'
        f'[[step.check]]\nid = "d"\nuse = "health.endpoint"\nwith.url = "{SECRET}"\n'
    )
    ran = triage(command, book, env={"TOK": SECRET, "LIST": f"{SECRET},{SECRET}"})
    assert ran.code == 2
    assert SECRET not in ran.out + ran.err
    assert "c" in ran.err


@pytest.mark.parametrize("broken", ["A='\n", "foo bar baz\n", "API=${NONE:?no}\n", None])
def test_a_broken_env_file_is_not_the_default(
    triage, runbook, server, tmp_path, broken: str | None
) -> None:
    book = runbook(
        'env-files = { root = ".env" }\n'
        f'vars.api = {{ from = ["root:API"], default = "{server.url("/x")}" }}\n'
        f'{CHECK}with.url = "${{var.api}}"\n'
    )
    if broken is None:
        (tmp_path / ".env").mkdir()
    else:
        (tmp_path / ".env").write_text(broken)
    ran = triage("run", book, "-f", "json")
    assert ran.code == 3
    assert ".env cannot be used" in ran.out
    assert not server.requests
    assert triage("validate", book).code == 3


def test_a_missing_env_file_is_the_default_and_this_is_said(triage, runbook, server) -> None:
    book = runbook(
        'env-files = { root = ".env" }\n'
        f'vars.api = {{ from = ["root:API"], default = "{server.url("/x")}" }}\n'
        f'{CHECK}with.url = "${{var.api}}"\n'
    )
    ran = triage("run", book, "-f", "json")
    assert ran.code == 0, ran.out + ran.err
    assert ".env is not there: the default of 'api' is used" in ran.json()["notices"][0]


def test_a_value_that_does_not_fit_is_an_error_of_its_check(triage, runbook, server) -> None:
    book = runbook(
        f'{CHECK}timeout = "${{env.TT}}"\nwith.url = "{server.url("/x")}"\n'
        f'[[step.check]]\nid = "d"\nuse = "health.endpoint"\nwith.url = "{server.url("/y")}"\n'
    )
    for value in ("abc", "10m"):
        ran = triage("run", book, "-f", "json", env={"TT": value})
        assert ran.code == 3
        assert {k: v["verdict"] for k, v in ran.results().items()} == {"c": "error", "d": "pass"}
