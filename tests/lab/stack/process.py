"""Processes of the lab: in sessions of their own, output in files, known to the guardian."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from stack import guardian
from stack.errors import LabError
from stack.waiting import wait_until

PYTHON = "/usr/bin/python3"
TAIL_LINES = 15
STOP_SECONDS = 5.0
TAKE_DOWN_SECONDS = 30.0


class Warden:
    """The lab's end of the guardian's pipe; closing it takes everything down."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [PYTHON, "-S", "-E", guardian.__file__, str(folder)],
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def announce(self, pid: int, stop_signal: int) -> None:
        """Must follow the start of every process at once."""
        self._process.stdin.write(f"{pid} {int(stop_signal)}\n")
        self._process.stdin.flush()

    def take_down(self) -> None:
        """End all processes and remove the folder; returns when it is done."""
        self._process.stdin.close()
        if self._process.wait(TAKE_DOWN_SECONDS) != 0:
            print("lab: the guardian failed; processes may be left", file=sys.stderr)


class Service:
    """One long-running process with its log files."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        logs: tuple[Path, Path],
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stop_signal: int = signal.SIGKILL,
    ) -> None:
        self.name = name
        self.argv = list(argv)
        self.logs = logs
        self.env = dict(env or {})
        self.cwd = cwd
        self.stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, warden: Warden) -> None:
        """Start it; being ready is another matter."""
        out, err = self.logs
        env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", **self.env}
        with out.open("ab") as stdout, err.open("ab") as stderr:
            try:
                self._process = subprocess.Popen(
                    self.argv,
                    env=env,
                    cwd=self.cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=stderr,
                    start_new_session=True,
                )
            except OSError as error:
                raise LabError(f"{self.name} cannot be started: {error}") from error
        warden.announce(self._process.pid, self.stop_signal)

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll() if self._process else None

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self, number: int | None = None) -> None:
        """End it and wait for the end (a fault does this; take-down is the guardian's)."""
        if self.is_running():
            os.kill(self.pid, number or self.stop_signal)
            wait_until(lambda: not self.is_running(), STOP_SECONDS, f"{self.name} ends")

    def wait_exit(self, deadline_seconds: float) -> int:
        """Its exit code, once it has ended by itself."""
        wait_until(lambda: not self.is_running(), deadline_seconds, f"{self.name} exits")
        return self._process.returncode

    def tail(self) -> str:
        """The last lines of its logs, for the report of a failed start."""
        parts = []
        for path in dict.fromkeys(self.logs):
            lines = path.read_text(errors="replace").splitlines() if path.exists() else []
            if lines:
                parts.append(f"--- {path.name}\n" + "\n".join(lines[-TAIL_LINES:]))
        return "\n".join(parts) or "(no log lines)"

    def raise_if_ended(self) -> None:
        code = self.exit_code()
        if code is not None:
            raise LabError(f"{self.name} ended with status {code} while starting\n{self.tail()}")
