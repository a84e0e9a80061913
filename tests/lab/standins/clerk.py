"""Clerk's stand-in: the frontend API and the secret-key API of one instance, over TLS.

Arguments: PORT FOLDER, with `jwks.json`, `cert.pem`, `key.pem` in the folder; the instance's secret
key is in CLERK_SECRET_KEY.
"""

from __future__ import annotations

import hmac
import json
import os
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

INVALID_KEY = {"errors": [{"message": "The provided Clerk Secret Key is invalid.",
                           "code": "clerk_key_invalid"}]}
NOT_FOUND = {"errors": [{"message": "not found", "code": "resource_not_found"}]}
SIGN_IN_PAGE = b"<!doctype html><title>Sign in</title><h1>Sign in</h1>"


class ClerkHandler(BaseHTTPRequestHandler):
    """One instance; `jwks` and `secret_key` are set on the class before serving."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    jwks: bytes = b""
    secret_key: str = ""

    def do_GET(self) -> None:  # noqa: N802 (the name http.server asks for)
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        if url.path == "/.well-known/jwks.json":
            self._send(200, self.jwks)
        elif url.path == "/v1/jwks":
            self._send_if_authorized(self.jwks)
        elif url.path == "/v1/client/handshake" and "redirect_url" in query:
            self._finish_handshake(query["redirect_url"][0])
        elif url.path == "/sign-in":
            self._send(200, SIGN_IN_PAGE, {"Content-Type": "text/html"})
        else:
            self._send(404, json.dumps(NOT_FOUND).encode())

    def _send_if_authorized(self, body: bytes) -> None:
        sent = self.headers.get("Authorization", "")
        if hmac.compare_digest(sent.encode(), f"Bearer {self.secret_key}".encode()):
            self._send(200, body)
        else:
            self._send(401, json.dumps(INVALID_KEY).encode())

    def _finish_handshake(self, redirect_url: str) -> None:
        """A browser without a session comes back with a handshake that says so."""
        joint = "&" if urlsplit(redirect_url).query else "?"
        location = redirect_url + joint + urlencode({"__clerk_handshake": "signed-out"})
        self._send(307, b"", {"Location": location})

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        all_headers = {"Content-Type": "application/json", **(headers or {})}
        for name, value in all_headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class TlsServer(ThreadingHTTPServer):
    """Shakes hands in the thread of the connection: a silent client delays nobody."""

    daemon_threads = True

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", port), ClerkHandler)
        self._context = context

    def finish_request(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        try:
            request.settimeout(ClerkHandler.timeout)
            with self._context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)
        except OSError as error:
            print(f"{client_address[0]} {error}", file=sys.stderr)


def main(port: int, folder: Path) -> None:
    ClerkHandler.jwks = (folder / "jwks.json").read_bytes()
    ClerkHandler.secret_key = os.environ["CLERK_SECRET_KEY"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    TlsServer(port, context).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
