"""LAB_RUNBOOK: a small runbook that points the bundled one at this lab, which has no containers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

BUNDLED = Path(__file__).resolve().parents[3] / "config" / "mission-control.toml"


# What the bundled runbook asks the Docker engine, which no lab has: the check, and its permission.
# The rest of it stays to the letter.
_OF_CONTAINERS = (
    r"^deploy = .*\n",
    r'^  \[\[step\.check\]\]\n  id = "deploy"\n(?:  .+\n)+\n',
)


def without_containers(bundled: str) -> str:
    for part in _OF_CONTAINERS:
        bundled, found = re.subn(part, "", bundled, flags=re.MULTILINE)
        if found != 1:
            raise ValueError(f"{BUNDLED} has {found} parts of the form {part}, expected 1")
    return bundled


def text(
    bundled: Path,
    variables: Mapping[str, str | list[str]],
    env_files: Mapping[str, Path],
    more: str = "",
) -> str:
    """JSON strings and arrays of strings are TOML too."""
    header = f'triage = 1\nname = "lab"\ninclude = [{json.dumps(str(bundled))}]\n'
    files = [f"{name} = {json.dumps(str(path))}" for name, path in env_files.items()]
    lines = [f"{name} = {json.dumps(value)}" for name, value in variables.items()]
    tables = ["", "[env-files]", *files, "", "[vars]", *lines, ""]
    return header + "\n".join(tables) + more


def https_check(url: str, ca_file: Path) -> str:
    """The bundled runbook sees TLS where `ui` is https; the lab's is http, beside a front."""
    return f"""
[[step]]
id = "https"
title = "The https front"

  [[step.check]]
  id = "https"
  title = "Can the UI load by https?"
  use = "health.endpoint"
  layer = "ui"
  needs = ["ui"]
  with = {{ url = "{url}/", ca-file = "{ca_file}", contains = ["<html"], redirects = 5 }}
"""
