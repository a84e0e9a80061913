"""Whoever interrupts is told at least that: SIGINT, SIGTERM, SIGHUP, early and twice."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from conftest import PATIENCE_S, TRIAGE
from test_stopping import (
    assert_known_is_told,
    children_of,
    hanging_book,
    interrupted_run,
    wait_until,
)

ZOO = Path(TRIAGE).resolve().parents[1] / "core/plugin/testdata/zoo"


def test_a_hang_up_prints_what_is_known(runbook, server) -> None:
    assert_known_is_told(*interrupted_run(runbook, server, signal.SIGHUP))


def test_nohup_is_respected(runbook, server) -> None:
    """Who asked for it gets the whole run."""
    hung_up = threading.Event()

    def wait_and_answer(connection, _request) -> None:
        hung_up.wait(PATIENCE_S)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    server.on("/wait", wait_and_answer)
    book = runbook(
        '[[step]]\nid = "s"\n[[step.check]]\nid = "c"\nuse = "health.endpoint"\n'
        f'timeout = "29s"\nwith = {{ url = "{server.url("/wait")}", timeout = "28s" }}\n'
    )
    process = subprocess.Popen(
        ["nohup", TRIAGE, "run", str(book), "-f", "json"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: len(server.requests) == 1)
    process.send_signal(signal.SIGHUP)
    hung_up.set()
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert json.loads(out)["interrupted"] is False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_before_the_first_check_is_told(runbook, number) -> None:
    """While the plugins are loaded there is nothing else to tell."""
    book = runbook('[[step]]\nid = "s"\n[[step.check]]\nid = "c"\nuse = "open-hang.check"\n')
    process = subprocess.Popen(
        [TRIAGE, "run", str(book), "--plugins", str(ZOO)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    wait_until(lambda: children_of(process.pid))
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out, err) == (130, "", "triage: interrupted before it was done\n")


def test_a_second_interrupt_says_that_it_ends(runbook, server) -> None:
    book = hanging_book(runbook, server)
    process = subprocess.Popen(
        [TRIAGE, "run", str(book)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: len(server.requests) == 2)
    process.send_signal(signal.SIGSTOP)  # so that it finds both
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGCONT)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, err) == (130, "triage: interrupted before it was done\n")
