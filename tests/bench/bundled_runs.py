#!/usr/bin/python3
"""Runs the bundled runbook against the lab around it, without db.health, which waits by itself.

    tests/lab/lab run -- tests/bench/bundled_runs.py TRIAGE ROUNDS

Prints the wall time of each run in seconds, one a line: from the start of the process to its end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from measure import once


def main() -> None:
    triage, rounds = sys.argv[1], int(sys.argv[2])
    run = [triage, "run", os.environ["LAB_RUNBOOK"]]
    ran = subprocess.run([*run, "-f", "json"], capture_output=True, check=True)
    results = json.loads(ran.stdout)["results"]
    chosen = [flag for r in results if r["use"] != "db.health" for flag in ("--only", r["id"])]
    once([*run, *chosen])
    for _ in range(rounds):
        cost = once([*run, *chosen])
        assert cost.code == 0, "the lab is healthy: a check that fails would mean nothing"
        print(cost.wall_s)


if __name__ == "__main__":
    main()
