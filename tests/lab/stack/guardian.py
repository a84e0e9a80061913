"""The process that takes the lab down, however the lab ends.

It runs in a session of its own and reads lines from the lab: `PID SIGNAL` for each process the lab
has started. The end of the pipe means that the lab has ended, normally or by SIGKILL: the guardian
then ends those processes (held by pidfd, so that a reused pid is never hit), ends what COMMAND has
left behind (recognised by this lab's own LAB_DIR in its environment), and removes the folder.
There is no other way down, so every run of the lab tests this one.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
import time
from pathlib import Path

GRACE_SECONDS = 3.0


class Ward:
    """One process to be ended, and the signal it ends well on."""

    def __init__(self, pid: int, number: int) -> None:
        self.pidfd = os.pidfd_open(pid)
        self.number = number

    def send(self, number: int) -> None:
        try:
            signal.pidfd_send_signal(self.pidfd, number)
            signal.pidfd_send_signal(self.pidfd, signal.SIGCONT)  # a fault may have stopped it
        except ProcessLookupError:
            pass  # it has ended and its parent has reaped it

    def has_ended(self, within_seconds: float) -> bool:
        poller = select.poll()
        poller.register(self.pidfd, select.POLLIN)
        return bool(poller.poll(max(0.0, within_seconds) * 1000))


def read_wards() -> list[Ward]:
    """Read until the lab is gone."""
    wards = []
    for line in sys.stdin:
        pid, number = line.split()
        try:
            wards.append(Ward(int(pid), int(number)))
        except ProcessLookupError:
            pass  # shorter-lived than its announcement
    return wards


def end(wards: list[Ward]) -> None:
    """Ask each in its own way, together; after the grace period, insist."""
    for ward in reversed(wards):
        ward.send(ward.number)
    deadline = time.monotonic() + GRACE_SECONDS
    for ward in wards:
        if not ward.has_ended(deadline - time.monotonic()):
            ward.send(signal.SIGKILL)
            ward.has_ended(GRACE_SECONDS)


def leftovers(folder: Path) -> list[Ward]:
    """Processes that inherited this lab's LAB_DIR, whoever their parent is now."""
    mark = f"LAB_DIR={folder}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(Ward(int(entry.name), signal.SIGKILL))
        except OSError:
            continue  # not ours to read, or gone meanwhile
    return found


def main(folder: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end(read_wards())
    end(leftovers(folder))
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
