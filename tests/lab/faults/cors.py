"""Faults of what browsers are allowed."""

from __future__ import annotations

from collections.abc import Callable

from faults.registry import Fault, Step
from stack.client import Answer, fetch
from stack.health import expect
from stack.lab import Lab

PATH = "/api/v1/boards"


def _preflight(lab: Lab, base: str, method: str = "GET") -> Answer:
    headers = {"Origin": lab.addresses.ui, "Access-Control-Request-Method": method}
    return fetch(base + PATH, "OPTIONS", headers)


def _allow(change: Callable[[Lab], str]) -> Step:
    """CORS_ORIGINS says something else than the UI's origin."""

    def prepare(lab: Lab) -> None:
        lab.config.root_env["CORS_ORIGINS"] = change(lab)

    return prepare


def _refused(lab: Lab) -> None:
    answer = _preflight(lab, lab.addresses.api_direct)
    allowed = answer.header("access-control-allow-origin")
    expect(answer.status == 400 and allowed is None, "the preflight refused", answer)


def _off(lab: Lab) -> None:
    answer = _preflight(lab, lab.addresses.api_direct)
    expect(answer.status == 405, "OPTIONS to be 405", answer)


def _stale(lab: Lab) -> None:
    """The file is right; the container was not made anew since."""
    lab.config.stale["CORS_ORIGINS"] = "https://old.example.com"


def _proxy_answers_too(lab: Lab) -> None:
    lab.config.api_location += f'add_header Access-Control-Allow-Origin "{lab.addresses.ui}";\n'


def _doubled(lab: Lab) -> None:
    answer = _preflight(lab, lab.addresses.api)
    values = answer.headers.get_all("access-control-allow-origin")
    expect(len(values or []) == 2, "the header twice, through the proxy", values)
    direct = _preflight(lab, lab.addresses.api_direct).headers
    expect(len(direct.get_all("access-control-allow-origin")) == 1, "once, directly", direct)


def _proxy_wants_authentication(lab: Lab) -> None:
    lab.config.api_location += "if ($request_method = OPTIONS) { return 401; }\n"


def _preflight_401(lab: Lab) -> None:
    answer = _preflight(lab, lab.addresses.api)
    expect(answer.status == 401, "the preflight to be 401", answer)
    expect(_preflight(lab, lab.addresses.api_direct).status == 200, "200 directly", "another")


def _proxy_redirects(lab: Lab) -> None:
    target = f"{lab.addresses.api}/elsewhere"
    lab.config.api_location += f"if ($request_method = OPTIONS) {{ return 308 {target}; }}\n"


def _preflight_308(lab: Lab) -> None:
    answer = _preflight(lab, lab.addresses.api)
    expect(answer.status == 308, "the preflight redirected", answer)


def _any(lab: Lab) -> None:
    answer = fetch(lab.addresses.api + PATH, headers={"Origin": "https://stranger.example"})
    expect(answer.header("access-control-allow-origin") == "*", "* for a stranger", answer)


CORS = frozenset({"cors"})
FAULTS = (
    Fault(
        "cors-origin-missing",
        "CORS_ORIGINS lists another origin than the UI's",
        prepare=_allow(lambda lab: "https://app.example.com"),
        assert_present=_refused,
        breaks=CORS,
        needs=frozenset({"api"}),
    ),
    Fault(
        "cors-trailing-slash",
        "the UI's entry in CORS_ORIGINS ends with a slash",
        prepare=_allow(lambda lab: lab.addresses.ui + "/"),
        assert_present=_refused,
        breaks=CORS,
        needs=frozenset({"api"}),
    ),
    Fault(
        "cors-localhost",
        "CORS_ORIGINS says localhost, people open 127.0.0.1",
        prepare=_allow(lambda lab: lab.addresses.ui.replace("127.0.0.1", "localhost")),
        assert_present=_refused,
        breaks=CORS,
        needs=frozenset({"api"}),
    ),
    Fault(
        "cors-empty",
        "CORS_ORIGINS is empty: the backend sends no CORS headers at all",
        prepare=_allow(lambda lab: ""),
        assert_present=_off,
        breaks=CORS,
        needs=frozenset({"api"}),
    ),
    Fault(
        "cors-not-restarted",
        "CORS_ORIGINS is right in the file, and the backend runs with an older one",
        prepare=_stale,
        assert_present=_refused,
        breaks=CORS,
        needs=frozenset({"api"}),
    ),
    Fault(
        "cors-doubled",
        "the proxy adds Access-Control-Allow-Origin although the backend sends it",
        prepare=_proxy_answers_too,
        assert_present=_doubled,
        breaks=CORS,
        needs=frozenset({"api"}),
    ),
    Fault(
        "cors-preflight-401",
        "the proxy wants authentication from preflights too",
        prepare=_proxy_wants_authentication,
        assert_present=_preflight_401,
        breaks=CORS,
    ),
    Fault(
        "cors-preflight-redirect",
        "the proxy redirects preflights",
        prepare=_proxy_redirects,
        assert_present=_preflight_308,
        breaks=CORS,
    ),
    Fault(
        "cors-any-origin",
        "CORS_ORIGINS=*: every page may call the API",
        prepare=_allow(lambda lab: "*"),
        assert_present=_any,
        breaks=CORS,
        needs=frozenset({"api"}),
    ),
)
