"""Clerk's stand-in: the frontend API of one instance and the secret-key API of all, over TLS.

Arguments: PORT FOLDER, with `jwks.json`, `cert.pem`, `key.pem` in the folder; the instance's secret
key is in CLERK_SECRET_KEY. `others.json`, if there, maps secret keys of other instances to their
key sets. CLERK_CLOCK_OFFSET is how many seconds its clock is ahead. With CLERK_SILENT it takes
connections and says nothing.
"""

from __future__ import annotations

import hmac
import json
import os
import ssl
import sys
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

INVALID_KEY = {"errors": [{"message": "The provided Clerk Secret Key is invalid.",
                           "code": "clerk_key_invalid"}]}
NOT_FOUND = {"errors": [{"message": "not found", "code": "resource_not_found"}]}
SILENT_SECONDS = 600
SIGN_IN_PAGE = b"<!doctype html><title>Sign in</title><h1>Sign in</h1>"


class ClerkHandler(BaseHTTPRequestHandler):
    """Of one instance; what the instances have is set on the class before serving."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    jwks: bytes = b""
    by_secret_key: dict[str, bytes] = {}
    clock_offset: float = 0.0

    def do_GET(self) -> None:  # noqa: N802 (the name http.server asks for)
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        if url.path == "/.well-known/jwks.json":
            self._send(200, self.jwks)
        elif url.path == "/v1/jwks":
            self._send_key_set_of(self.headers.get("Authorization", ""))
        elif url.path == "/v1/client/handshake" and "redirect_url" in query:
            self._finish_handshake(query["redirect_url"][0])
        elif url.path == "/sign-in":
            self._send(200, SIGN_IN_PAGE, {"Content-Type": "text/html"})
        else:
            self._send(404, json.dumps(NOT_FOUND).encode())

    def _send_key_set_of(self, authorization: str) -> None:
        for secret_key, jwks in self.by_secret_key.items():
            if hmac.compare_digest(authorization.encode(), f"Bearer {secret_key}".encode()):
                self._send(200, jwks)
                return
        self._send(401, json.dumps(INVALID_KEY).encode())

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header; http.server calls it."""
        return formatdate(time.time() + self.clock_offset, usegmt=True)

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
        if os.environ.get("CLERK_SILENT"):
            time.sleep(SILENT_SECONDS)
            return
        try:
            request.settimeout(ClerkHandler.timeout)
            with self._context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)
        except OSError as error:
            print(f"{client_address[0]} {error}", file=sys.stderr)


def main(port: int, folder: Path) -> None:
    ClerkHandler.jwks = (folder / "jwks.json").read_bytes()
    ClerkHandler.by_secret_key = {os.environ["CLERK_SECRET_KEY"]: ClerkHandler.jwks}
    if (others := folder / "others.json").exists():
        for secret_key, jwks in json.loads(others.read_text()).items():
            ClerkHandler.by_secret_key[secret_key] = json.dumps(jwks).encode()
    ClerkHandler.clock_offset = float(os.environ.get("CLERK_CLOCK_OFFSET", "0"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    TlsServer(port, context).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
