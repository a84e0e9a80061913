#!/usr/bin/python3
"""Holds the code to docs/architecture.md: who may include whom, one user per heavy library, sizes.

Prints every violation as file:line: what, and exits 1 if there is any.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Which folders of core a folder may include (its own and base always).
MAY_INCLUDE = {
    "base": set(),
    "loop": set(),
    "model": set(),
    "redact": {"model"},
    "runbook": {"model"},
    "diagnose": {"model"},
    "causes": {"diagnose", "model", "redact", "runbook"},
    "compare": {"model", "redact"},
    "history": {"model"},
    "bundle": {"compare", "diagnose", "model", "redact", "report"},
    "plan": {"runbook", "model"},
    "net": {"loop"},
    "vantage": {"loop", "net"},
    "plugin": {"loop", "model", "net"},
    "broker": {"loop", "model", "net", "plan", "plugin", "redact", "runbook"},
    "run": {"broker", "loop", "model", "net", "plan", "plugin", "redact", "runbook"},
    "report": {"model", "run"},
    "cli": {
        "broker", "bundle", "causes", "compare", "diagnose", "history", "loop", "model", "net",
        "plan", "plugin", "redact", "report", "run", "runbook", "vantage",
    },
}
# `run` may see a net type through its neighbours only; report sees run's observer and nothing else.
ONLY_HEADER = {("report", "run"): "core/run/observer.hpp"}

# A heavy or delicate library has one user, so that it can be replaced and start-up stays cheap.
ONE_USER = {
    r"<toml\+\+/": ["core/runbook/", "tests/bench/"],
    r"<curl/": ["core/net/", "tests/bench/"],
    r"<boost/dll": ["core/plugin/"],
    r"<boost/url": ["core/base/", "plugins/cors/", "sdk/url/", "tests/bench/"],
    r"<boost/json": ["core/", "sdk/json/"],
    r"<CLI/": ["core/cli/"],
    r"<cbor": ["core/plugin/"],
    r"<sqlite3": ["core/history/"],
    r"<blake2": ["core/base/"],
    r"<triage/abi\.h>": ["core/plugin/", "sdk/"],
    r"<triage/(?!abi\.h)": ["sdk/", "plugins/"],
}

MAX_FILE_LINES = 500
MAX_LINE_CHARS = 100
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<][^">]+[">])')
CORE_INCLUDE = re.compile(r'"core/([a-z]+)/([^"]+)"')


def tracked_sources() -> list[Path]:
    names = subprocess.run(
        "git ls-files --cached --others --exclude-standard -- core sdk plugins tests".split(),
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\n")
    wanted = {".cpp", ".hpp", ".h", ".c", ".py"}
    return [ROOT / n for n in names if Path(n).suffix in wanted and (ROOT / n).exists()]


def core_folder(relative: str) -> str | None:
    parts = relative.split("/")
    return parts[1] if parts[0] == "core" and len(parts) > 2 else None


def check_core_include(relative: str, included: str) -> str | None:
    match = CORE_INCLUDE.fullmatch(included)
    if not match:
        return None
    target, header = match.groups()
    folder = core_folder(relative)
    if relative.split("/")[0] in ("sdk", "plugins"):
        return f"{relative.split('/')[0]} must not include core"
    if folder is None or target in (folder, "base"):
        return None
    if relative.endswith("_test.cpp"):  # a test may make Text, and doubles of its neighbours
        return None
    if target not in MAY_INCLUDE.get(folder, set()):
        return f"core/{folder} must not include core/{target}"
    only = ONLY_HEADER.get((folder, target))
    if only and f"core/{target}/{header}" != only:
        return f"core/{folder} may include {only} only"
    return None


def check_library(relative: str, included: str) -> str | None:
    for pattern, users in ONE_USER.items():
        if re.match(pattern, included) and not any(relative.startswith(user) for user in users):
            return f"{included} belongs to {', '.join(users)}"
    return None


def problems_of(path: Path) -> list[str]:
    relative = str(path.relative_to(ROOT))
    lines = path.read_text(encoding="utf-8").split("\n")
    found = []
    if len(lines) - 1 > MAX_FILE_LINES:
        found.append(f"{relative}:{len(lines)}: {len(lines) - 1} lines, at most {MAX_FILE_LINES}")
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE_CHARS:
            found.append(f"{relative}:{number}: {len(line)} characters, at most {MAX_LINE_CHARS}")
        match = INCLUDE.match(line)
        if not match or path.suffix == ".py":
            continue
        for check in (check_core_include, check_library):
            problem = check(relative, match.group(1))
            if problem:
                found.append(f"{relative}:{number}: {problem}")
    return found


def main() -> int:
    problems = [problem for path in tracked_sources() for problem in problems_of(path)]
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
