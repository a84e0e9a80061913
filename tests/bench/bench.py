#!/usr/bin/python3
"""./dev bench: measures triage against bare programs in one run, writes docs/performance.md.

usage: bench.py [start] [throughput] [memory] [dns] [bundled] [logs]     (default: all)
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import log_files
from measure import Cost, compare, once, peak_pss_mb, say

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"
TRIAGE = str(BUILD / "bin/triage")
REPORT = ROOT / "docs/performance.md"

PORTS = 16
CHECKS = 10_000
IN_FLIGHT = 64
ROUNDS = 7
WAYS = {"in-process": ["--in-process"], "isolated": []}


@dataclass(frozen=True)
class Row:
    """One line of the report: what was measured, what is aimed at."""

    what: str
    measured: str
    target: str
    met: bool | None

    def __str__(self) -> str:
        mark = {True: "yes", False: "**no**", None: "–"}[self.met]
        return f"| {self.what} | {self.measured} | {self.target} | {mark} |"


@contextmanager
def server() -> Iterator[list[str]]:
    """The fast server on the second core; its ports. It ends when its standard input closes."""
    with subprocess.Popen(
        ["taskset", "-c", "1", str(BUILD / "bench/http_server"), str(PORTS)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        yield process.stdout.readline().split()
        process.stdin.close()


HEAD = 'triage = 1\nname = "bench"\ndeadline = "60s"\n'


def write_runbook(folder: Path, ports: list[str], fresh: bool) -> Path:
    """A table for each check: the longest way to write them."""
    path = folder / f"checks-{'fresh' if fresh else 'reused'}.toml"
    extra = ", fresh-connection = true" if fresh else ""
    checks = (
        f'[[step.check]]\nid = "c{i}"\nuse = "health.endpoint"\n'
        f'with = {{ url = "http://127.0.0.1:{ports[i % len(ports)]}/healthz"{extra} }}\n'
        for i in range(CHECKS)
    )
    path.write_text(HEAD + '[[step]]\nid = "s"\n' + "".join(checks))
    return path


def write_list(folder: Path, ports: list[str]) -> Path:
    """One check for each of a list of different URLs, fresh connections."""
    path = folder / "checks-list.toml"
    urls = (
        f'  "http://127.0.0.1:{ports[i % len(ports)]}/healthz?i={i}",\n' for i in range(CHECKS)
    )
    check = (
        '[[step]]\nid = "s"\n[[step.check]]\nid = "c"\nuse = "health.endpoint"\n'
        'for-each = "${var.urls}"\nwith = { url = "${each}", fresh-connection = true }\n'
    )
    path.write_text(HEAD + "vars.urls = [\n" + "".join(urls) + "]\n" + check)
    return path


def wall(cost: Cost) -> float:
    return cost.wall_s


def cpu(cost: Cost) -> float:
    assert cost.code == 0, "a check failed: the figure would mean nothing"
    return cost.cpu_s


def on_one_core(*command: str) -> list[str]:
    return ["taskset", "-c", "0", *command]


def measure_start(_folder: Path) -> list[Row]:
    versions = [once([TRIAGE, "--version"]).wall_s * 1000 for _ in range(41)]
    version = statistics.median(versions)
    rows = [Row("`triage --version`", f"{version:.1f} ms", "< 5 ms", version < 5)]
    with server() as ports:
        url = f"http://127.0.0.1:{ports[0]}/healthz"
        curl = ["curl", "-s", "-o", "/dev/null", url]
        for name, flags in WAYS.items():
            run = [TRIAGE, "run", str(ROOT / "config/minimal.toml"), "--var", f"url={url}", *flags]
            ratio = compare(run, curl, 31, wall)
            goal = 2.5 if name == "isolated" else None
            rows.append(
                Row(
                    f"`triage run config/minimal.toml`, {name}, against one `curl`",
                    f"{ratio} ({ratio.a * 1000:.1f} ms against {ratio.b * 1000:.1f} ms)",
                    f"≤ {goal}" if goal else "–",
                    ratio.median <= goal if goal else None,
                )
            )
    return rows


def assert_nothing_lost(runbook: Path, flags: list[str]) -> None:
    ran = subprocess.run(
        [TRIAGE, "run", str(runbook), "-f", "json", *flags], capture_output=True, check=False
    )
    results = json.loads(ran.stdout)["results"]
    ids = {result["id"] for result in results}
    assert len(results) == len(ids) == CHECKS, "lost or doubled results"
    assert all(result["verdict"] == "pass" for result in results), "false verdicts"


def measure_throughput(folder: Path) -> list[Row]:
    rows = []
    with server() as ports:
        from_list = write_list(folder, ports)
        runbooks = {
            "fresh connections": write_runbook(folder, ports, True),
            "fresh connections, from one list": from_list,
            "reused connections": write_runbook(folder, ports, False),
        }
        for kind, runbook in runbooks.items():
            way = "fresh" if kind.startswith("fresh") else "reused"
            for name, flags in WAYS.items():
                assert_nothing_lost(runbook, flags)
                run = [TRIAGE, "run", str(runbook), "-f", "json", *flags]
                goal = (1.15 if name == "in-process" else 1.3) if way == "fresh" else None
                what = f"CPU per check, {kind}, {name}, against bare libcurl"
                rows.append(cpu_row(what, run, bare(way, ports), goal))
        rows += measure_report_floor(folder, from_list, ports)
    return rows


def bare(way: str, ports: list[str]) -> list[str]:
    return [str(BUILD / "bench/http_floor"), way, str(CHECKS), str(IN_FLIGHT), *ports]


def cpu_row(what: str, run: list[str], floor: list[str], goal: float | None) -> Row:
    ratio = compare(on_one_core(*run), on_one_core(*floor), ROUNDS, cpu)
    a, b = (1e6 * figure / CHECKS for figure in (ratio.a, ratio.b))
    return Row(what, f"{ratio} ({a:.0f} µs against {b:.0f} µs)", f"≤ {goal}" if goal else "–",
               ratio.median <= goal if goal else None)


def measure_report_floor(folder: Path, runbook: Path, ports: list[str]) -> list[Row]:
    """What reading, reporting and keeping take at least, by the libraries that triage has."""
    least = [str(BUILD / "bench/report_floor"), str(runbook), str(IN_FLIGHT), f"{folder}/floor.db"]
    run = [TRIAGE, "run", str(runbook), "-f", "json"]
    sizes = [len(subprocess.run(command, capture_output=True, check=True).stdout)
             for command in (least, run)]
    assert 0.97 < sizes[0] / sizes[1] < 1.03, f"it is to write what triage writes: {sizes}"
    kind = "CPU per check, fresh connections, from one list"
    rows = [cpu_row(f"{kind}: the least that its libraries take, against bare libcurl",
                    least, bare("fresh", ports), None)]
    for name, flags in WAYS.items():
        rows.append(cpu_row(f"{kind}, {name}, against that least", [*run, *flags], least, None))
    return rows


def measure_memory(folder: Path) -> list[Row]:
    """Of the second run of a runbook; then of one in which every check has changed."""
    rows = []
    what = f"Peak memory of all processes (PSS), {CHECKS:,} checks"
    for name, flags in WAYS.items():
        with server() as ports:
            runbook = write_runbook(folder, ports, True)
            command = [TRIAGE, "run", str(runbook), "-f", "json", *flags]
            once(command)
            peak = peak_pss_mb(command)
        rows.append(Row(f"{what}, {name}", f"{peak:.0f} MB", "≤ 96 MB", peak <= 96))
    with server() as ports:  # other ports, so that the address of each check is another
        runbook = write_runbook(folder, ports, True)
        peak = peak_pss_mb([TRIAGE, "run", str(runbook), "-f", "json"])
    rows.append(Row(f"{what}, isolated, each with another address than before", f"{peak:.0f} MB",
                    "–", None))
    return rows


def measure_dns(folder: Path) -> list[Row]:
    """200 checks of 200 names that take 2 s each, 500 ms of patience, 20 at once: 5 s at best."""
    runbook = folder / "slow-names.toml"
    head = (
        'triage = 1\nname = "slow names"\ndeadline = "60s"\nlimits = { parallel = 20 }\n'
        '[[step]]\nid = "s"\n'
    )
    checks = (
        f'[[step.check]]\nid = "c{i}"\nuse = "health.endpoint"\n'
        f'with = {{ url = "http://host-{i}.bench/", timeout = "500ms" }}\n'
        for i in range(200)
    )
    runbook.write_text(head + "".join(checks))
    result = folder / "slow-names.json"
    slow_dns = str(Path(__file__).with_name("slow_dns.py"))
    command = ["/usr/bin/python3", slow_dns, TRIAGE, "run", str(runbook), "-f", f"json={result}"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    run = json.loads(result.read_text())
    verdicts = {result["verdict"] for result in run["results"]}
    message = f"a name that nobody resolves says nothing of a target: {verdicts}"
    assert verdicts == {"error"}, message
    ratio = run["duration_ms"] / 5000
    what = "200 checks whose names take 2 s, 500 ms timeout, 20 at once, against the ideal 5 s"
    return [Row(what, f"{ratio:.2f}", "≤ 1.2", ratio <= 1.2)]


def measure_bundled(_folder: Path) -> list[Row]:
    """Start to last byte, on the healthy lab."""
    script = str(Path(__file__).with_name("bundled_runs.py"))
    lab = [str(ROOT / "tests/lab/lab"), "run", "--"]
    ran = subprocess.run(
        [*lab, "/usr/bin/python3", script, TRIAGE, "21"], capture_output=True, text=True, check=True
    )
    walls = [float(line) * 1000 for line in ran.stdout.split()]
    median = statistics.median(walls)
    figure = f"{median:.0f} ms ({min(walls):.0f}–{max(walls):.0f})"
    what = "`config/mission-control.toml` on the healthy lab, isolated, all but db.health"
    return [Row(what, figure, "< 300 ms", median < 300)]


FOUR = ["ERROR", "unhandled_exception", "QueuePool", "Traceback"]


def log_runbook(folder: Path, log: Path, name: str, **parameters: object) -> list[str]:
    """Scans all of one log; the command."""
    path = folder / f"logs-{name}.toml"
    given = "".join(
        f"with.{key.replace('_', '-')} = {json.dumps(value)}\n" for key, value in parameters.items()
    )
    path.write_text(
        f'{HEAD}[[step]]\nid = "s"\n[[step.check]]\nid = "c"\nuse = "logs.scan"\ntimeout = "50s"\n'
        f'with.files = ["{log}"]\nwith.since = "0s"\n{given}'
    )
    return [TRIAGE, "run", str(path), "-f", "json"]


def assert_found(command: list[str], count: int) -> None:
    """That many lines, in however many kinds; and all of the log was read."""
    ran = subprocess.run(command, capture_output=True, check=False)
    [result] = json.loads(ran.stdout)["results"]
    assert result["verdict"] in ("warn", "fail"), result["summary"]
    events = result["facts"]["errors"]
    assert events == count, f"{events} events, {count} lines: {result['summary']}"


def measure_logs(folder: Path) -> list[Row]:
    log = folder / "app.log"
    size, errors = log_files.write_mixed(log)
    packed = log_files.compress(log)
    flood = folder / "flood.log"
    flood_size, flood_lines = log_files.write_flood(flood)
    wall: Callable[[Cost], float] = lambda cost: cost.wall_s
    search = [word for pattern in FOUR for word in ("-e", pattern)]
    four = {"known": False, "errors": False, "match": FOUR}
    rows = []
    for what, command, other, aim in (
        ("four patterns", log_runbook(folder, log, "four", **four),
         ["rg", "-c", *search, str(log)], 1),
        ("all signatures and errors", log_runbook(folder, log, "all"),
         ["rg", "-c", *search, str(log)], None),
        ("four patterns, .gz, against `rg -z`", log_runbook(folder, packed, "gz", **four),
         ["rg", "-z", "-c", *search, str(packed)], 3),
    ):
        assert_found(command, errors)
        ratio = compare(other, command, ROUNDS, wall)
        name = what if "against" in what else f"{what}, against ripgrep's four"
        rows.append(
            Row(f"1 GiB of logs, {name}: times its speed",
                f"{ratio} ({size / ratio.b / 1e9:.1f} against {size / ratio.a / 1e9:.1f} GB/s)",
                f"≥ {aim}" if aim else "–", ratio.median >= aim if aim else None)
        )
    command = log_runbook(folder, flood, "flood")
    assert_found(command, flood_lines)
    speeds = sorted(flood_size / wall(once(command)) / 1e9 for _ in range(ROUNDS))
    speed = statistics.median(speeds)
    rows.append(Row("Clustering, every line of 256 MiB an error",
                    f"{speed:.2f} GB/s ({speeds[0]:.2f}–{speeds[-1]:.2f})", "≥ 0.7", speed >= 0.7))
    peak = peak_pss_mb(log_runbook(folder, log, "all"))
    rows.append(Row("Peak memory (PSS), 1 GiB of logs", f"{peak:.0f} MB", "≤ 48 MB", peak <= 48))
    return rows


MEASURES = {
    "start": measure_start,
    "throughput": measure_throughput,
    "memory": measure_memory,
    "dns": measure_dns,
    "bundled": measure_bundled,
    "logs": measure_logs,
}

TEXT = """# Performance

Written by `./dev bench`: figures of one run on a {cores}-core machine, Release build. Ratios are
medians of interleaved rounds with their extremes: absolute figures drift with the machine.

| what | measured | target | met |
|---|---|---|---|
{rows}

- CPU is user plus system time of the whole process with its workers on one core, start, runbook and
  JSON report included; the server has the other core. The bare program
  (`tests/bench/http_floor.cpp`) is a libcurl `multi_socket_action` loop on epoll with the same
  {in_flight} transfers in flight to {ports} ports. Each run is kept in the history, and
  compared with the last one.
- The least that its libraries take (`tests/bench/report_floor.cpp`): that bare program, the list
  read by toml++, each URL by Boost.URL, the same lines of JSON about each check, the whole in an
  SQLite file, in straight code. No validation, plan, plugin, redaction or comparison is in it.
- Before each figure a run is checked for lost, doubled and false results.
- Logs: wall time of the whole process, start included, against `ripgrep`, files in the page cache;
  a thousandth of the lines are errors, a twentieth say "no errors found"
  (`tests/bench/log_files.py`). Each run is checked to have found all of them. A big log is read by
  all cores, ripgrep reads one file with one.
- The bundled runbook: wall time of the whole process. db.health is left out, as it waits for 1 s
  between its two looks at the database's counters, by definition; all others are in it.
- Slow names come from a DNS server in a network namespace of its own (`tests/bench/slow_dns.py`).
"""


def main() -> int:
    chosen = sys.argv[1:] or list(MEASURES)
    unknown = [name for name in chosen if name not in MEASURES]
    if unknown:
        say(f"bench: unknown {', '.join(unknown)}; there are: {', '.join(MEASURES)}")
        return 2
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="triage-bench-") as folder:
        os.environ["XDG_STATE_HOME"] = f"{folder}/state"  # a history of its own
        for name in chosen:
            say(f"measuring {name} …")
            for row in MEASURES[name](Path(folder)):
                rows.append(row)
                say(str(row))
    if not sys.argv[1:]:
        text = TEXT.format(
            cores=os.cpu_count(), rows="\n".join(map(str, rows)), in_flight=IN_FLIGHT, ports=PORTS
        )
        REPORT.write_text(text)
        say(f"wrote {REPORT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
