"""Fixtures: one healthy lab for the whole run, and backends beside it with other settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from stack.lab import Lab  # noqa: E402
from stack.process import Service  # noqa: E402
from stack.waiting import wait_until  # noqa: E402

READY_SECONDS = 20.0


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """Shared: a test that breaks something mends it."""
    with Lab() as made:
        made.configure()
        made.start()
        yield made
    made.addresses.ports.close()


class Spare:
    """A second backend (or worker) on the lab's services, with some settings changed."""

    def __init__(self, lab: Lab, module: list[str], changes: dict[str, str | None]) -> None:
        env = {**lab.services["backend"].env, **{k: v for k, v in changes.items() if v is not None}}
        for name in (name for name, value in changes.items() if value is None):
            env.pop(name)
        number = len(list(lab.log("").glob("spare-*.out")))
        logs = lab.log(f"spare-{number}.out"), lab.log(f"spare-{number}.err")
        self.service = Service("spare", module, logs, env, HERE / "backend")
        self.url = f"http://127.0.0.1:{lab.addresses.ports['spare']}"
        lab.start_service(self.service)

    @property
    def out(self) -> str:
        return self.service.logs[0].read_text()

    @property
    def err(self) -> str:
        return self.service.logs[1].read_text()

    def wait_ready(self) -> "Spare":
        def is_up() -> bool:
            self.service.raise_if_ended()
            return "Uvicorn running on" in self.err

        wait_until(is_up, READY_SECONDS, "the spare backend is ready")
        return self

    def wait_exit(self) -> int:
        return self.service.wait_exit(READY_SECONDS)


@pytest.fixture
def spare_backend(lab: Lab) -> Iterator[Callable[..., Spare]]:
    """Starts backends with changed variables (None removes one); ends them after the test."""
    started: list[Spare] = []

    def start(**changes: str | None) -> Spare:
        argv = list(lab.services["backend"].argv)
        argv[-1] = str(lab.addresses.ports["spare"])
        started.append(Spare(lab, argv, changes))
        return started[-1]

    yield start
    for spare in started:
        spare.service.stop()


@pytest.fixture
def spare_worker(lab: Lab) -> Iterator[Callable[..., Spare]]:
    """Starts workers with changed variables; ends them after the test."""
    started: list[Spare] = []

    def start(**changes: str | None) -> Spare:
        started.append(Spare(lab, lab.services["worker"].argv, changes))
        return started[-1]

    yield start
    for spare in started:
        spare.service.stop()


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment of a lab that a test starts: without the variables of one around it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LAB_")}
