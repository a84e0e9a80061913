"""What the tests of logs share: lines of now, one check of them, somebody who writes meanwhile."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest

TRACEBACK = """Traceback (most recent call last):
  File "a.py", line 1, in f
    raise
a.Broken: widget 17 does not fit
"""


def stamp(ago_s: float = 1.0) -> str:
    """As Python's logging writes it, in UTC."""
    at = datetime.now(timezone.utc) - timedelta(seconds=ago_s)
    return at.strftime("%Y-%m-%d %H:%M:%S,") + f"{at.microsecond // 1000:03d}"


def event(ago_s: float = 1.0) -> str:
    return f"{stamp(ago_s)} ERROR app unhandled_exception\n{TRACEBACK}"


Check = Callable[..., dict]


@pytest.fixture
def check(triage, runbook) -> Check:
    """One check with these parameters; gives its result."""

    def run(use: str = "logs.scan", *, timeout: str = "10s", allow: str = "", **parameters) -> dict:
        given = "".join(
            f"with.{name.replace('_', '-')} = {json.dumps(value)}\n"
            for name, value in parameters.items()
        )
        book = runbook(
            f'[allow]\n{allow}\n[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "{use}"\n'
            f'timeout = "{timeout}"\n{given}'
        )
        return triage("run", book, "-f", "json").results()["it"]

    return run


def codes(result: dict) -> set[str]:
    return {finding["code"] for finding in result["findings"]}


def evidence(result: dict, name: str) -> str:
    [finding] = result["findings"]
    return finding["evidence"][name]


class Writer:
    """Does something to a log once triage reads it: the fixture's first line has been seen."""

    def __init__(self, steps: list[Callable[[], None]], seconds: float) -> None:
        self._steps, self._pause = steps, threading.Event()
        self._seconds = seconds
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        for step in self._steps:
            self._pause.wait(self._seconds)
            step()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._thread.join()
