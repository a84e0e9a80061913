#!/usr/bin/python3
"""Runs clang-tidy over the project's own sources, on all cores, and remembers what was clean.

A file is looked at again only if it, a header of the project, the settings or the tool changed.
usage: tidy.py BUILD_DIR
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIDY = "clang-tidy-19"


def own_sources(build: Path) -> list[Path]:
    entries = json.loads((build / "compile_commands.json").read_text())
    files = {Path(entry["file"]) for entry in entries}
    own = [f for f in files if f.is_relative_to(ROOT) and not f.is_relative_to(ROOT / "build")]
    return sorted(f for f in own if f.suffix in (".cpp", ".c") and not f.stem.endswith("_test"))


def common_fingerprint() -> bytes:
    version = subprocess.run([TIDY, "--version"], check=True, capture_output=True).stdout
    digest = hashlib.sha256(version)
    digest.update((ROOT / ".clang-tidy").read_bytes())
    for folder in ("core", "sdk", "plugins", "tests"):
        for header in sorted((ROOT / folder).rglob("*.h*")):
            digest.update(header.read_bytes())
    return digest.digest()


def check(source: Path, build: Path, common: bytes) -> str:
    name = str(source.relative_to(ROOT)).encode()
    key = hashlib.sha256(common + name + source.read_bytes()).hexdigest()
    clean = build / "tidy-clean" / key
    if clean.exists():
        return ""
    command = [TIDY, "--quiet", "-p", str(build), str(source)]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode == 0:
        clean.touch()
        return ""
    return run.stdout or run.stderr


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    (build / "tidy-clean").mkdir(exist_ok=True)
    sources, common = own_sources(build), common_fingerprint()
    if not sources:
        print(f"{build}/compile_commands.json names no source of this project", file=sys.stderr)
        return 1
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        reports = [r for r in pool.map(lambda s: check(s, build, common), sources) if r]
    print("\n".join(reports), file=sys.stderr, end="\n" if reports else "")
    print(f"clang-tidy: {len(sources)} files, {len(reports)} with complaints", file=sys.stderr)
    return 1 if reports else 0


if __name__ == "__main__":
    sys.exit(main())
