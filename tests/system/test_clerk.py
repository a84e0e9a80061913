"""clerk against a real TLS server with real RSA keys, a UI, an API, and nginx where it matters."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clerk_standin import PAGE, Clerk, Proxy, Ui, jwk_of, keys, new_key, tampered, token
from servers import Server, answer

UNAUTHORIZED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}"
WELCOME = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

Check = Callable[..., dict]


@pytest.fixture
def clerk(tmp_path: Path) -> Clerk:
    """Not yet running."""
    return Clerk(tmp_path / "clerk")


@pytest.fixture
def check(triage, runbook) -> Check:
    """Runs one check; gives its result, with all that was said on both streams as `said`."""

    def run(use: str, parameters: str, header: str = "", env: dict | None = None) -> dict:
        book = runbook(
            f'{header}\n[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "clerk.{use}"\n'
            f'timeout = "10s"\n[step.check.with]\n{parameters}\n'
        )
        ran = triage("run", book, "-v", "-f", "json", "-f", f"console={book.parent}/report",
                     env=env)
        said = ran.out + ran.err + (book.parent / "report").read_text()
        return {**ran.results()["it"], "said": said, "code": ran.code}

    return run


def codes(result: dict) -> list[str]:
    return [finding["code"] for finding in result["findings"]]


def key_parameters(clerk: Clerk, **more: object) -> str:
    publishable = {"publishable-key": clerk.instance.publishable_key}
    return clerk.parameters(**{**publishable, **more})


# ---- clerk.keys --------------------------------------------------------------------------------


def test_good_keys(check: Check, clerk: Clerk) -> None:
    with clerk:
        result = check("keys", key_parameters(clerk))
    assert (result["code"], codes(result)) == (0, []), result["summary"]
    assert f"pk_test of 127.0.0.1:{clerk.port}; 1 of 1 keys verify" in result["summary"]
    assert "this clock is within 1 s of Clerk's" in result["summary"]


def test_a_certificate_that_nobody_trusts(check: Check, clerk: Clerk) -> None:
    with clerk:
        result = check("keys", key_parameters(clerk, **{"ca-file": []}))
    assert codes(result) == ["clerk.tls"], "an empty list is none: the system's CAs"


def test_a_frontend_api_that_is_away(check: Check, clerk: Clerk) -> None:
    assert codes(check("keys", key_parameters(clerk))) == ["clerk.refused"]
    clerk.env["CLERK_SILENT"] = "1"
    with clerk:
        result = check("keys", key_parameters(clerk, timeout="300ms"))
    assert codes(result) == ["clerk.no-answer"]
    assert "waiting for the TLS handshake" in result["findings"][0]["message"]


def test_what_is_no_frontend_api(check: Check, clerk: Clerk) -> None:
    (clerk.folder / "jwks.json").write_text("<!doctype html><html>Hotel Wi-Fi</html>")
    with clerk:
        result = check("keys", key_parameters(clerk))
        elsewhere = check("keys", key_parameters(clerk, **{"proxy-url": f"{clerk.url}/nowhere"}))
    assert codes(result) == ["clerk.jwks-malformed"]
    assert "an HTML page" in result["findings"][0]["message"]
    assert codes(elsewhere) == ["clerk.jwks-status"]
    assert "HTTP 404, expected 200; Clerk says resource_not_found" in elsewhere["summary"] + \
        elsewhere["findings"][0]["message"]


@pytest.mark.parametrize(
    ("bits", "changes", "words"),
    [(1024, {}, "1024 bits"), (2048, {"alg": "PS256"}, "PS256"), (2048, {"use": "enc"}, "enc")],
)
def test_keys_that_cannot_verify(
    check: Check, clerk: Clerk, bits: int, changes: dict, words: str
) -> None:
    clerk.publish(jwk_of(new_key(bits), "ins_x", **changes))
    with clerk:
        result = check("keys", key_parameters(clerk))
    assert codes(result) == ["clerk.jwks-key"]
    assert words in result["findings"][0]["message"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda key: key[:-4], "clerk.publishable-key-malformed"),
        (lambda key: f'"{key}"', "clerk.publishable-key-malformed"),
        (lambda key: "sk_live_Zm9vYmFyYmF6cXV4Zm9vYmFy0123", "clerk.secret-key-published"),
        (lambda key: keys.publishable_key("clerk.example.com"), "clerk.other-frontend-api"),
    ],
)
def test_publishable_keys_that_are_wrong(check: Check, clerk: Clerk, change, code: str) -> None:
    changed = change(clerk.instance.publishable_key)
    with clerk:
        result = check("keys", key_parameters(clerk, **{"publishable-key": changed}))
    assert codes(result) == [code], result
    if changed.startswith("sk_"):
        assert changed not in result["said"]


def test_the_key_does_not_grant_that_its_host_is_asked(triage, clerk: Clerk) -> None:
    key = clerk.instance.publishable_key
    with clerk:
        ran = triage("check", "clerk.keys", f"publishable-key={key}", "-f", "json")
    [result] = ran.json()["results"]
    assert (ran.code, result["verdict"], result["findings"]) == (3, "error", [])
    assert f"no permission for {clerk.url}" in result["summary"]
    assert f'clerk = {{ http = ["{clerk.url}"] }}' in result["remedy"]
    assert "clerk.publishable-key-malformed" in json.dumps(result), "that much was looked at"


def test_a_clock_that_is_wrong(check: Check, clerk: Clerk) -> None:
    clerk.env["CLERK_CLOCK_OFFSET"] = "-45"
    with clerk:
        wrong = check("keys", key_parameters(clerk))
        bearable = check("keys", key_parameters(clerk, **{"fail-skew": "2m"}))
    assert (codes(wrong), wrong["verdict"]) == (["clerk.clock-wrong"], "fail")
    assert "ahead of Clerk's" in wrong["summary"]
    assert (codes(bearable), bearable["verdict"]) == (["clerk.clock-skew"], "warn")


def test_test_keys_in_production(check: Check, clerk: Clerk) -> None:
    with clerk:
        result = check("keys", key_parameters(clerk, environment="production"))
    assert codes(result) == ["clerk.test-key-in-production"]


def test_parameters_that_are_wrong_are_told_before_anything_runs(triage, runbook) -> None:
    for use, line, words in [
        ("keys", 'environment = "prod"', "environment"),
        ("keys", 'warn-skew = "-1s"', "warn-skew"),
        ("token", 'authorized-parties = ["app.example.com"]', "authorized-parties"),
        ("token", 'issuer = "clerk.example.com"', "issuer"),
        ("redirect", 'sign-in-hosts = ["https://a.example.com"]', "sign-in-hosts"),
        ("api", "", "'api'"),
        ("token", 'authorized-parties = ["https://a:65536"]', "expected 1 to 65535"),
        ("token", 'issuer = "https://a:0/"', "expected 1 to 65535"),
        ("redirect", 'sign-in-hosts = ["a.example.com:99999"]', "expected 1 to 65535"),
    ]:
        ran = triage("validate", runbook(f'[[step]]\nid = "s"\n[[step.check]]\nid = "it"\n'
                                         f'use = "clerk.{use}"\n[step.check.with]\n{line}\n'))
        assert ran.code == 2 and words in ran.err, ran.err


def test_tokens_are_made_for_apps_too(triage, runbook) -> None:
    parties = ["chrome-extension://abc", "capacitor://localhost", "http://localhost:3000"]
    ran = triage("validate", runbook(f'[[step]]\nid = "s"\n[[step.check]]\nid = "it"\n'
                                     f'use = "clerk.token"\nwith.authorized-parties = {parties}\n'))
    assert "authorized-parties" not in ran.err


# ---- clerk.pairing -----------------------------------------------------------------------------


def secrets(name: str, send_to: str = "", reveal: bool = True) -> str:
    bound = f', send-to = ["{send_to}"]' if send_to else ""
    allow = f'allow.clerk = {{ reveal = ["{name}"] }}\n' if reveal else ""
    return f'secrets.{name} = {{ from = ["env:THE_SECRET"]{bound} }}\n{allow}'


@pytest.fixture
def pair(check: Check, clerk: Clerk) -> Callable[..., dict]:
    """With the instance's own secret key, or another."""

    def run(secret: str = "", header: str | None = None, **more: object) -> dict:
        publishable = clerk.instance.publishable_key
        values = {"secret-key": "${secret.sk}", "publishable-key": publishable}
        parameters = clerk.parameters(**{"backend-api": clerk.url, **values, **more})
        text = secret or clerk.instance.secret_key
        header = secrets("sk", clerk.url) if header is None else header
        result = check("pairing", parameters, header, env={"THE_SECRET": text})
        assert text not in result["said"]
        return result

    return run


def test_keys_of_one_instance(pair, clerk: Clerk) -> None:
    with clerk:
        result = pair()
        concealed = pair(header=secrets("sk", reveal=False))
    assert (result["code"], codes(result)) == (0, []), result["summary"]
    assert result["facts"]["paired"] is True
    assert "secret key: sk_test" in result["summary"]
    assert concealed["verdict"] == "pass"
    assert "its format is not looked at" in concealed["summary"]


def test_keys_of_two_instances(pair, clerk: Clerk) -> None:
    other = keys.add_instance(clerk.folder)
    with clerk:
        result = pair(other)
    assert codes(result) == ["clerk.keys-mismatched"]
    assert clerk.jwk()["kid"] in result["findings"][0]["message"]


def test_a_revoked_key(pair, clerk: Clerk) -> None:
    with clerk:
        result = pair(keys.make_secret_key())
    assert codes(result) == ["clerk.secret-key-revoked"]
    assert result["findings"][0]["evidence"]["clerk"] == "clerk_key_invalid"


def test_a_401_of_a_proxy_is_no_revoked_key(pair, clerk: Clerk, server: Server) -> None:
    proxy = b"HTTP/1.1 401 No\r\nContent-Length: 18\r\n\r\n<html>Proxy</html>"
    server.on("/v1/jwks", answer(proxy))
    with clerk:
        result = pair(header=secrets("sk"), **{"backend-api": server.url("")})
    assert codes(result) == ["clerk.backend-api-error"]
    sent = server.requests[0]
    assert f"Authorization: Bearer {clerk.instance.secret_key}".encode() in sent


def test_a_secret_goes_only_where_it_may(pair, clerk: Clerk, server: Server) -> None:
    with clerk:
        result = pair(**{"backend-api": server.url("")})
    assert (result["verdict"], result["findings"], server.requests) == ("error", [], [])
    assert "may only be sent to" in result["summary"]


def test_one_live_and_one_test_key(pair, clerk: Clerk) -> None:
    live = keys.publishable_key(f"127.0.0.1:{clerk.port}", "live")
    with clerk:
        result = pair(**{"publishable-key": live})
    assert codes(result) == ["clerk.key-kinds-differ"]


# ---- clerk.token and clerk.api -----------------------------------------------------------------


@pytest.fixture
def look(check: Check, clerk: Clerk) -> Callable[..., dict]:
    """At a token; the clerk must be running."""

    def run(text: str, reveal: bool = True, **more: object) -> dict:
        parameters = clerk.parameters(token="${secret.token}", **more)
        result = check("token", parameters, secrets("token", reveal=reveal),
                       env={"THE_SECRET": text})
        for secret in (text, *text.split("."), "user_2aBcDeFgHiJkLmNoPqRs",
                       "sess_9zYxWvUtSrQpOnMlKjIh"):
            assert secret not in result["said"]
        return result

    return run


@pytest.fixture
def key(clerk: Clerk) -> Iterator:
    """The running instance's only key: kid ins_k."""
    made = new_key()
    clerk.publish(jwk_of(made, "ins_k"))
    with clerk:
        yield made


def test_a_good_token(look, key, clerk: Clerk) -> None:
    result = look(token(key, "ins_k", clerk.url), **{"authorized-parties": [PAGE]})
    assert (result["code"], codes(result)) == (0, []), result
    assert "the token is good, expires in" in result["summary"]
    assert result["facts"]["kid"] == "ins_k"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text, key, url: tampered(text), "clerk.token-signature"),
        (lambda text, key, url: text.partition(".")[2], "clerk.token-malformed"),
        (lambda text, key, url: token(new_key(), "ins_k", url), "clerk.token-signature"),
        (lambda text, key, url: token(key, "ins_other", url), "clerk.token-unknown-key"),
        (lambda text, key, url: token(key, "ins_k", "https://x.y"), "clerk.token-issuer"),
        (lambda text, key, url: token(key, "ins_k", url, exp=1), "clerk.token-expired"),
        (lambda text, key, url: token(key, "ins_k", url, nbf=2**34), "clerk.token-not-yet"),
        (lambda text, key, url: token(key, "ins_k", url, iat="x"), "clerk.token-claims"),
        (lambda text, key, url: token(key, "ins_k", url, azp="https://x.y"),
         "clerk.token-authorized-party"),
    ],
)
def test_tokens_that_are_not_good(look, key, clerk: Clerk, change, code: str) -> None:
    text = change(token(key, "ins_k", clerk.url), key, clerk.url)
    result = look(text, **{"authorized-parties": [PAGE]})
    assert codes(result) == [code], result["findings"]


def test_a_wrong_clock_is_not_an_expired_token(look, clerk: Clerk) -> None:
    made = new_key()
    clerk.publish(jwk_of(made, "ins_k"))
    clerk.env["CLERK_CLOCK_OFFSET"] = "-300"
    now = int(time.time())
    with clerk:
        late = token(made, "ins_k", clerk.url, iat=now - 310, nbf=now - 310, exp=now - 250)
        assert codes(look(late)) == ["clerk.clock-wrong"]


def guarded(token_text: str, without: bytes = UNAUTHORIZED, good: bytes = WELCOME):
    """An API that takes one token."""

    def play(connection, request: bytes) -> None:
        is_good = f"Authorization: Bearer {token_text}\r\n".encode() in request
        connection.sendall(good if is_good else without)

    return play


def test_what_the_api_says_to_a_token(look, key, clerk: Clerk, server: Server) -> None:
    text = token(key, "ins_k", clerk.url)
    api = server.on("/me", guarded(text))
    taken = look(text, api=api)
    assert (codes(taken), taken["facts"]["api_status"]) == ([], 200)
    assert "API: 401 without a token, with it HTTP 200" in taken["summary"]
    other_keys = server.on("/other", answer(UNAUTHORIZED))
    assert codes(look(text, api=other_keys)) == ["clerk.api-refuses-token"]
    late = token(key, "ins_k", clerk.url, exp=1)
    assert codes(look(late, api=other_keys)) == ["clerk.token-expired"], "the API is right"
    trusting = server.on("/trusting", guarded(late))
    assert codes(look(late, api=trusting)) == ["clerk.token-expired",
                                               "clerk.api-accepts-bad-token"]
    strange = token(new_key(), "ins_strange", clerk.url)
    fooled = server.on("/fooled", guarded(strange))
    assert codes(look(strange, api=fooled)) == ["clerk.token-unknown-key",
                                                "clerk.api-accepts-bad-token"]


def test_a_token_that_is_not_revealed(look, key, clerk: Clerk, server: Server) -> None:
    text = token(key, "ins_k", clerk.url)
    alone = look(text, reveal=False)
    assert alone["verdict"] == "error" and "reveal" in alone["summary"]
    with_api = look(text, reveal=False, api=server.on("/me", guarded(text)))
    assert with_api["verdict"] == "pass"
    assert "the token is not looked into" in with_api["summary"]


def test_triage_check_takes_a_token(triage, key, clerk: Clerk) -> None:
    ran = triage("check", "clerk.token", "token=env:TOKEN", f"frontend-api={clerk.url}",
                 f"ca-file={clerk.ca}", env={"TOKEN": token(key, "ins_k", clerk.url)})
    assert ran.code == 0 and "the token is good" in ran.out, ran.out


def test_an_api_that_cannot_reach_clerk(check: Check, server: Server) -> None:
    def play(connection, request: bytes) -> None:
        if b"Authorization:" in request:
            server.hang(connection, request)
        connection.sendall(UNAUTHORIZED)

    result = check("api", f'api = "{server.on("/me", play)}"\ntimeout = "500ms"')
    assert codes(result) == ["clerk.api-hangs-verifying"]
    hung = check("api", f'api = "{server.on("/hung", server.hang)}"\ntimeout = "300ms"')
    assert codes(hung) == ["clerk.no-answer"], "it hangs anyway"


def test_an_api_that_is_open_or_easily_fooled(check: Check, server: Server) -> None:
    assert codes(check("api", f'api = "{server.url()}"')) == ["clerk.api-open"]

    def play(connection, request: bytes) -> None:
        connection.sendall(WELCOME if b"Authorization: Bearer ey" in request else UNAUTHORIZED)

    assert codes(check("api", f'api = "{server.on("/me", play)}"')) == [
        "clerk.api-accepts-made-up"]
    page = b"<html>401 Authorization Required</html>"
    basic = (b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nServer: nginx\r\n"
             b"Content-Length: %d\r\n\r\n" % len(page))
    proxy = check("api", f'api = "{server.on("/basic", answer(basic + page))}"')
    assert (proxy["verdict"], codes(proxy)) == ("error", []), "no API has been seen"
    assert "by nginx, that asks for a Basic login" in proxy["said"]
    good = check("api", f'api = "{server.on("/good", answer(UNAUTHORIZED))}"')
    assert (good["verdict"], codes(good)) == ("pass", [])


# ---- clerk.redirect ----------------------------------------------------------------------------


def test_a_handshake_there_and_back(check: Check, clerk: Clerk) -> None:
    with clerk, Ui(clerk.url) as ui:
        result = check("redirect", clerk.parameters(ui=f"http://127.0.0.1:{ui.port}/boards"))
    assert (result["code"], codes(result)) == (0, []), result
    assert "and back, then HTTP 200 (4 requests)" in result["summary"]
    assert "dvb_2aBcDeFgHiJkLmNoPqRs01" not in result["said"]


def test_a_proxy_that_keeps_the_ui_from_knowing_its_name(
    check: Check, clerk: Clerk, tmp_path: Path
) -> None:
    def through(name: str, settings: str) -> dict:
        with Proxy(tmp_path / name, ui.port, settings) as proxy:
            return check("redirect", clerk.parameters(ui=proxy.url))

    with clerk, Ui(clerk.url) as ui:
        lost = through("lost", "")
        kept = through("kept", "proxy_set_header Host $http_host;")
        scheme = through(
            "scheme", "proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto https;"
        )
        no_cookies = through(
            "no-cookies", "proxy_set_header Host $http_host; proxy_hide_header Set-Cookie;"
        )
    assert codes(lost) == ["clerk.redirect-return"]
    assert "takes its inner port for its outer one" in lost["findings"][0]["message"]
    assert (kept["verdict"], codes(kept)) == ("pass", [])
    assert codes(scheme) == ["clerk.redirect-return"]
    assert "does not know that browsers reach it by http" in scheme["findings"][0]["message"]
    assert codes(no_cookies) == ["clerk.redirect-loop"]


def test_redirects_to_another_instance(check: Check, clerk: Clerk) -> None:
    for portal in ("https://accounts.example.com/sign-in",
                   "https://clerk.example.com/v1/client/handshake"):
        with Ui(clerk.url, portal) as ui:
            result = check("redirect", clerk.parameters(ui=f"http://127.0.0.1:{ui.port}/"))
        assert codes(result) == ["clerk.redirect-host"]
    with Ui(clerk.url, "https://accounts.example.com/sign-in") as ui:
        parameters = clerk.parameters(ui=f"http://127.0.0.1:{ui.port}/",
                                      **{"sign-in-hosts": ["accounts.example.com"]})
        result = check("redirect", parameters)
    assert (result["verdict"], codes(result)) == ("pass", [])
    assert result["facts"]["sign_in"] == "https://accounts.example.com/sign-in"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 21\r\n\r\nInternal Server Error",
         "clerk.ui-key-missing"),
        (b"HTTP/1.1 502 Oh\r\nContent-Length: 11\r\n\r\nBad Gateway", "clerk.ui-error"),
        (WELCOME, "clerk.ui-without-clerk"),
        (b"HTTP/1.1 200 OK\r\nx-clerk-auth-status: signed-out\r\nContent-Length: 2\r\n\r\n{}",
         "clerk.page-public"),
    ],
)
def test_a_ui_that_does_not_redirect(
    check: Check, clerk: Clerk, server: Server, raw: bytes, code: str
) -> None:
    result = check("redirect", clerk.parameters(ui=server.on("/", answer(raw))))
    assert codes(result) == [code]
