"""The shape of a fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from stack.lab import Lab

Step = Callable[[Lab], None]


def nothing(_: Lab) -> None:
    """The step that this fault does not have."""


@dataclass(frozen=True)
class Fault:
    """A way in which the lab can be broken for real.

    `prepare` changes lab.config before anything starts; `inject` breaks the lab that is up; a fault
    has one of them, seldom both. `assert_present` proves from outside that the fault is there,
    raising LabError. `breaks` names the aspects of health (stack/health.py) that it takes away:
    all others are asserted to hold. `needs` names those without which it cannot be made or seen to
    be there, also of those that it takes away itself: who stops a process needs one that runs. That
    is what makes two faults contradict each other. `exits` gives the status with which it makes a
    service end while starting.
    """

    name: str
    summary: str
    assert_present: Step
    prepare: Step = nothing
    inject: Step = nothing
    breaks: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    exits: dict[str, int] = field(default_factory=dict)
