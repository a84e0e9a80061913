"""Faults that keep the backend from starting."""

from __future__ import annotations

from faults.registry import Fault
from stack.client import is_refused
from stack.health import expect
from stack.lab import Lab

NO_BACKEND = frozenset({"backend", "api", "data", "cors"})
REFUSED_KEY = "CLERK_SECRET_KEY must be set and non-empty when AUTH_MODE=clerk."


def _empty_secret_key(lab: Lab) -> None:
    lab.config.backend_env["CLERK_SECRET_KEY"] = ""


def _backend_refused_settings(lab: Lab) -> None:
    backend = lab.services["backend"]
    expect(backend.exit_code() == 1, "the backend ended with status 1", backend.exit_code())
    expect(is_refused(lab.addresses.api_direct), "its port closed", "something listening there")
    complaint = lab.log("backend.err").read_text()
    expect(REFUSED_KEY in complaint, f"'{REFUSED_KEY}' on stderr", complaint[-300:])
    expect("INFO" not in complaint, "no lifecycle line", complaint[:300])


FAULTS = (
    Fault(
        "clerk-secret-key-empty",
        "backend/.env has an empty CLERK_SECRET_KEY: the backend exits 1 before it listens",
        prepare=_empty_secret_key,
        assert_present=_backend_refused_settings,
        breaks=NO_BACKEND | {"worker"},
        needs=frozenset({"backend"}),
        exits={"backend": 1, "worker": 1},
    ),
)
