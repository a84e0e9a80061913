#!/usr/bin/python3
"""CPU per HTTP request of core/net against the bare libcurl program, in interleaved rounds.

    http_ratio.py BUILD_FOLDER [--count 10000] [--in-flight 64] [--ports 16] [--rounds 5]

Prints one JSON object. The server has one core, the clients another, where there are two.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path


def pinned(core: int) -> list[str]:
    cores = sorted(os.sched_getaffinity(0))
    return ["taskset", "-c", str(cores[core % len(cores)])]


def run_client(
    program: Path, mode: str, args: argparse.Namespace, ports: list[str]
) -> tuple[float, float]:
    command = [*pinned(0), program, mode, str(args.count), str(args.in_flight), *ports]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stdout + done.stderr
        sys.exit(f"{program.name} {mode}: status {done.returncode}: {said}")
    cpu, rate, _failed = done.stdout.split()
    return float(cpu), float(rate)


def measure(mode: str, args: argparse.Namespace, ports: list[str]) -> dict[str, float]:
    programs = {"floor": args.folder / "http_floor", "net": args.folder / "http_net"}
    rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    for _ in range(args.rounds):
        for name, path in programs.items():
            rounds[name].append(run_client(path, mode, args, ports))
    cpu = {name: statistics.median(c for c, _ in values) for name, values in rounds.items()}
    rate = {name: statistics.median(r for _, r in values) for name, values in rounds.items()}
    ratios = [net[0] / floor[0] for net, floor in zip(rounds["net"], rounds["floor"])]
    return {
        "floor_cpu_us": cpu["floor"],
        "net_cpu_us": cpu["net"],
        "cpu_ratio": round(statistics.median(ratios), 3),
        "floor_per_s": rate["floor"],
        "net_per_s": rate["net"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where the benchmark programs are")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--ports", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    server = subprocess.Popen(
        [*pinned(1), args.folder / "http_server", str(args.ports)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )
    try:
        ports = server.stdout.readline().split()
        results = {mode: measure(mode, args, ports) for mode in ("fresh", "reused")}
        print(json.dumps(results, indent=2))
    finally:
        server.stdin.close()
        server.wait()


if __name__ == "__main__":
    main()
