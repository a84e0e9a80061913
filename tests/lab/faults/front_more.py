"""Faults of what stands before UI and API: nginx, its limits, the UI's files, the https front."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from faults.acting import FEW, backend_is_well, need_root, signed_in
from faults.registry import Fault
from stack import web
from stack.client import Answer, fetch, is_refused
from stack.health import PROBE_PATH, expect
from stack.lab import START_SECONDS, Lab
from stack.waiting import wait_until

MANY_REQUESTS = 120
LARGE_BODY = json.dumps({"text": "x" * 8192})
NO_NGINX = frozenset({"nginx", "api", "data", "ui", "front", "ui-api", "cors"})
PROXY_ANSWERS_PREFLIGHTS = """
if ($request_method = OPTIONS) {{
  add_header Access-Control-Allow-Origin "{origin}";
  add_header Access-Control-Allow-Methods "GET, POST, OPTIONS";
  add_header Access-Control-Allow-Headers "Content-Type";
  return 204;
}}
"""


def _stop_nginx(lab: Lab) -> None:
    lab.services["nginx"].stop()


def _nothing_listens(lab: Lab) -> None:
    for base in (lab.addresses.ui, lab.addresses.api):
        expect(is_refused(base), f"nothing listening at {base}", "something")
    if lab.services["backend"].is_running():
        backend_is_well(lab)


def _limit_bodies(lab: Lab) -> None:
    lab.config.api_location += "client_max_body_size 1k;\n"


def _large_probe(lab: Lab, base: str) -> Answer:
    return fetch(base + PROBE_PATH, "POST", body=LARGE_BODY)


def _send_large_bodies(lab: Lab) -> None:
    for _ in range(FEW):
        _large_probe(lab, lab.addresses.api)


def _large_bodies_are_refused(lab: Lab) -> None:
    answer = _large_probe(lab, lab.addresses.api)
    expect(answer.status == 413, "413 by the proxy", answer)
    expect(_large_probe(lab, lab.addresses.api_direct).status == 404, "404 directly", "another")


def _limit_rate(lab: Lab) -> None:
    path = lab.folder / "nginx" / "nginx.conf"
    text = path.read_text()
    zone = "http {\n  limit_req_zone $binary_remote_addr zone=api:1m rate=1r/s;"
    log = "api-access.log;"
    text = text.replace("http {", zone, 1)
    path.write_text(text.replace(log, log + "\n    limit_req zone=api burst=2 nodelay;", 1))
    os.kill(lab.services["nginx"].pid, signal.SIGHUP)
    wait_until(lambda: fetch(lab.addresses.api + "/healthz").status == 503, START_SECONDS,
               "requests are refused")


def _rate_is_limited(lab: Lab) -> None:
    found = [fetch(lab.addresses.api + "/healthz").status for _ in range(2 * FEW)]
    expect(503 in found, "503 for some of the requests in a row", found)
    backend_is_well(lab)


def _drop_token(lab: Lab) -> None:
    lab.config.api_location += 'proxy_set_header Authorization "";\n'


def _call_signed_in(lab: Lab) -> None:
    for _ in range(MANY_REQUESTS):
        signed_in(lab, "activity", base=lab.addresses.api)


def _token_is_lost(lab: Lab) -> None:
    answer = signed_in(lab, "activity", base=lab.addresses.api)
    expect(answer.status == 401, "401 with a token that is good", answer)
    expect(signed_in(lab, "activity").status == 200, "200 directly", "another status")


def _site(lab: Lab) -> Path:
    return lab.folder / "nginx" / "site"


def _lose_assets(lab: Lab) -> None:
    for chunk in (_site(lab) / "_next" / "static" / "chunks").iterdir():
        chunk.unlink()
    for _ in range(FEW):
        fetch(lab.addresses.ui + web.CHUNK_PATH)


def _assets_are_missing(lab: Lab) -> None:
    answer = fetch(lab.addresses.ui + web.CHUNK_PATH)
    expect(answer.status == 404, "404 for the page's script", answer)
    expect(fetch(lab.addresses.ui + "/").status == 200, "200 for the page", "another status")


def _let_pages_stand_in(lab: Lab) -> None:
    """As with try_files $uri /index.html for every path."""
    page = (_site(lab) / "index.html").read_bytes()
    for chunk in (_site(lab) / "_next" / "static" / "chunks").iterdir():
        chunk.unlink()
        chunk.write_bytes(page)


def _pages_stand_in(lab: Lab) -> None:
    answer = fetch(lab.addresses.ui + web.CHUNK_PATH)
    expect(answer.status == 200 and b"<!doctype html>" in answer.body, "a page", answer)


def _close_site(lab: Lab) -> None:
    """As a copy by root with umask 077 leaves it."""
    _site(lab).chmod(0o700)


def _site_is_closed(lab: Lab) -> None:
    answer = fetch(lab.addresses.ui + "/")
    expect(answer.status in (403, 500), "no page for nginx's worker", answer)


def _preflight(lab: Lab, base: str) -> Answer:
    """Of a request with a token."""
    headers = {"Origin": lab.addresses.ui, "Access-Control-Request-Method": "GET",
               "Access-Control-Request-Headers": "authorization"}
    return fetch(base + "/api/v1/boards", "OPTIONS", headers)


def _write_origins_as_json(lab: Lab) -> None:
    lab.config.root_env["CORS_ORIGINS"] = json.dumps([lab.addresses.ui])


def _preflight_is_refused(lab: Lab) -> None:
    answer = _preflight(lab, lab.addresses.api_direct)
    expect(answer.status == 400, "the preflight refused", answer)


def _proxy_takes_preflights(lab: Lab) -> None:
    lab.config.api_location += PROXY_ANSWERS_PREFLIGHTS.format(origin=lab.addresses.ui)


def _authorization_is_not_allowed(lab: Lab) -> None:
    answer = _preflight(lab, lab.addresses.api)
    allowed = answer.header("access-control-allow-headers")
    expect(answer.status == 204 and allowed == "Content-Type", "no Authorization allowed", answer)
    expect(_preflight(lab, lab.addresses.api_direct).status == 200, "200 directly", "another")


def _ask_for_client_certificates(lab: Lab) -> None:
    ca = lab.folder / "nginx" / "front-ca.pem"
    lab.config.front.directives += ["ssl_verify_client on;", f"ssl_client_certificate {ca};"]


def _strangers_are_refused(lab: Lab) -> None:
    answer = fetch(lab.addresses.front + "/", ca=lab.front_ca)
    words = b"No required SSL certificate was sent"
    expect(answer.status == 400 and words in answer.body, words.decode(), answer)


FAULTS = (
    Fault(
        "nginx-down",
        "nginx has ended: neither UI nor API; the backend is well",
        inject=_stop_nginx,
        assert_present=_nothing_listens,
        breaks=NO_NGINX,
        needs=frozenset({"nginx"}),
    ),
    Fault(
        "proxy-body-limit",
        "nginx refuses bodies over 1 KiB: 413",
        prepare=_limit_bodies,
        inject=_send_large_bodies,
        assert_present=_large_bodies_are_refused,
        needs=frozenset({"api", "data"}),
    ),
    Fault(
        "proxy-rate-limit",
        "nginx lets one request a second through, and says 503",
        inject=_limit_rate,
        assert_present=_rate_is_limited,
        breaks=frozenset({"api", "data", "cors"}),
        needs=frozenset({"api", "nginx"}),
    ),
    Fault(
        "proxy-drops-token",
        "nginx takes the Authorization header away: 401 for everybody",
        prepare=_drop_token,
        inject=_call_signed_in,
        assert_present=_token_is_lost,
        breaks=frozenset({"data"}),
        needs=frozenset({"api", "clerk", "database"}),
    ),
    Fault(
        "ui-assets-missing",
        "the UI's page is there, its scripts are not: half a deploy",
        inject=_lose_assets,
        assert_present=_assets_are_missing,
        breaks=frozenset({"ui", "ui-api"}),
        needs=frozenset({"ui"}),
    ),
    Fault(
        "ui-assets-are-pages",
        "the UI's server answers with the page where its scripts should be",
        inject=_let_pages_stand_in,
        assert_present=_pages_stand_in,
        breaks=frozenset({"ui", "ui-api"}),
        needs=frozenset({"ui"}),
    ),
    Fault(
        "ui-unreadable",
        "nginx may not read the UI's files (needs root)",
        prepare=need_root("own files that nginx's worker may not read"),
        inject=_close_site,
        assert_present=_site_is_closed,
        breaks=frozenset({"ui", "ui-api"}),
        needs=frozenset({"ui"}),
    ),
    Fault(
        "cors-json-list",
        "CORS_ORIGINS is a JSON list, where commas are wanted",
        prepare=_write_origins_as_json,
        assert_present=_preflight_is_refused,
        breaks=frozenset({"cors"}),
        needs=frozenset({"api"}),
    ),
    Fault(
        "cors-preflight-by-proxy",
        "nginx answers preflights itself, and does not allow Authorization",
        prepare=_proxy_takes_preflights,
        assert_present=_authorization_is_not_allowed,
        breaks=frozenset({"cors"}),
        needs=frozenset({"api"}),
    ),
    Fault(
        "tls-client-certificate",
        "the https front wants certificates of its visitors",
        prepare=_ask_for_client_certificates,
        assert_present=_strangers_are_refused,
        needs=frozenset({"front"}),
    ),
)
