"""The LAB_* variables that COMMAND gets (the table is in README.md)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stack import runbook
from stack.config import APP_ROLE, DATABASE
from stack.health import HEAD_REVISION

if TYPE_CHECKING:
    from stack.lab import Lab


def log_files(lab: Lab) -> list[Path]:
    """What `docker compose logs` would show of the real system."""
    names = ("backend.log", "backend.err", "worker.log", "postgres.log", "redis.log")
    return [*map(lab.log, names), lab.folder / "nginx" / "error.log"]


def variables(lab: Lab, faults: Sequence[str]) -> dict[str, str]:
    """Also writes the runbook that fits this lab."""
    at, path = lab.addresses, lab.folder / "mission-control.toml"
    bundled = lab.folder / "bundled.toml"
    bundled.write_text(runbook.without_containers(runbook.BUNDLED.read_text()))
    path.write_text(
        runbook.text(
            bundled,
            {
                "api": at.api,
                "api_direct": at.api_direct,
                "ui": at.ui,
                "origins": [at.ui],
                "clerk_frontend_api": at.clerk,
                "clerk_ca": [str(lab.clerk.ca)],
                "gateway": at.gateway,
                "database_intended": f"127.0.0.1:{at.ports['postgres']}/{DATABASE}",
                "database_heads": [HEAD_REVISION],
                "log_containers": [],
                "log_files": [str(path) for path in log_files(lab)],
            },
            {name: lab.folder / f"{name}.env" for name in ("root", "backend", "frontend")},
            runbook.https_check(at.front, lab.front_ca),
        )
    )
    return {
        "LAB_DIR": str(lab.folder),
        "LAB_API": at.api,
        "LAB_API_DIRECT": at.api_direct,
        "LAB_UI": at.ui,
        "LAB_UI_ORIGIN": at.ui,
        "LAB_FRONT": at.front,
        "LAB_FRONT_CA": str(lab.front_ca),
        "LAB_DATABASE_URL": at.database(APP_ROLE, lab.passwords.app, "postgresql+psycopg"),
        "LAB_PG_ADMIN_URL": lab.admin_url(),
        "LAB_REDIS_URL": at.redis,
        "LAB_CLERK_URL": at.clerk,
        "LAB_CLERK_CA": str(lab.clerk.ca),
        "LAB_CLERK_PUBLISHABLE_KEY": lab.config.frontend_env["NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY"],
        "LAB_CLERK_SECRET_KEY": lab.clerk.secret_key,
        "LAB_CLERK_TOKEN": lab.clerk.token,
        "LAB_GATEWAY_URL": at.gateway,
        "LAB_GATEWAY_TOKEN": lab.passwords.gateway,
        "LAB_BACKEND_LOG": str(lab.log("backend.log")),
        "LAB_BACKEND_ERR": str(lab.log("backend.err")),
        "LAB_WORKER_LOG": str(lab.log("worker.log")),
        "LAB_LOG_FILES": ",".join(map(str, log_files(lab))),
        "LAB_FAULTS": ",".join(faults),
        "LAB_RUNBOOK": str(path),
        "TRIAGE_DATABASE_URL": lab.config.database_url,  # the runbook's, before backend.env's
    }
