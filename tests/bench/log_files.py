"""Logs to be searched: of an application that is well, and of one that fails all the time."""

from __future__ import annotations

import os
import random
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

MIXED_BYTES = 1 << 30
FLOOD_BYTES = 256 << 20
LINES = 100_000  # then they come again: what is searched does not know
START = datetime(2026, 11, 26, 10, tzinfo=timezone.utc)
END = START + timedelta(minutes=10)  # of their times, at the latest
PATHS = ("/api/v1/boards", "/api/v1/activity", "/api/v1/gateways/status", "/healthz")
APP = "app=mission-control version=0.1.0"


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S,") + f"{at.microsecond // 1000:03d}"


def _id(rng: random.Random) -> str:
    return f"{rng.getrandbits(128):032x}"


def _line(rng: random.Random, at: datetime) -> str:
    path, kind = rng.choice(PATHS), rng.random()
    if kind < 0.001:
        return (
            f"{_stamp(at)} ERROR app.core.error_handling unhandled_exception {APP}"
            f" request_id={_id(rng)} method=GET path={path}\n"
        )
    if kind < 0.06:
        return f"{_stamp(at)} INFO app.jobs no errors found in batch {rng.randrange(10**6)} {APP}\n"
    return (
        f"{_stamp(at)} INFO app.core.error_handling http.request.complete {APP} method=GET"
        f" path={path} status_code=200 duration_ms={rng.randrange(99)}"
        f" client_ip=10.0.{rng.randrange(10)}.{rng.randrange(256)} request_id={_id(rng)}\n"
    )


def _write(path: Path, lines: list[str], size: int, counts: str) -> tuple[int, int]:
    """Repeats the lines; gives the size, and in how many of them `counts` stands. The file is as
    old as they are: else it would look as if it were of another zone."""
    block = "".join(lines).encode()
    times = -(-size // len(block))
    with path.open("wb") as file:
        for _ in range(times):
            file.write(block)
    os.utime(path, (END.timestamp(), END.timestamp()))
    return times * len(block), times * sum(counts in line for line in lines)


def write_mixed(path: Path) -> tuple[int, int]:
    """1 GiB, a thousandth of its lines errors; gives size and errors."""
    rng, at = random.Random(1), START
    lines = [_line(rng, at + timedelta(milliseconds=5 * i)) for i in range(LINES)]
    return _write(path, lines, MIXED_BYTES, " ERROR ")


def write_flood(path: Path) -> tuple[int, int]:
    """256 MiB of nothing but errors of a dozen kinds; gives size and lines."""
    rng, at = random.Random(2), START
    words = ("refused", "closed", "late", "lost", "denied", "broken")
    lines = [
        f"{_stamp(at + timedelta(milliseconds=i))} ERROR app.jobs.mail job"
        f" {rng.randrange(10**6)} {rng.choice(words)} by 10.0.0.{rng.randrange(256)} after"
        f" {rng.randrange(9000)} ms {APP} request_id={_id(rng)}\n"
        for i in range(LINES)
    ]
    return _write(path, lines, FLOOD_BYTES, " ERROR ")


def compress(path: Path) -> Path:
    """As logrotate does."""
    packed = path.with_suffix(".log.gz")
    with packed.open("wb") as out:
        subprocess.run(["gzip", "-c", str(path)], stdout=out, check=True)
    return packed
