#!/usr/bin/python3
"""Runs clang-tidy over the project's own sources, on all cores, and remembers what was clean.

Most of the time goes into the headers of libraries. So C++ sources that are compiled alike are
pasted together into units, and what clang-tidy says of a unit's lines is said of its sources'. A
unit is looked at again only if it, a header of the project, the settings or the tool changed.

usage: tidy.py BUILD_DIR [--deep]    --deep: every source by itself, by the unabridged analyzer
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIDY = "clang-tidy-19"
UNIT_LINES = 2000
# The analyzer follows small calls only, and leaves a function early: a third of its time.
QUICK = ["-Xclang", "-analyzer-config", "-Xclang", "mode=shallow,max-nodes=8000"]
# A path that the analyzer follows into a library, and what explains it.
NOT_OURS = re.compile(r"/usr/.*\[clang-analyzer-|.*: note: ")

Flags = tuple[str, ...]


def flags_of(command: str) -> Flags:
    """What matters to clang-tidy, so that as many sources as possible have the same."""
    words = shlex.split(command)
    words = words[1 : words.index("-o")]
    return tuple(w for w in words if not re.fullmatch("-(O.|fPI.|D.*_EXPORTS)", w))


def own_sources(build: Path) -> dict[Path, Flags]:
    """Every source with the flags of one target that has it."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = Path(entry["file"])
        own = file.is_relative_to(ROOT) and not file.is_relative_to(ROOT / "build")
        if own and file.suffix in (".cpp", ".c") and not file.stem.endswith("_test"):
            found[file] = flags_of(entry["command"])
    return dict(sorted(found.items()))


def count_lines(sources: list[Path]) -> int:
    return sum(source.read_text().count("\n") for source in sources)


def too_much(sources: list[Path]) -> bool:
    mains = sum("\nint main(" in source.read_text() for source in sources)
    return count_lines(sources) > UNIT_LINES or mains > 1


def units_of(sources: dict[Path, Flags]) -> list[list[Path]]:
    units: list[list[Path]] = []
    last: dict[Flags, list[Path]] = {}  # the unit that grows
    for source, flags in sources.items():
        unit = last.get(flags)
        if not unit or source.suffix == ".c" or too_much([*unit, source]):
            units.append(unit := [])
            last[flags] = unit
        unit.append(source)
    return sorted(units, key=count_lines, reverse=True)


class Tidy:
    def __init__(self, build: Path, deep: bool) -> None:
        self.sources = own_sources(build)
        self.units = [[s] for s in self.sources] if deep else units_of(self.sources)
        self.folder = build / "tidy-units"
        self.folder.mkdir(exist_ok=True)
        self.extra = [] if deep else QUICK
        self.common = hashlib.sha256(repr(self.extra).encode())
        version = subprocess.run([TIDY, "--version"], check=True, capture_output=True)
        self.common.update(version.stdout)
        self.common.update((ROOT / ".clang-tidy").read_bytes())
        for folder in ("core", "sdk", "plugins", "tests"):
            for header in sorted((ROOT / folder).rglob("*.h*")):
                self.common.update(header.read_bytes())

    def complaints(self, unit: list[Path]) -> list[str]:
        text = "".join(source.read_text() for source in unit)
        flags = [*self.sources[unit[0]], *(f"-iquote{s.parent}" for s in unit), *self.extra]
        digest = self.common.copy()
        digest.update(repr((unit, flags, text)).encode())
        pasted = self.folder / (digest.hexdigest()[:24] + unit[0].suffix)
        clean = pasted.with_suffix(".clean")
        if clean.exists():
            return []
        pasted.write_text(text)
        command = [TIDY, "--quiet", pasted, "--", *flags]
        run = subprocess.run(command, capture_output=True, text=True)
        pasted.unlink()
        found = []
        if "[clang-diagnostic-error]" in run.stdout and len(unit) > 1:  # two of one name
            half = len(unit) // 2
            found = self.complaints(unit[:half]) + self.complaints(unit[half:])
        elif run.returncode != 0:
            ended = f"{unit[0]}: {TIDY} ended with {run.returncode}\n{run.stdout}{run.stderr}"
            lines = located(run.stdout, pasted, unit) or [ended]
            found = lines if any(not NOT_OURS.match(line) for line in lines) else []
        if not found:
            clean.touch()
        return found


def located(output: str, pasted: Path, unit: list[Path]) -> list[str]:
    """The lines of clang-tidy's output that name a place, and the place in the source."""
    def place(match: re.Match[str]) -> str:
        line = int(match[1])
        for source in unit:
            if line <= (length := count_lines([source])):
                return f"{source}:{line}:"
            line -= length
        return match[0]

    lines = [x for x in output.splitlines() if re.match(r"\S+:\d+:\d+: ", x)]
    lines = [re.sub(f"^{re.escape(str(pasted))}:(\\d+):", place, x) for x in lines]
    return [x.removeprefix(f"{ROOT}/") for x in lines]


def main() -> int:
    tidy = Tidy(Path(sys.argv[1]).resolve(), "--deep" in sys.argv)
    if not tidy.sources:
        print(f"{sys.argv[1]} compiles no source of this project", file=sys.stderr)
        return 1
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [line for lines in pool.map(tidy.complaints, tidy.units) for line in lines]
    print("\n".join(dict.fromkeys(found)), end="\n" if found else "")
    print(f"clang-tidy: {len(tidy.sources)} files, {'with complaints' if found else 'clean'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
