"""What can go wrong with the lab itself."""

from __future__ import annotations

import signal


class LabError(Exception):
    """The lab could not be brought into the wanted state; the text is for a person."""


class Interrupted(BaseException):
    """A signal asked the lab to end; like KeyboardInterrupt, no failure that one may catch."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number
