"""Runbooks that are wrong: everything at once, each in its place; nothing runs."""

from __future__ import annotations

import time
from pathlib import Path

import pytest


def test_everything_wrong_is_reported_at_once(triage, tmp_path: Path) -> None:
    path = tmp_path / "book.toml"
    path.write_text(
        'triage = 1\nname = "x"\ndeadlin = "3s"\n\n[[step]]\nid = "s"\n\n'
        '[[step.check]]\nid = "a"\n'
        'use = "health.endpoin"\nneeds = ["bb"]\n\n'
        '[[step.check]]\nid = "b"\nuse = "health.endpoint"\nwith.url = 3\n'
    )
    ran = triage("run", path)
    assert ran.code == 2
    assert ran.out == ""
    for place in ("book.toml:3:1", "book.toml:10:7", "book.toml:11:10", "book.toml:16:12"):
        assert place in ran.err, ran.err
    for nearest in ("'deadline'", "'endpoint'"):
        assert nearest in ran.err


def test_a_cycle_is_shown_as_a_path(triage, runbook) -> None:
    check = (
        '[[step.check]]\nid = "{}"\nuse = "health.endpoint"\nneeds = ["{}"]\n'
        'with.url = "http://127.0.0.1"\n'
    )
    book = runbook('[[step]]\nid = "s"\n' + "".join(check.format(*p) for p in ("ab", "bc", "ca")))
    ran = triage("run", book)
    assert ran.code == 2
    assert "a → b → c → a" in ran.err


def test_zero_bytes(triage, tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    path.touch()
    ran = triage("run", path)
    assert ran.code == 2
    assert "empty.toml" in ran.err


@pytest.mark.parametrize(
    "content",
    [
        b'triage = 1\nname = "\xff\xfe"\n',
        b"\x00" * 100,
        b"[\n",
        b"triage = 1\n" + b"a=[" * 5000,
    ],
)
def test_bytes_that_are_no_toml(triage, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "book.toml"
    path.write_bytes(content)
    ran = triage("run", path)
    assert ran.code == 2, (ran.code, ran.err)
    assert "book.toml:" in ran.err


def test_ten_megabytes(triage, tmp_path: Path, server) -> None:
    path = tmp_path / "big.toml"
    check = (
        '  [[step.check]]\n  id = "c{}"\n  use = "health.endpoint"\n  with.url = "{}"\n'
        '  tags = ["{}"]\n'
    )
    checks = [check.format(i, server.url(), "t" * 100) for i in range(45_000)]
    path.write_text('triage = 1\nname = "big"\n[[step]]\nid = "s"\n' + "".join(checks))
    assert path.stat().st_size > 10_000_000 * 0.9
    started = time.monotonic()
    ran = triage("validate", path)
    assert ran.code == 0, ran.err[:2000]
    assert time.monotonic() - started < 30


def test_a_folder_or_nothing_instead_of_a_runbook(triage, tmp_path: Path) -> None:
    for wrong in (tmp_path, tmp_path / "missing.toml"):
        ran = triage("run", wrong)
        assert ran.code == 2
        assert str(wrong) in ran.err


def test_unset_variables_are_errors_of_their_checks_only(triage, runbook, server) -> None:
    book = runbook(
        'vars.target = { from = ["env:TRIAGE_TEST_UNSET"] }\n[[step]]\nid = "s"\n'
        '[[step.check]]\nid = "unset"\nuse = "health.endpoint"\nwith.url = "${var.target}"\n'
        f'[[step.check]]\nid = "good"\nuse = "health.endpoint"\nwith.url = "{server.url()}"\n'
    )
    ran = triage("run", book, "-f", "json")
    assert ran.code == 3
    results = ran.results()
    assert results["unset"]["verdict"] == "error"
    assert "target" in results["unset"]["summary"]
    assert results["good"]["verdict"] == "pass"
    assert triage("validate", book).code == 3
    with_it = triage("run", book, env={"TRIAGE_TEST_UNSET": server.url()})
    assert with_it.code == 0, with_it.out


def test_an_unknown_variable_on_the_command_line(triage, runbook, server) -> None:
    book = runbook(
        'vars.url = "x"\n[[step]]\nid = "s"\n[[step.check]]\nid = "c"\n'
        f'use = "health.endpoint"\nwith.url = "{server.url()}"\n'
    )
    ran = triage("run", book, "--var", "ulr=http://x")
    assert ran.code == 2
    assert "'url'" in ran.err
