"""Ports for servers that tests start: claimed as those of labs, which run at the same time."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lab"))

from stack.ports import Ports  # noqa: E402

_claims: list[Ports] = []  # held until this process ends


def free_port() -> int:
    claim = Ports(("server",))
    _claims.append(claim)
    return claim["server"]
