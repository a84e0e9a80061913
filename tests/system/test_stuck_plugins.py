"""In-process, a plugin that does not return still costs nobody the deadline or Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import PATIENCE_S, TRIAGE, ZOO

WITH_ZOO = ["--in-process", "--plugins", str(ZOO)]

# What a check of the zoo's "stuck" says when it gets stuck, and the callback that is named then.
STUCK = {
    "create": ("stuck in create", "create"),
    "step": ("stuck in step", "step"),
    "cancel": ("waiting", "step"),
    "destroy": ("stuck in destroy", "destroy"),
}
EVERY_STUCK = pytest.mark.parametrize("name", STUCK)


def book_with(runbook, server, use: str, deadline: str) -> Path:
    return runbook(
        f'deadline = "{deadline}"\n[[step]]\nid = "s"\n'
        f'[[step.check]]\nid = "quick"\nuse = "health.endpoint"\nwith.url = "{server.url()}"\n'
        f'[[step.check]]\nid = "stuck"\nuse = "{use}"\ntimeout = "{deadline}"\nneeds = ["quick"]\n'
        f'[[step.check]]\nid = "later"\nuse = "{use}"\ntimeout = "{deadline}"\nneeds = ["stuck"]\n'
    )


def start(*arguments: str | Path) -> subprocess.Popen:
    return subprocess.Popen(
        [TRIAGE, *map(str, arguments), *WITH_ZOO],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finish(process: subprocess.Popen) -> tuple[str, str]:
    try:
        return process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()


def assert_told(name: str, run: dict, why: str) -> None:
    results = {result["id"]: result for result in run["results"]}
    assert results["quick"]["verdict"] == "pass"
    words = f"plugin 'stuck': {STUCK[name][1]}() has not returned for "
    if name == "destroy":  # its result was there before
        assert results["stuck"]["verdict"] == "pass"
    else:
        assert results["stuck"]["verdict"] == "error"
        assert results["stuck"]["summary"].startswith(words)
        assert why in results["stuck"]["summary"]
    assert results["later"]["verdict"] == "error"
    assert why in results["later"]["summary"]
    assert any(notice.startswith(words) for notice in run["notices"])


@EVERY_STUCK
def test_the_deadline_is_kept(runbook, server, name) -> None:
    book = book_with(runbook, server, f"stuck.{name}", "1s")
    started = time.monotonic()
    process = start("run", book, "-f", "json")
    out, _ = finish(process)
    assert time.monotonic() - started < 10
    run = json.loads(out)
    assert_told(name, run, "the run's deadline of 1 s was reached")
    assert run["deadline_reached"] is True
    assert process.returncode == run["exit_code"] == 3


@EVERY_STUCK
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_tells_what_is_known(runbook, server, name, number) -> None:
    process = start("run", book_with(runbook, server, f"stuck.{name}", "59s"), "-f", "json")
    assert process.stderr.readline().strip() == STUCK[name][0]
    process.send_signal(number)
    out, _ = finish(process)
    assert_told(name, json.loads(out), "interrupted")
    assert process.returncode == 130


def test_many_callbacks_that_do_return_do_not_keep_it_either(runbook) -> None:
    book = runbook(
        'deadline = "1s"\n[[step]]\nid = "s"\n[[step.check]]\nid = "busy"\nuse = "stuck.busy"\n'
        'attempts = { count = 100, pass = 100, interval = "0s" }\n'
        "for-each = [" + ", ".join(f'"{i}"' for i in range(200)) + "]\n"
    )
    process = start("run", book, "-f", "json")
    out, _ = finish(process)
    run = json.loads(out)
    assert run["deadline_reached"] is True
    assert run["duration_ms"] < 5_000
    assert process.returncode == 3


def test_a_report_in_a_file_is_whole(runbook, server, tmp_path) -> None:
    book = book_with(runbook, server, "stuck.step", "1s")
    process = start("run", book, "-f", f"json={tmp_path / 'run.json'}")
    finish(process)
    assert_told("step", json.loads((tmp_path / "run.json").read_text()), "deadline")
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".tmp"] == []


@pytest.mark.parametrize("command", [["run"], ["validate"], ["plan"]], ids=lambda words: words[0])
def test_a_plugin_that_cannot_be_opened_ends_it(runbook, command) -> None:
    book = runbook('[[step]]\nid = "s"\n[[step.check]]\nid = "a"\nuse = "open-hang.one"\n')
    process = start(*command, book)
    assert process.stderr.readline() == "stuck in open\n"
    process.send_signal(signal.SIGINT)
    out, err = finish(process)
    assert (process.returncode, out) == (130, "")
    assert "plugin 'open-hang': open() has not returned for " in err


def test_opening_has_a_limit(runbook) -> None:
    book = runbook('[[step]]\nid = "s"\n[[step.check]]\nid = "a"\nuse = "entry-hang.one"\n')
    process = start("run", book)
    out, err = finish(process)
    assert (process.returncode, out) == (3, "")
    assert "entry-hang.so': loading has not ended for " in err


def test_the_end_has_a_limit() -> None:
    """The report is there, the exit code too; only the plugin does not want to end."""
    process = start("check", "close-hang.one", "-f", "json")
    out, _ = finish(process)
    assert json.loads(out)["exit_code"] == process.returncode == 0


def test_what_is_printed_is_whole_when_a_plugin_does_not_close() -> None:
    process = start("plugins", "close-hang")
    out, err = finish(process)
    assert out.startswith("close-hang 1.0.0: ")
    assert "close() has not returned for " in err
    assert process.returncode == 3
