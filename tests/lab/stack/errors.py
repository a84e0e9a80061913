"""What can go wrong with the lab itself."""

from __future__ import annotations

import signal


class LabError(Exception):
    """The lab could not be brought into the wanted state; the text is for a person."""


class Interrupted(Exception):
    """A signal asked the lab to end."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number
