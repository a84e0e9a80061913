#!/usr/bin/python3
"""./dev demo: the bundled runbook against the lab, healthy first, then with a fault.

usage: demo.py TRIAGE
Exits 0 if triage told the two apart: 0 for the healthy lab, 1 for the broken one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

LAB = Path(__file__).resolve().parent / "lab"
FAULT = "db-down"


def heading(text: str) -> None:
    print(f"\n\033[1m{text}\033[0m\n" if sys.stdout.isatty() else f"\n{text}\n", flush=True)


def triage_the_lab(triage: str, *faults: str) -> int:
    """Its runs are no part of the user's history."""
    breaks = [word for fault in faults for word in ("--break", fault)]
    command = [str(LAB), "run", *breaks, "--", "sh", "-c", 'exec "$0" run "$LAB_RUNBOOK"', triage]
    with tempfile.TemporaryDirectory(prefix="triage-demo-") as state:
        environment = {**os.environ, "XDG_STATE_HOME": state}
        return subprocess.run(command, env=environment, check=False).returncode


def main() -> int:
    triage = str(Path(sys.argv[1]).resolve())
    heading("1. A healthy stack: PostgreSQL, Redis, nginx, backend, worker, Clerk, gateway")
    healthy = triage_the_lab(triage)
    heading(f"2. The same stack with one fault: {FAULT} (PostgreSQL is stopped)")
    broken = triage_the_lab(triage, FAULT)
    if (healthy, broken) == (0, 1):
        heading("Next: `./dev lab list --long` has more faults; config/minimal.toml is a start.")
        return 0
    print(f"demo: expected exit codes 0 and 1, got {healthy} and {broken}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
