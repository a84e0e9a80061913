"""Faults of the proxy before the API: the backend itself is well, unless said otherwise."""

from __future__ import annotations

import os
import signal
import socket
import time

from faults.acting import backend_is_well
from faults.registry import Fault, Step
from stack.client import Answer, fetch, is_refused, is_silent
from stack.health import expect
from stack.lab import HERE, START_SECONDS, Lab
from stack.process import PYTHON, Service
from stack.waiting import wait_until

BEHIND_PROXY = frozenset({"api", "data", "cors"})
PROXY = frozenset({"api"})
SILENCE_SECONDS = 1.0
SLOW_SECONDS = 1.7  # no hang: within what every client waits
MAINTENANCE = 'default_type text/html; return 503 "<html><h1>Back soon</h1></html>";\n'
FULL_BACKLOG = 64
RELAY = HERE / "standins" / "relay.py"


def _proxied(lab: Lab, path: str = "/healthz") -> Answer:
    return fetch(lab.addresses.api + path)


def _upstream_is_closed(lab: Lab) -> None:
    lab.config.api_upstream = lab.addresses.closed


def _upstream_is_silent(lab: Lab) -> None:
    """The kernel takes connections for this socket, and nobody ever accepts them."""
    address = ("127.0.0.1", lab.addresses.ports["spare"])
    lab.held.append(socket.create_server(address, backlog=FULL_BACKLOG))
    lab.config.api_upstream = f"http://{address[0]}:{address[1]}"
    lab.config.api_read_timeout = "300ms"


def _upstream_is_the_ui(lab: Lab) -> None:
    lab.config.api_upstream = lab.addresses.ui


def _location(text: str) -> Step:
    """More of nginx's configuration for the API."""

    def prepare(lab: Lab) -> None:
        lab.config.api_location += text

    return prepare


def _proxy_says(status: int, words: str) -> Step:
    """By the proxy, in its own words; the backend would say otherwise."""

    def assert_present(lab: Lab) -> None:
        answer = _proxied(lab)
        good = answer.status == status and words.encode() in answer.body
        expect(good and not answer.header("x-request-id"), f"{status} by the proxy", answer)
        backend_is_well(lab)

    return assert_present


def _header_is_lost(lab: Lab) -> None:
    answer = _proxied(lab)
    expect(answer.body == b'{"ok":true}', "the API's own body", answer)
    expect(answer.header("x-request-id") is None, "no x-request-id", answer.headers)
    direct = fetch(lab.addresses.api_direct + "/healthz")
    expect(direct.header("x-request-id") is not None, "one, directly", direct.headers)


def _prefix_is_lost(lab: Lab) -> None:
    answer = _proxied(lab, "/api/v1/boards")
    expect(answer.status == 404 and answer.header("x-request-id"), "404 by the API", answer)
    direct = fetch(lab.addresses.api_direct + "/api/v1/boards")
    expect(direct.status == 401, "401 directly", direct)
    backend_is_well(lab)


def _https_is_wanted(lab: Lab) -> None:
    lab.config.api_location += f"return 308 {lab.addresses.front}$request_uri;\n"


def _all_redirected(lab: Lab) -> None:
    answer = _proxied(lab)
    wanted = lab.addresses.front + "/healthz"
    expect(answer.header("location") == wanted, f"a redirect to {wanted}", answer)
    backend_is_well(lab)


def point_at_relay(lab: Lab) -> None:
    lab.config.api_upstream = f"http://127.0.0.1:{lab.addresses.ports['spare']}"


def relay_listens(lab: Lab, seconds: float) -> None:
    """On the spare port: passes the backend's answers on, so much later."""
    ports, log = lab.addresses.ports, lab.log("relay.log")
    words = [str(ports["spare"]), str(ports["backend"]), str(seconds)]
    relay = Service("relay", [PYTHON, str(RELAY), *words], (log, log))
    lab.start_service(relay)
    wait_until(lambda: not is_refused(_relay_url(lab)), START_SECONDS, "the relay listens")


def _start_relay(lab: Lab) -> None:
    relay_listens(lab, SLOW_SECONDS)


def _relay_url(lab: Lab) -> str:
    return f"http://127.0.0.1:{lab.addresses.ports['spare']}/healthz"


def _answers_late(lab: Lab) -> None:
    started = time.monotonic()
    answer = _proxied(lab)
    took = time.monotonic() - started
    expect(answer.status == 200 and took > SLOW_SECONDS, f"200 after {SLOW_SECONDS} s",
           f"{answer.status} after {took:.2f} s")
    backend_is_well(lab)


def _freeze_backend(lab: Lab) -> None:
    os.kill(lab.services["backend"].pid, signal.SIGSTOP)


def _backend_is_silent(lab: Lab) -> None:
    for base in (lab.addresses.api_direct, lab.addresses.api):
        silent = is_silent(base + "/healthz", SILENCE_SECONDS)
        expect(silent, f"no answer of {base} in {SILENCE_SECONDS:g} s", "an answer")


FAULTS = (
    Fault(
        "proxy-upstream-wrong",
        "nginx takes the API from a port where nobody listens: 502, the backend is fine",
        prepare=_upstream_is_closed,
        assert_present=_proxy_says(502, "<center>nginx"),
        breaks=BEHIND_PROXY,
        needs=frozenset({"nginx"}),
    ),
    Fault(
        "proxy-timeout",
        "what nginx takes the API from accepts and never answers: 504, the backend is fine",
        prepare=_upstream_is_silent,
        assert_present=_proxy_says(504, "<center>nginx"),
        breaks=BEHIND_PROXY,
        needs=frozenset({"nginx"}),
    ),
    Fault(
        "proxy-maintenance",
        "the proxy was left in maintenance: 503 with a page of its own",
        prepare=_location(MAINTENANCE),
        assert_present=_proxy_says(503, "Back soon"),
        breaks=BEHIND_PROXY,
        needs=frozenset({"nginx"}),
    ),
    Fault(
        "proxy-forbids",
        "the proxy lets nobody through: 403",
        prepare=_location("deny all;\n"),
        assert_present=_proxy_says(403, "<center>nginx"),
        breaks=BEHIND_PROXY,
        needs=frozenset({"nginx"}),
    ),
    Fault(
        "proxy-to-the-ui",
        "nginx takes the API from the UI's port: every path is a page, and 200",
        prepare=_upstream_is_the_ui,
        assert_present=_proxy_says(200, "<html"),
        breaks=BEHIND_PROXY,
        needs=frozenset({"nginx"}),
    ),
    Fault(
        "proxy-strips-header",
        "the proxy takes x-request-id away; all else is well",
        prepare=_location("proxy_hide_header X-Request-ID;\n"),
        assert_present=_header_is_lost,
        breaks=PROXY,
        needs=frozenset({"api"}),
    ),
    Fault(
        "proxy-strips-prefix",
        "the proxy takes /api off the path: the API says 404 where it should say 401",
        prepare=_location("rewrite ^/api(/.*)$ $1 break;\n"),
        assert_present=_prefix_is_lost,
        breaks=BEHIND_PROXY,
        needs=frozenset({"api"}),
    ),
    Fault(
        "proxy-redirects-to-https",
        "the API's http address redirects everything to https: programs get no answer there",
        prepare=_https_is_wanted,
        assert_present=_all_redirected,
        breaks=BEHIND_PROXY,
        needs=frozenset({"nginx"}),
    ),
    Fault(
        "proxy-slow",
        "the way from the proxy to the API takes 1.7 s: all is well, and late",
        prepare=point_at_relay,
        inject=_start_relay,
        assert_present=_answers_late,
        breaks=frozenset({"api", "data"}),  # in time, that is
        needs=frozenset({"api"}),
    ),
    Fault(
        "backend-frozen",
        "the backend's process stands still: it accepts connections and answers nothing",
        inject=_freeze_backend,
        assert_present=_backend_is_silent,
        breaks=BEHIND_PROXY | {"backend"},
        needs=frozenset({"backend"}),
    ),
)
