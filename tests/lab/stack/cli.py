"""The command line: `lab list` and `lab run`."""

from __future__ import annotations

import argparse
import difflib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import psycopg2

import faults
from faults.registry import Fault, nothing
from stack import export, health
from stack.errors import Interrupted, LabError
from stack.lab import Lab

EXIT_USAGE = 2
EXIT_LAB_FAILED = 125
EXIT_NOT_EXECUTABLE = 126
EXIT_NOT_FOUND = 127
END_SECONDS = 5.0

DESCRIPTION = "A private local Mission Control, healthy or broken on purpose."
EPILOG = """\
examples:
  lab list --long
  lab run -- sh -c 'curl -s $LAB_API/healthz'
  lab run --break db-down -- triage run "$LAB_RUNBOOK"      (quote for the inner shell)
  lab run --break db-down --break ui-api-url-wrong -- sh -c 'triage run $LAB_RUNBOOK'

  lab run --then db-down -- sh -c 'triage run $LAB_RUNBOOK'      (well at first: what changed?)

With --then COMMAND runs twice: before that fault and, if it has ended, with it.

COMMAND finds the lab's addresses in LAB_* variables (tests/lab/README.md lists them).
Everything is on 127.0.0.1 and in one folder under $TMPDIR, and is taken down when COMMAND
ends. Exit status: COMMAND's own; 125 the lab could not be started or a fault could not be
shown to be there; 126 or 127 COMMAND could not be executed or found; 2 wrong usage.
"""


def main(arguments: Sequence[str]) -> int:
    options = _parse(arguments)
    if options.action == "list":
        for fault in faults.ALL.values():
            print(f"{fault.name}\n    {fault.summary}" if options.long else fault.name)
        return 0
    chosen, later = _choose(options.faults, options.later)
    executable = options.command[0]
    if shutil.which(executable) is None:  # said before seconds are spent on a lab
        exists = os.path.exists(executable)
        _say(f"{executable}: {'not executable' if exists else 'command not found'}")
        return EXIT_NOT_EXECUTABLE if exists else EXIT_NOT_FOUND
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with Lab() as lab:
            _bring_up(lab, chosen)
            code = _run_command(lab, options.command, chosen)
            if later:
                _inject(lab, later, chosen + later)
                code = _run_command(lab, options.command, chosen + later)
            return code
    except (LabError, OSError, psycopg2.Error) as error:
        _say(f"could not be brought up: {error}")
        return EXIT_LAB_FAILED
    except Interrupted as interruption:
        _say(f"{interruption}: taken down")
        return 128 + interruption.number


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("lab", None, DESCRIPTION, EPILOG, formatter_class=raw)
    actions = parser.add_subparsers(dest="action", metavar="list | run", required=True)
    listing = actions.add_parser("list", help="print the names of the faults, one a line")
    listing.add_argument("--long", action="store_true", help="say what each one does")
    run = actions.add_parser("run", help="run a command with a lab around it",
                             usage="lab run [--break NAME]… [--then NAME]… -- COMMAND…")
    run.add_argument("--break", dest="faults", metavar="NAME", action="append", default=[],
                     help="inject this fault (may be given several times)")
    run.add_argument("--then", dest="later", metavar="NAME", action="append", default=[],
                     help="run COMMAND, inject this fault, and run it again (a fault of the"
                          " lab that is up: not one of its configuration)")
    run.add_argument("command", metavar="COMMAND", nargs="+", help="what to run, after --")
    return parser.parse_args(arguments)


def _choose(names: Sequence[str], later: Sequence[str]) -> tuple[list[Fault], list[Fault]]:
    """The faults of these names; ends with a usage error if that makes no sense."""
    for name in (*names, *later):
        if name not in faults.ALL:
            nearest = difflib.get_close_matches(name, faults.ALL, n=1)
            hint = f"; did you mean '{nearest[0]}'?" if nearest else "."
            _fail_usage(f"no fault is called '{name}'{hint} `lab list --long` shows all")
    chosen = [faults.ALL[name] for name in dict.fromkeys(names)]
    added = [faults.ALL[name] for name in dict.fromkeys(later) if name not in names]
    for fault in added:
        if fault.prepare is not nothing:
            _fail_usage(f"{fault.name} cannot come later: it is made before the lab starts"
                        f" (--break {fault.name})")
    for fault in (*chosen, *added):
        for other in (*chosen, *added):
            contradiction = fault.needs & other.breaks
            if other is not fault and contradiction:
                _fail_usage(f"{fault.name} cannot be together with {other.name}, which takes"
                            f" away what it needs ({', '.join(sorted(contradiction))})")
    return chosen, added


def _fail_usage(message: str) -> None:
    _say(message)
    sys.exit(EXIT_USAGE)


def _say(message: str) -> None:
    print(f"lab: {message}", file=sys.stderr, flush=True)


def _interrupt(number: int, _: object) -> None:
    raise Interrupted(number)


def _bring_up(lab: Lab, chosen: Sequence[Fault]) -> None:
    started = time.monotonic()
    lab.configure()
    for fault in chosen:
        lab.expected_exits.update(fault.exits)
        fault.prepare(lab)
    lab.start()
    _inject(lab, chosen, chosen)
    _say(f"up in {time.monotonic() - started:.1f} s: {lab.folder}")


def _inject(lab: Lab, new: Sequence[Fault], present: Sequence[Fault]) -> None:
    """Break the lab that is up; everything that `present` does not break is asserted to hold."""
    for fault in new:
        fault.inject(lab)
    for fault in present:
        try:
            fault.assert_present(lab)
        except Exception as error:
            raise LabError(f"fault {fault.name} is not there: {error}") from error
    health.assert_healthy(lab, without=frozenset().union(*(fault.breaks for fault in present)))
    for fault in new:
        _say(f"fault {fault.name}: {fault.summary}")


def _run_command(lab: Lab, command: Sequence[str], present: Sequence[Fault]) -> int:
    environment = {**os.environ, **export.variables(lab, [fault.name for fault in present])}
    try:
        process = subprocess.Popen(command, env=environment)
    except OSError as error:
        _say(f"{command[0]}: {error.strerror}")
        return EXIT_NOT_EXECUTABLE
    lab.announce(process.pid, signal.SIGTERM)
    try:
        code = process.wait()
    except Interrupted as interruption:
        code = _end_command(process, interruption)
    return code if code >= 0 else 128 - code


def _end_command(process: subprocess.Popen[bytes], interruption: Interrupted) -> int:
    """Pass the signal on (a terminal has done so already) and give COMMAND time to end."""
    if interruption.number != signal.SIGINT or not os.isatty(0):
        process.send_signal(interruption.number)
    try:
        return process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        raise interruption from None
