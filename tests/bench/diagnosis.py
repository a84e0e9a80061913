#!/usr/bin/python3
"""./dev bench diagnosis: does triage name what was broken? Writes the table of docs/diagnosis.md.

usage: diagnosis.py [--replay] [--faults N,N…]

Breaks the lab with each fault, with seeded pairs of faults, and not at all; runs the bundled
runbook against it and compares the causes that are named with what was broken. Each run is saved
below build/diagnosis: with --replay they are diagnosed again, with the causes of now.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lab"))

import faults  # noqa: E402
from faults.truth import HARMLESS, TRUTH  # noqa: E402

TRIAGE = str(ROOT / "build/release/bin/triage")
LAB = str(ROOT / "tests/lab/lab")
SAVED = ROOT / "build/diagnosis"
REPORT = ROOT / "docs/diagnosis.md"
START, END = "<!-- measured: begin -->", "<!-- measured: end -->"
LOAD = Path(__file__).with_name("load.py")
SEED, PAIRS, AT_ONCE, HEALTHY_RUNS, LOADED_RUNS, LOAD_THREADS = 20261126, 120, 2, 10, 10, 8

# Where the backend does not start or the proxy does not reach it, nobody can see what these do.
HIDES_API = {
    "auth-mode-capital", "backend-frozen", "backend-killed", "backend-module-missing",
    "backend-not-replaced", "backend-out-of-files", "clerk-secret-key-empty",
    "db-migrated-by-hand", "db-missing-database", "db-other-database", "db-ssl-required",
    "db-wrong-host", "db-wrong-password", "nginx-down",
}
# Where the UI's page or its scripts do not come, nobody sees what these were built with.
HIDES_UI = {
    "clerk-ui-key-missing", "nginx-down", "ui-assets-are-pages", "ui-assets-missing",
    "ui-unreadable",
}
BEHIND_PROXY = ("cors-", "proxy-", "pool-", "clerk-jwks", "db-behind", "db-hung", "db-lock")


@dataclass(frozen=True)
class Outcome:
    """What triage said of one broken lab."""

    faults: tuple[str, ...]
    named: tuple[str, ...]
    certain: tuple[str, ...]
    answer: str
    seconds: float


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def saved(names: tuple[str, ...], number: int = 0) -> Path:
    return SAVED / ("+".join(names or ("healthy", str(number))) + ".json")


# From the lab, broken and shown to be, until there is a report: milliseconds into $PATH.ms.
RUN = """begin=$(date +%s%N)
"$0" run "$LAB_RUNBOOK" --no-history --save {path} --format json
echo $(( ($(date +%s%N) - begin) / 1000000 )) > {path}.ms
"""
UNDER_LOAD = """{load} {threads} > {path}.load & pid=$!
while ! grep -q "GET /api/v1/gateways" "$LAB_BACKEND_LOG"; do kill -0 $pid || exit 1; done
""" + RUN + """kill $pid; wait $pid
"""


def collect(names: tuple[str, ...], number: int = 0) -> bool:
    """Breaks a lab and saves a run against it. False: these faults cannot be together."""
    path = saved(names, number)
    breaks = [word for name in names for word in ("--break", name)]
    script = UNDER_LOAD if not names and number >= HEALTHY_RUNS else RUN
    command = script.format(path=path, load=LOAD, threads=LOAD_THREADS)
    ran = subprocess.run(
        [LAB, "run", *breaks, "--", "sh", "-c", command, TRIAGE],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )
    if not path.exists():
        say(f"  {'+'.join(names)}: {ran.stderr.strip().splitlines()[-1]}")
    return path.exists()


def diagnose(names: tuple[str, ...], number: int = 0) -> Outcome:
    """From the saved run, twice: the answer must be the same to the byte."""
    command = [TRIAGE, "replay", str(saved(names, number)), "--format", "json"]
    outputs = [
        subprocess.run(command, capture_output=True, text=True, check=False).stdout
        for _ in range(2)
    ]
    if outputs[0] != outputs[1]:
        sys.exit(f"not the same twice: {names}")
    report = json.loads(outputs[0])
    return Outcome(
        names,
        tuple(cause["id"] for cause in report["causes"]),
        tuple(c["id"] for c in report["causes"] if c["certainty"] != "possible"),
        report["answer"],
        int(Path(f"{saved(names, number)}.ms").read_text()) / 1000,
    )


def hides(one: str, other: str) -> bool:
    """Does the first fault hide the second, or do both change the same thing?"""
    same_kind = one.split("-")[0] == other.split("-")[0]
    if same_kind and one.startswith(("tls", "cors", "proxy", "redirect")):
        return True
    front = ("tls-", "redirect-")  # what the https front does is not looked at if the UI fails
    if one in HIDES_UI and other.startswith(front):
        return True
    if one.startswith(front) and other.startswith(front):
        return True
    hidden = other.startswith(BEHIND_PROXY) or other in HIDES_API
    if (one in HIDES_API and hidden) or (one in HIDES_UI and other.startswith("ui-")):
        return True
    return one.startswith("proxy-") and other.startswith(("cors-", "clerk-jwks", "pool-", "db-"))


def choose_pairs() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The pairs to try in a seeded order, and those that are left out."""
    rng = random.Random(SEED)
    possible, excluded = [], []
    for one, other in combinations(sorted(TRUTH), 2):
        masked = hides(one, other) or hides(other, one)
        (excluded if masked else possible).append((one, other))
    rng.shuffle(possible)
    return possible, excluded


def collect_pairs(pool: ThreadPoolExecutor, replay: bool) -> list[tuple[str, str]]:
    possible, _ = choose_pairs()
    if replay:
        return [pair for pair in possible if saved(pair).exists()][:PAIRS]
    done: list[tuple[str, str]] = []
    while possible and len(done) < PAIRS:
        batch = [possible.pop() for _ in range(min(PAIRS - len(done), len(possible)))]
        done += [pair for pair, good in zip(batch, pool.map(collect, batch)) if good]
        say(f"  {len(done)} pairs")
    return done


def load_of_all() -> str:
    """What the loaded labs answered meanwhile; they must have answered, and well."""
    files = [Path(f"{saved((), n)}.load") for n in range(HEALTHY_RUNS, HEALTHY_RUNS + LOADED_RUNS)]
    counts = [tuple(map(int, file.read_text().split())) for file in files]
    if any(asked == 0 or bad > 0 for asked, bad in counts):
        sys.exit(f"the load was none, or too much: {counts}")
    return f"{min(counts)[0]} to {max(counts)[0]} requests each"


def share(part: int, whole: int) -> str:
    return f"{part} of {whole}" + (f" ({100 * part // whole} %)" if whole else "")


def single_rows(outcomes: list[Outcome]) -> tuple[list[str], str, str]:
    first = sum(bool(o.named) and o.named[0] in TRUTH[o.faults[0]] for o in outcomes)
    top3 = sum(any(name in TRUTH[o.faults[0]] for name in o.named[:3]) for o in outcomes)
    rows = []
    for o in outcomes:
        right = bool(o.named) and o.named[0] in TRUTH[o.faults[0]]
        named = ", ".join(o.named) or f"none ({o.answer})"
        rows.append(f"| {o.faults[0]} | {named} | {'yes' if right else '**no**'} |")
    return rows, share(first, len(outcomes)), share(top3, len(outcomes))


def both_named(outcome: Outcome) -> bool:
    return all(any(n in TRUTH[f] for n in outcome.named[:3]) for f in outcome.faults)


def measure(replay: bool, only: set[str]) -> str:
    SAVED.mkdir(parents=True, exist_ok=True)
    singles = [(name,) for name in sorted(TRUTH) if not only or name in only]
    calm = [(name,) for name in sorted(HARMLESS)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        if not replay:
            say("single faults …")
            list(pool.map(collect, singles + ([] if only else calm)))
        if only:
            return "\n".join(single_rows([diagnose(one) for one in singles])[0])
        if not replay:
            say("healthy, half of them under load …")
            list(pool.map(lambda n: collect((), n), range(HEALTHY_RUNS + LOADED_RUNS)))
        say("pairs …")
        pairs = collect_pairs(pool, replay)
    return text_of([diagnose(one) for one in singles], [diagnose(one) for one in calm],
                   [diagnose((), n) for n in range(HEALTHY_RUNS + LOADED_RUNS)],
                   [diagnose(pair) for pair in pairs])


def text_of(singles: list[Outcome], calm: list[Outcome], healthy: list[Outcome],
            pairs: list[Outcome]) -> str:
    rows, first, top3 = single_rows(singles)
    both = sum(map(both_named, pairs))
    false = [sum(bool(o.named) for o in some)
             for some in (healthy[:HEALTHY_RUNS], healthy[HEALTHY_RUNS:])]
    sound = sum(o.answer == "healthy" for o in healthy)
    calm_false = [o for o in calm if o.certain]
    slowest = max(o.seconds for o in [*singles, *pairs])
    wrong = [
        f"- {' + '.join(o.faults)}: {', '.join(o.named) or 'none'}"
        for o in pairs if not both_named(o)
    ]
    _, excluded = choose_pairs()
    return "\n".join([
        f"Measured {time.strftime('%Y-%m-%d')} on {os.cpu_count()} cores.", "",
        "| what | measured | aim |", "|---|---|---|",
        f"| first cause of a single fault | {first} | ≥ 95 % |",
        f"| among the first three | {top3} | |",
        f"| both faults of a pair among the first three | {share(both, len(pairs))} | ≥ 80 % |",
        f"| healthy runs with a cause | {share(false[0], HEALTHY_RUNS)} | 0 |",
        f"| healthy runs under load ({load_of_all()}) with a cause"
        f" | {share(false[1], LOADED_RUNS)} | 0 |",
        f"| healthy runs that are called healthy | {share(sound, len(healthy))} | all |",
        f"| harmless oddities with a certain cause | {share(len(calm_false), len(calm))} | 0 |",
        f"| from a broken lab to the report, slowest | {slowest:.1f} s | < 5 s |",
        "| the same answer twice, to the byte | all | all |", "",
        f"Pairs are drawn with seed {SEED}; {len(excluded)} of them are left out, because one hides"
        " the other or both change the same thing (`hides()` in tests/bench/diagnosis.py says"
        " which); so are those that the lab refuses.", "",
        "| fault | causes, best first | right |", "|---|---|---|", *rows, "",
        "Harmless: " + "; ".join(
            f"{o.faults[0]}: {', '.join(o.named) or o.answer}" for o in calm) + ".", "",
        "Pairs of which not both were named:", "", *(wrong or ["none"]),
    ])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replay", action="store_true", help="diagnose saved runs again")
    parser.add_argument("--faults", default="", help="only these, printed")
    options = parser.parse_args()
    unknown = set(faults.ALL) - set(TRUTH) - HARMLESS
    if unknown:
        sys.exit(f"say what these faults break: {', '.join(sorted(unknown))}")
    text = measure(options.replay, set(filter(None, options.faults.split(","))))
    print(text)
    if not options.faults:
        report = REPORT.read_text()
        begin, end = report.index(START) + len(START), report.index(END)
        REPORT.write_text(f"{report[:begin]}\n{text}\n{report[end:]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
