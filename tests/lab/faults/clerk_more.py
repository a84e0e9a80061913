"""Faults of the way from the backend to Clerk's APIs, and of Clerk itself."""

from __future__ import annotations

import ssl
from datetime import timedelta

from faults.acting import token_is_refused
from faults.registry import Fault
from stack import certificates, config
from stack.client import Answer, fetch, is_silent
from stack.health import expect
from stack.lab import Lab
from stack.process import PYTHON

SILENCE_SECONDS = 1.0
CLERK_OUTAGE = """
import ssl, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(503)
server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2] + "/cert.pem", sys.argv[2] + "/key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
"""


def _redeploy_backend(lab: Lab, **env: str) -> None:
    """With other variables, and with no key set in its cache."""
    lab.services["backend"].env.update(env)
    lab.restart("backend")


def _key_set(lab: Lab) -> Answer:
    return fetch(f"{lab.addresses.clerk}/.well-known/jwks.json", ca=lab.clerk.ca)


def _token_hangs(lab: Lab) -> None:
    url = f"{lab.addresses.api_direct}/api/v1/boards"
    silent = is_silent(url, SILENCE_SECONDS, headers=lab.authorization())
    expect(silent, "no answer with a token", "an answer")


def _lose_ca(lab: Lab) -> None:
    _redeploy_backend(lab, SSL_CERT_FILE=str(lab.front_ca))


def _backend_distrusts_clerk(lab: Lab) -> None:
    _token_hangs(lab)
    expect(_key_set(lab).status == 200, "Clerk well, for those who trust it", "another status")


def _lengthen_clerk_url(lab: Lab) -> None:
    lab.config.backend_env["CLERK_API_URL"] = f"{lab.addresses.clerk}/v1"
    config.write_env_file(lab.folder / "backend.env", lab.config.backend_env)
    _redeploy_backend(lab, CLERK_API_URL=f"{lab.addresses.clerk}/v1")


def _clerk_url_is_wrong(lab: Lab) -> None:
    token_is_refused(lab)
    url = lab.config.backend_env["CLERK_API_URL"] + "/v1/jwks"
    expect(fetch(url, ca=lab.clerk.ca).status == 404, "404 of Clerk", "another status")


def _expire_clerk_certificate(lab: Lab) -> None:
    root = certificates.authority("triage lab CA")
    leaf = certificates.server(root, ["localhost", "127.0.0.1"], age=timedelta(days=80),
                               life=timedelta(hours=-3))
    parts = {"ca.pem": root.pem, "cert.pem": leaf.pem, "key.pem": leaf.key_pem}
    for name, pem in parts.items():
        (lab.folder / "clerk" / name).write_bytes(pem)
    lab.restart("clerk")
    _redeploy_backend(lab)


def _clerk_certificate_has_expired(lab: Lab) -> None:
    try:
        said = str(_key_set(lab))
    except ssl.SSLError as error:
        said = str(error)
    expect("certificate has expired" in said, "'certificate has expired'", said)
    _token_hangs(lab)


def _end_clerk_service(lab: Lab) -> None:
    clerk = lab.services["clerk"]
    clerk.argv = [PYTHON, "-c", CLERK_OUTAGE, *clerk.argv[2:]]
    lab.restart("clerk")
    _redeploy_backend(lab)


def _clerk_answers_503(lab: Lab) -> None:
    answer = _key_set(lab)
    expect(answer.status == 503, "503 of Clerk", answer)
    token_is_refused(lab)


FAULTS = (
    Fault(
        "clerk-ca-unknown",
        "the backend does not trust who signed Clerk's certificate",
        inject=_lose_ca,
        assert_present=_backend_distrusts_clerk,
        breaks=frozenset({"data"}),
        needs=frozenset({"api", "clerk"}),
    ),
    Fault(
        "clerk-api-url-wrong",
        "CLERK_API_URL ends in /v1: Clerk says 404, the API 401",
        inject=_lengthen_clerk_url,
        assert_present=_clerk_url_is_wrong,
        breaks=frozenset({"data"}),
        needs=frozenset({"api", "clerk"}),
    ),
    Fault(
        "clerk-certificate-expired",
        "the certificate of Clerk's APIs ended 3 hours ago",
        inject=_expire_clerk_certificate,
        assert_present=_clerk_certificate_has_expired,
        breaks=frozenset({"data", "clerk"}),
        needs=frozenset({"api", "clerk"}),
    ),
    Fault(
        "clerk-outage",
        "Clerk answers everything with 503",
        inject=_end_clerk_service,
        assert_present=_clerk_answers_503,
        breaks=frozenset({"data", "clerk"}),
        needs=frozenset({"api", "clerk"}),
    ),
)
