"""All faults: every module of this folder contributes its tuple FAULTS."""

from __future__ import annotations

import importlib
import pkgutil

from faults.registry import Fault


def _collect() -> dict[str, Fault]:
    found: dict[str, Fault] = {}
    for module in pkgutil.iter_modules(__path__):
        for fault in getattr(importlib.import_module(f"faults.{module.name}"), "FAULTS", ()):
            if fault.name in found:
                raise ValueError(f"two faults are called {fault.name}")
            found[fault.name] = fault
    return dict(sorted(found.items()))


ALL = _collect()
