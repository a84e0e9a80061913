"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable

from stack.errors import LabError

POLL_SECONDS = 0.02


class WaitTimeout(LabError):
    """The condition did not come to hold in time."""


def wait_until(condition: Callable[[], bool], deadline_seconds: float, what: str) -> None:
    """Poll until the condition holds; raises WaitTimeout naming `what` at the deadline."""
    give_up_at = time.monotonic() + deadline_seconds
    while not condition():
        if time.monotonic() > give_up_at:
            raise WaitTimeout(f"{what}: not so within {deadline_seconds:g} s")
        time.sleep(POLL_SECONDS)
