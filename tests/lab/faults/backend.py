"""Faults of the backend's process: it does not run, not anew, or has run out of something."""

from __future__ import annotations

import shutil
import signal
import socket

from faults.acting import has_ended, logged, start_in_vain, text_of
from faults.registry import Fault
from faults.startup import NO_BACKEND
from stack.client import is_refused, is_silent
from stack.health import expect
from stack.lab import HERE, START_SECONDS, Lab
from stack.process import Service
from stack.waiting import wait_until

FAILED_SETTINGS = 1
FILE_LIMIT = 64
SILENCE_SECONDS = 1.0


def _kill_backend(lab: Lab) -> None:
    lab.services["backend"].stop(signal.SIGKILL)


def _backend_was_killed(lab: Lab) -> None:
    has_ended(lab, "backend", -signal.SIGKILL)
    expect(is_refused(lab.addresses.api_direct), "its port closed", "something listening there")


def _deploy_without_module(lab: Lab) -> None:
    release = lab.folder / "release"
    shutil.copytree(HERE / "backend", release, ignore=shutil.ignore_patterns("__pycache__"))
    main = release / "app" / "main.py"
    head = "import asyncio\n"
    main.write_text(main.read_text().replace(head, head + "import slowapi\n", 1))
    lab.services["backend"].cwd = release
    start_in_vain(lab)


def _module_is_missing(lab: Lab) -> None:
    has_ended(lab, "backend", 1)
    logged(lab, "No module named 'slowapi'", "backend.err")


def _use_up_files(lab: Lab) -> None:
    backend = lab.services["backend"]
    backend.argv = ["prlimit", f"--nofile={FILE_LIMIT}:{FILE_LIMIT}", *backend.argv]
    lab.restart("backend")
    address = ("127.0.0.1", lab.addresses.ports["backend"])
    for _ in range(FILE_LIMIT):
        lab.held.append(socket.create_connection(address))
    wait_until(lambda: "Too many open files" in text_of(lab, "backend.log", "backend.err"),
               START_SECONDS, "the backend has no file left")


def _no_file_is_left(lab: Lab) -> None:
    silent = is_silent(lab.addresses.api_direct + "/healthz", SILENCE_SECONDS)
    expect(silent, "no answer of the backend", "an answer")
    logged(lab, "Too many open files", "backend.log", "backend.err")


def _deploy_beside_the_old(lab: Lab) -> None:
    old = lab.services["backend"]
    new = Service("backend-new", old.argv, old.logs, old.env, old.cwd)
    lab.start_service(new)
    new.wait_exit(START_SECONDS)


def _old_one_has_the_port(lab: Lab) -> None:
    logged(lab, "address already in use", "backend.log", "backend.err")
    expect(lab.services["backend"].is_running(), "the old backend running", "it has ended")


def _capitalise_auth_mode(lab: Lab) -> None:
    lab.config.root_env["AUTH_MODE"] = "Clerk"


def _auth_mode_is_refused(lab: Lab) -> None:
    has_ended(lab, "backend", FAILED_SETTINGS)
    logged(lab, "Input should be 'clerk' or 'local'", "backend.err")


FAULTS = (
    Fault(
        "backend-killed",
        "the backend was killed, and nothing starts it again",
        inject=_kill_backend,
        assert_present=_backend_was_killed,
        breaks=NO_BACKEND,
        needs=frozenset({"backend"}),
    ),
    Fault(
        "backend-module-missing",
        "the new image lacks a Python module: the backend exits 1",
        inject=_deploy_without_module,
        assert_present=_module_is_missing,
        breaks=NO_BACKEND,
        needs=frozenset({"backend"}),
    ),
    Fault(
        "backend-out-of-files",
        f"the backend may open {FILE_LIMIT} files, and has them open",
        inject=_use_up_files,
        assert_present=_no_file_is_left,
        breaks=NO_BACKEND,
        needs=frozenset({"backend"}),
    ),
    Fault(
        "backend-not-replaced",
        "the old backend has the port: the new one ended, exit 1",
        inject=_deploy_beside_the_old,
        assert_present=_old_one_has_the_port,
        needs=frozenset({"api", "backend"}),
    ),
    Fault(
        "auth-mode-capital",
        "AUTH_MODE=Clerk, and the backend knows clerk only: it exits 1",
        prepare=_capitalise_auth_mode,
        assert_present=_auth_mode_is_refused,
        breaks=NO_BACKEND | {"worker"},
        needs=frozenset({"backend"}),
        exits={"backend": FAILED_SETTINGS, "worker": FAILED_SETTINGS},
    ),
)
