"""Runs the built program; the binary is $TRIAGE_BINARY (ctest sets it), else the release build."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from db_fixtures import check, pooler, pg, primary, standby  # noqa: F401
from servers import Server

ROOT = Path(__file__).resolve().parents[2]
TRIAGE = os.environ.get("TRIAGE_BINARY", str(ROOT / "build/release/bin/triage"))
ZOO = Path(TRIAGE).resolve().parents[1] / "core/plugin/testdata/zoo"
LAB = ROOT / "tests/lab/lab"

# What these tests run is no part of anybody's history.
STATE = tempfile.TemporaryDirectory(prefix="triage-state-")
os.environ["XDG_STATE_HOME"] = STATE.name

# Ten times what the slowest of them needs: a hang fails, a busy machine does not.
PATIENCE_S = 60


@dataclass(frozen=True)
class Ran:
    """What a finished program has said."""

    code: int
    out: str
    err: str

    def json(self) -> dict:
        return json.loads(self.out)

    def results(self) -> dict[str, dict]:
        return {result["id"]: result for result in self.json()["results"]}


def run(*arguments: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> Ran:
    done = subprocess.run(
        [TRIAGE, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def triage() -> Callable[..., Ran]:
    return run


@pytest.fixture
def runbook(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a runbook: the text after `triage = 1`."""

    def write(text: str, name: str = "book.toml") -> Path:
        path = tmp_path / name
        path.write_text(f'triage = 1\nname = "test"\n{text}')
        return path

    return write


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


def in_lab(*faults: str, command: list[str], how: str = "--break") -> Ran:
    """Runs a command in a lab of its own; with "--then" twice, before the faults and after."""
    breaks = [word for fault in faults for word in (how, fault)]
    done = subprocess.run(
        [str(LAB), "run", *breaks, "--", *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S * 2,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
