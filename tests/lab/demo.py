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

# Run twice, with LAB_FAULTS empty and not: triage's exit codes go to the file.
COMMAND = """
[ -z "$LAB_FAULTS" ] || printf "$HEADING" "2. The same stack, some seconds later: $LAB_FAULTS"
"$0" run "$LAB_RUNBOOK"
echo $? >>"$CODES"
"""


def heading_format() -> str:
    return "\n\033[1m%s\033[0m\n\n" if sys.stdout.isatty() else "\n%s\n\n"


def say(text: str) -> None:
    print(heading_format() % text, end="", flush=True)


def triage_the_lab(triage: str) -> list[str]:
    """What triage exited with before the fault, and after it. Its runs are no part of the user's
    history."""
    command = [str(LAB), "run", "--then", FAULT, "--", "sh", "-c", COMMAND, triage]
    with tempfile.TemporaryDirectory(prefix="triage-demo-") as folder:
        codes = Path(folder, "codes")
        environment = {
            **os.environ, "XDG_STATE_HOME": folder, "CODES": str(codes), "HEADING": heading_format()
        }
        subprocess.run(command, env=environment, check=False)
        return codes.read_text().split() if codes.exists() else []


def main() -> int:
    say("1. A healthy stack: PostgreSQL, Redis, nginx, backend, worker, Clerk, gateway")
    codes = triage_the_lab(str(Path(sys.argv[1]).resolve()))
    if codes == ["0", "1"]:
        say("Next: `./dev lab list --long` has more faults; config/minimal.toml is a start.")
        return 0
    print(f"demo: expected exit codes 0 and 1, got {' and '.join(codes)}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
