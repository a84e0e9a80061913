"""What people do to a lab that is up, and what is seen of it then: shared by many faults."""

from __future__ import annotations

import os
import signal

from faults.registry import Step
from stack import postgres
from stack.client import Answer, fetch
from stack.config import APP_ROLE
from stack.errors import LabError
from stack.health import expect, probe
from stack.lab import START_SECONDS, Lab

FEW = 3  # requests, so that logs tell of more than one


def need_root(what: str) -> Step:
    """To prepare a fault that an ordinary user cannot make: says so before anything starts."""

    def prepare(_: Lab) -> None:
        if os.geteuid() != 0:
            raise LabError(f"this fault needs root, to {what}")

    return prepare


def text_of(lab: Lab, *names: str) -> str:
    """What these logs say so far."""
    return "".join(lab.log(name).read_text(errors="replace") for name in names)


def logged(lab: Lab, words: str, *names: str) -> None:
    """One of these logs has the words."""
    expect(words in text_of(lab, *names), f"'{words}' in {' or '.join(names)}", "no such line")


def signed_in(lab: Lab, path: str, method: str = "GET", body: str | None = None,
              base: str = "") -> Answer:
    """What the API says to a person with a good token; directly, unless at another base."""
    headers = {"Content-Type": "application/json", **lab.authorization()}
    return fetch(f"{base or lab.addresses.api_direct}/api/v1/{path}", method, headers, body)


def make_webhook(lab: Lab) -> str:
    """The path of a new one."""
    path = f"boards/{lab.board_id}/webhooks"
    answer = signed_in(lab, path, "POST", "{}")
    expect(answer.status // 100 == 2, "a new webhook", answer)
    return f"{path}/{answer.json()['id']}"


def post_webhooks(lab: Lab) -> None:
    """Each is a job for the worker."""
    path = make_webhook(lab)
    for _ in range(FEW):
        signed_in(lab, path, "POST", "{}")


def as_admin(lab: Lab, statement: str, *values: object) -> list[tuple]:
    """Rows of a statement of the superuser."""
    return postgres.query(lab.admin_url(), statement, *values)


def end_sessions(lab: Lab) -> None:
    """Of the app's role: what is changed counts for new sessions only."""
    as_admin(lab, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s",
             APP_ROLE)


def start_in_vain(lab: Lab) -> None:
    """A deploy: the backend is ended, and the next one ends by itself."""
    backend = lab.services["backend"]
    backend.stop(signal.SIGTERM)
    lab.start_service(backend)
    backend.wait_exit(START_SECONDS)


def has_ended(lab: Lab, name: str, status: int) -> None:
    """A service of the lab is not running any more."""
    found = lab.services[name].exit_code()
    expect(found == status, f"the {name} ended with status {status}", found)


def backend_is_well(lab: Lab) -> None:
    """On its own port, and its database with it."""
    answer = fetch(lab.addresses.api_direct + "/healthz")
    expect(answer.status == 200, "the backend's own port to be healthy", answer)
    answer = probe(lab)
    expect(answer.status == 404, "the database probe to be 404, directly", answer)


def token_is_refused(lab: Lab) -> None:
    """By the backend itself."""
    answer = signed_in(lab, "boards")
    expect(answer.status == 401, "401 with a token that is good", answer)
