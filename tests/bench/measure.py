"""Times whole processes by the operating system's own accounting, commands interleaved.

Absolute figures of one machine say little and drift with it; so every comparison alternates the two
commands in one run and quotes the median of the ratios.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep


@dataclass(frozen=True)
class Cost:
    """Of one command with all its children that it waited for."""

    wall_s: float
    cpu_s: float
    code: int


def once(command: Sequence[str]) -> Cost:
    """Output is thrown away, as a terminal or pipe would only add its own time."""
    started = monotonic()
    with open(os.devnull, "wb") as null:
        process = subprocess.Popen(command, stdin=null, stdout=null, stderr=null)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(monotonic() - started, usage.ru_utime + usage.ru_stime, process.returncode)


@dataclass(frozen=True)
class Ratio:
    """Of interleaved rounds: medians of both, and of the ratios a/b with their extremes."""

    a: float
    b: float
    median: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f}–{self.most:.2f})"


def compare(
    a: Sequence[str], b: Sequence[str], rounds: int, figure: Callable[[Cost], float]
) -> Ratio:
    """The first round of each warms caches and is not counted."""
    pairs = [(figure(once(a)), figure(once(b))) for _ in range(rounds + 1)][1:]
    ratios = [x / y for x, y in pairs]
    return Ratio(
        statistics.median(x for x, _ in pairs),
        statistics.median(y for _, y in pairs),
        statistics.median(ratios),
        min(ratios),
        max(ratios),
    )


def processes_of(pid: int) -> list[int]:
    """The process and all that descend from it."""
    found, open_ = [], [pid]
    while open_:
        current = open_.pop()
        found.append(current)
        try:
            for task in Path(f"/proc/{current}/task").iterdir():
                open_ += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def pss_kb(pid: int) -> int:
    """Proportional memory: pages that processes share are counted once."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)


def peak_pss_mb(command: Sequence[str]) -> float:
    """The highest sum over all processes of the command, looked at every 20 ms."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(pss_kb, processes_of(process.pid))))
        sleep(0.02)
    return peak / 1024


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
