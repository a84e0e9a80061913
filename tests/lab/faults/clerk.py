"""Faults of signing in with Clerk: keys, key sets, redirects, clocks."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from time import time

from faults.acting import token_is_refused
from faults.registry import Fault
from stack import config, keys
from stack.client import Answer, fetch, is_refused, is_silent
from stack.health import expect
from stack.lab import Lab

SILENCE_SECONDS = 1.0
CLOCK_OFFSET_SECONDS = 120
NO_HANDSHAKE_COOKIE = "if ($handshake = finish) { return 307 $scheme://$http_host$uri; }\n"
NEXT_WITHOUT_KEY = 'default_type text/plain; return 500 "Internal Server Error";\n'
KEY_VARIABLE = "NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY"


def _jwks_url(lab: Lab) -> str:
    return f"{lab.addresses.clerk}/.well-known/jwks.json"


def _boards(lab: Lab) -> str:
    return f"{lab.addresses.api_direct}/api/v1/boards"


def _open_page(lab: Lab) -> Answer:
    """As a browser without a session does."""
    return fetch(lab.addresses.ui + "/", headers={"Accept": "text/html"})


def _location(lab: Lab) -> str:
    return _open_page(lab).header("location") or ""


def _redeploy_backend(lab: Lab, secret_key: str) -> None:
    """With a secret key, as its env file then says; and with no key set in its cache."""
    lab.config.backend_env["CLERK_SECRET_KEY"] = secret_key
    config.write_env_file(lab.folder / "backend.env", lab.config.backend_env)
    lab.services["backend"].env["CLERK_SECRET_KEY"] = secret_key
    lab.restart("backend")


def _use_key_of_another_instance(lab: Lab) -> None:
    secret_key = keys.add_instance(lab.folder / "clerk")
    lab.restart("clerk")
    _redeploy_backend(lab, secret_key)


def _private_key_set(lab: Lab) -> Answer:
    key = lab.config.backend_env["CLERK_SECRET_KEY"]
    headers = {"Authorization": f"Bearer {key}"}
    return fetch(f"{lab.addresses.clerk}/v1/jwks", headers=headers, ca=lab.clerk.ca)


def _keys_are_of_two_instances(lab: Lab) -> None:
    published = fetch(_jwks_url(lab), ca=lab.clerk.ca).json()["keys"]
    private = _private_key_set(lab).json()["keys"]
    common = {key["kid"] for key in published} & {key["kid"] for key in private}
    expect(not common, "no kid in both key sets", common)
    token_is_refused(lab)


def _revoke_key(lab: Lab) -> None:
    lab.services["clerk"].env["CLERK_SECRET_KEY"] = keys.make_secret_key()
    lab.restart("clerk")
    _redeploy_backend(lab, lab.clerk.secret_key)


def _key_is_revoked(lab: Lab) -> None:
    answer = _private_key_set(lab)
    expect(answer.status == 401, "the backend API to refuse the key", answer)
    token_is_refused(lab)


def _silence_clerk(lab: Lab) -> None:
    lab.services["clerk"].env["CLERK_SILENT"] = "1"
    lab.restart("clerk")
    _redeploy_backend(lab, lab.clerk.secret_key)


def _stop_clerk(lab: Lab) -> None:
    lab.services["clerk"].stop()
    _redeploy_backend(lab, lab.clerk.secret_key)


def _api_hangs_with_token(lab: Lab) -> None:
    expect(fetch(_boards(lab)).status == 401, "401 without a token", "another status")
    silent = is_silent(_boards(lab), SILENCE_SECONDS, headers=lab.authorization())
    expect(silent, "no answer with a token", "an answer")


def _clerk_is_silent(lab: Lab) -> None:
    silent = is_silent(_jwks_url(lab), SILENCE_SECONDS, ca=lab.clerk.ca)
    expect(silent, "no answer of Clerk", "an answer")
    _api_hangs_with_token(lab)


def _clerk_is_away(lab: Lab) -> None:
    expect(is_refused(_jwks_url(lab)), "nothing listens at Clerk's address", "something")
    _api_hangs_with_token(lab)


def _cut_publishable_key(lab: Lab) -> None:
    lab.config.frontend_env[KEY_VARIABLE] = lab.clerk.publishable_key[:-4]


def _ui_has_turned_clerk_off(lab: Lab) -> None:
    key = lab.config.frontend_env[KEY_VARIABLE]
    expect(not keys.is_publishable(key), "a publishable key that is none", key)
    answer = _open_page(lab)
    expect(answer.status == 200, "the page without a redirect", answer)


def _mix_kinds(lab: Lab) -> None:
    live = keys.publishable_key(lab.addresses.clerk_host, "live")
    lab.config.frontend_env[KEY_VARIABLE] = live


def _kinds_differ(lab: Lab) -> None:
    chunk = lab.config.frontend_env[KEY_VARIABLE]
    expect(chunk.startswith("pk_live_"), "a live publishable key", chunk)
    expect(lab.clerk.secret_key.startswith("sk_test_"), "a test secret key", "another")


def _redirect_to_another_instance(lab: Lab) -> None:
    lab.config.handshake_at = "https://clerk.example.invalid"


def _goes_to_another_instance(lab: Lab) -> None:
    location = _location(lab)
    expect(location.startswith("https://clerk.example.invalid/"), "another host", location)


def _forget_own_name(lab: Lab) -> None:
    lab.config.own_url = "http://ui:3000"


def _returns_to_inner_name(lab: Lab) -> None:
    location = _location(lab)
    expect("redirect_url=http://ui:3000/" in location, "the inner name to return to", location)


def _lose_cookies(lab: Lab) -> None:
    lab.config.ui_location += NO_HANDSHAKE_COOKIE


def _cookies_are_lost(lab: Lab) -> None:
    page = f"{lab.addresses.ui}/?__clerk_handshake=signed-out"
    answer = fetch(page, headers={"Accept": "text/html"})
    expect(answer.status == 307 and answer.header("set-cookie") is None,
           "a redirect without a cookie after the handshake", answer)


def _fail_every_page(lab: Lab) -> None:
    lab.config.ui_location += NEXT_WITHOUT_KEY


def _every_page_fails(lab: Lab) -> None:
    answer = _open_page(lab)
    expect((answer.status, len(answer.body)) == (500, 21), "500 and 21 bytes", answer)


def _shift_clock(lab: Lab) -> None:
    lab.config.clerk_env["CLERK_CLOCK_OFFSET"] = str(CLOCK_OFFSET_SECONDS)


def _clock_is_ahead(lab: Lab) -> None:
    date = fetch(_jwks_url(lab), ca=lab.clerk.ca).header("date")
    ahead = parsedate_to_datetime(date).timestamp() - time()
    expect(ahead > CLOCK_OFFSET_SECONDS - 5, "Clerk's clock far ahead", f"{ahead:.0f} s")


SIGNED_IN = frozenset({"data", "clerk"})
FAULTS = (
    Fault(
        "clerk-keys-mismatched",
        "the backend's secret key is of another instance than the UI's publishable key",
        inject=_use_key_of_another_instance,
        assert_present=_keys_are_of_two_instances,
        breaks=frozenset({"data"}),
        needs=frozenset({"api", "clerk"}),
    ),
    Fault(
        "clerk-secret-key-revoked",
        "the backend's secret key was rotated in Clerk's dashboard: Clerk answers 401",
        inject=_revoke_key,
        assert_present=_key_is_revoked,
        breaks=SIGNED_IN,
        needs=frozenset({"api", "clerk"}),
    ),
    Fault(
        "clerk-jwks-hung",
        "Clerk's APIs take connections and say nothing; the backend's requests hang",
        inject=_silence_clerk,
        assert_present=_clerk_is_silent,
        breaks=SIGNED_IN,
        needs=frozenset({"api", "clerk"}),
    ),
    Fault(
        "clerk-jwks-unreachable",
        "nothing listens where Clerk's APIs are; the backend retries for minutes",
        inject=_stop_clerk,
        assert_present=_clerk_is_away,
        breaks=SIGNED_IN,
        needs=frozenset({"api", "clerk"}),
    ),
    Fault(
        "clerk-publishable-key-malformed",
        "the publishable key lacks its last characters: the UI turns Clerk off",
        prepare=_cut_publishable_key,
        assert_present=_ui_has_turned_clerk_off,
        needs=frozenset({"ui"}),
    ),
    Fault(
        "clerk-kinds-mixed",
        "the UI has a live key, the backend a test key",
        prepare=_mix_kinds,
        assert_present=_kinds_differ,
    ),
    Fault(
        "clerk-wrong-redirect-host",
        "the UI was built with the publishable key of another instance",
        prepare=_redirect_to_another_instance,
        assert_present=_goes_to_another_instance,
        needs=frozenset({"ui"}),
    ),
    Fault(
        "clerk-wrong-return",
        "the UI sends browsers to sign in and return to a name that only containers know",
        prepare=_forget_own_name,
        assert_present=_returns_to_inner_name,
        needs=frozenset({"ui"}),
    ),
    Fault(
        "clerk-redirect-loop",
        "a proxy takes the UI's cookies away: each handshake leads to the next",
        prepare=_lose_cookies,
        assert_present=_cookies_are_lost,
        needs=frozenset({"ui"}),
    ),
    Fault(
        "clerk-ui-key-missing",
        "the UI's server has no CLERK_SECRET_KEY: every page is a 500 of 21 bytes",
        prepare=_fail_every_page,
        assert_present=_every_page_fails,
        breaks=frozenset({"ui"}),
    ),
    Fault(
        "clerk-clock-skew",
        "Clerk's clock and this machine's are two minutes apart",
        prepare=_shift_clock,
        assert_present=_clock_is_ahead,
    ),
)
