"""What is odd and takes nothing from users: whoever calls it the cause of something is wrong."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from faults.proxy import point_at_relay, relay_listens
from faults.registry import Fault
from faults.tls import front_certificate, set_front
from stack.client import fetch
from stack.health import expect
from stack.lab import Lab

LATE_SECONDS = 0.12  # slower than ever, and within what anybody notices
NOISE = 5000
OLD, LEFT = timedelta(days=800), timedelta(days=40)
WORDS = (
    "INFO app.jobs nothing to do",
    "WARNING app.cache no entry for key=boards:{n}, reading it",
    "INFO app.retry errors=0 failed=0 exceptions=0 retries={n}",
    "DEBUG app.http error_page=none timeout=30 refused=false",
)


def _start_late_relay(lab: Lab) -> None:
    relay_listens(lab, LATE_SECONDS)


def _answers_a_little_late(lab: Lab) -> None:
    started = time.monotonic()
    answer = fetch(lab.addresses.api + "/healthz")
    took = time.monotonic() - started
    expect(answer.status == 200 and took > LATE_SECONDS, f"200 after {LATE_SECONDS} s",
           f"{answer.status} after {took:.2f} s")


def _talk(lab: Lab) -> None:
    now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    with lab.log("backend.log").open("a") as log:
        log.writelines(
            f"{now}.{n % 1000:03d}Z {WORDS[n % len(WORDS)].format(n=n)}\n" for n in range(NOISE)
        )


def _log_is_long(lab: Lab) -> None:
    lines = lab.log("backend.log").read_text(errors="replace").count("\n")
    expect(lines > NOISE, f"more than {NOISE} lines in the backend's log", lines)


def _is_old_and_good(lab: Lab) -> None:
    fetch(lab.addresses.front + "/", ca=lab.front_ca)
    begin, end = front_certificate(lab)
    now = datetime.utcnow()
    old = begin < now - OLD + timedelta(days=1) and end > now + LEFT - timedelta(days=1)
    expect(old, f"a certificate of {OLD} ago, good for {LEFT}", f"{begin} to {end}")


FAULTS = (
    Fault(
        "slow-but-fine",
        "the way from the proxy to the API takes 0.12 s more than ever",
        prepare=point_at_relay,
        inject=_start_late_relay,
        assert_present=_answers_a_little_late,
        needs=frozenset({"api"}),
    ),
    Fault(
        "log-noisy",
        "the backend's log has thousands of lines that speak of errors, and are none",
        inject=_talk,
        assert_present=_log_is_long,
        needs=frozenset({"api"}),
    ),
    Fault(
        "tls-old-but-valid",
        "the certificate of the front is two years old, and good for forty days more",
        prepare=set_front(age=OLD, life=LEFT),
        assert_present=_is_old_and_good,
    ),
)
