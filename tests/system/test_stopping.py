"""Deadlines are kept, Ctrl-C tells what is known, and nothing is left behind."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import PATIENCE_S, TRIAGE, ZOO


def hanging_book(runbook, server) -> Path:
    hang = server.on("/hang", server.hang)
    check = (
        '[[step.check]]\nid = "{}"\nuse = "health.endpoint"\ntimeout = "50s"\n'
        'with = {{ url = "{}", timeout = "40s" }}\n'
    )
    return runbook(
        'deadline = "59s"\n[[step]]\nid = "s"\n'
        + check.format("quick", server.url("/quick"))
        + check.format("hangs", hang)
    )


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def is_running(pid: int) -> bool:
    """No longer so once it was killed, also if nobody has looked at its end yet."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        os.sched_yield()


def interrupted_run(runbook, server, number: int) -> tuple[subprocess.Popen, dict, list[int]]:
    book = hanging_book(runbook, server)
    process = subprocess.Popen(
        [TRIAGE, "run", str(book), "-f", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_until(lambda: len(server.requests) == 2)
    workers = children_of(process.pid)
    process.send_signal(number)
    out, _ = process.communicate(timeout=PATIENCE_S)
    return process, json.loads(out), workers


def assert_known_is_told(process, run, workers) -> None:
    assert process.returncode == 130
    results = {result["id"]: result for result in run["results"]}
    assert results["hangs"]["verdict"] == "error"
    assert "interrupted" in results["hangs"]["summary"]
    assert workers, "the plugin ran in a process of its own"
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def test_ctrl_c_prints_what_is_known(runbook, server) -> None:
    assert_known_is_told(*interrupted_run(runbook, server, signal.SIGINT))


def test_sigterm_does_the_same(runbook, server) -> None:
    assert_known_is_told(*interrupted_run(runbook, server, signal.SIGTERM))


def test_workers_end_when_the_program_is_killed(runbook, server) -> None:
    book = hanging_book(runbook, server)
    process = subprocess.Popen([TRIAGE, "run", str(book)], stdout=subprocess.DEVNULL)
    wait_until(lambda: len(server.requests) == 2)
    workers = children_of(process.pid)
    assert workers
    process.kill()
    process.wait()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def test_the_deadline_is_kept_and_what_is_known_is_printed(triage, runbook, server) -> None:
    hang = server.on("/hang", server.hang)
    book = runbook(
        'deadline = "1s"\n[[step]]\nid = "s"\n'
        '[[step.check]]\nid = "quick"\nuse = "health.endpoint"\n'
        f'with.url = "{server.url("/quick")}"\n'
        '[[step.check]]\nid = "hangs"\nuse = "health.endpoint"\ntimeout = "1s"\n'
        f'with.url = "{hang}"\nattempts = {{ count = 50, interval = "1ms" }}\n'
    )
    started = time.monotonic()
    ran = triage("run", book, "-f", "json")
    assert time.monotonic() - started < 10
    assert ran.json()["deadline_reached"] is True
    assert ran.results()["quick"]["verdict"] == "pass"
    assert ran.results()["hangs"]["verdict"] == "error"
    assert ran.code == 3


def test_progress_shows_on_a_terminal_and_goes_away(runbook, server) -> None:
    """On a terminal: what is in flight, and no trace of it in the report."""
    book = runbook(
        '[[step]]\nid = "s"\n[[step.check]]\nid = "hangs"\nuse = "health.endpoint"\n'
        f'with = {{ url = "{server.on("/hang", server.hang)}", timeout = "700ms" }}\n'
    )
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [TRIAGE, "run", str(book)], stdout=subprocess.PIPE, stderr=follower,
        env={**os.environ, "TERM": "xterm", "LANG": "C.UTF-8"},
    )
    os.close(follower)
    out, _ = process.communicate(timeout=PATIENCE_S)
    shown = b""
    try:
        while chunk := os.read(leader, 65536):
            shown += chunk
    except OSError:
        pass  # a closed pseudo-terminal ends so
    os.close(leader)
    assert b"hangs" in shown
    assert b"hangs" in out
    assert b"\x1b" not in out, "no colour into a pipe"


DAEMON = '[[step]]\nid = "s"\n[[step.check]]\nid = "daemon"\nuse = "daemon.start"\n'
CRASH = '[[step.check]]\nid = "crash"\nuse = "daemon.end"\nneeds = ["daemon"]\n'


@pytest.mark.parametrize("text", [DAEMON, DAEMON + CRASH], ids=["good-end", "crash"])
def test_what_a_plugin_has_started_ends(triage, runbook, text) -> None:
    """Also what is in a session of its own."""
    ran = triage("run", runbook(text), "--plugins", ZOO, "-f", "json")
    daemon = int(ran.results()["daemon"]["summary"])
    wait_until(lambda: not is_running(daemon))


def test_what_the_shell_has_started_does_not_end(runbook) -> None:
    words = [TRIAGE, "run", str(runbook(DAEMON + CRASH)), "--plugins", str(ZOO), "-f", "json"]
    script = '(sleep 600 2>&- & echo $!); sleep 601 2>&- & echo $!; exec "$@" >&2'
    shell = ["bash", "-c", script, "-", *words]
    process = subprocess.Popen(shell, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    others = [int(process.stdout.readline()) for _ in range(2)]
    try:
        report = json.loads(process.stderr.read())
        # What a dead worker has left cannot be told from the shell's own: it is left alone too.
        others.append(int(next(r["summary"] for r in report["results"] if r["id"] == "daemon")))
        assert process.wait() == 3
        assert all(is_running(pid) for pid in others)
        assert report["exit_code"] == 3
    finally:
        for pid in others:
            os.kill(pid, signal.SIGKILL)
        process.stdout.close()
        process.stderr.close()
