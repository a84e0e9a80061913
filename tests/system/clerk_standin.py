"""The lab's stand-in for Clerk on its own: real TLS, real RSA keys; and a UI as its SDK behaves."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

LAB = Path(__file__).resolve().parents[1] / "lab"
sys.path.insert(0, str(LAB))

from ports import free_port  # noqa: E402
from stack import keys  # noqa: E402

START_SECONDS = 20
PAGE = "https://app.example.com"


class Clerk:
    """One instance. Change `folder` or `env`, then enter it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder, self.port = folder, free_port()
        self.instance = keys.make_instance(folder, f"127.0.0.1:{self.port}", azp=PAGE)
        self.url = f"https://127.0.0.1:{self.port}"
        self.ca = str(self.instance.ca)
        self.env = {"CLERK_SECRET_KEY": self.instance.secret_key}
        self._process: subprocess.Popen | None = None

    def publish(self, *jwks: dict) -> None:
        (self.folder / "jwks.json").write_text(json.dumps({"keys": jwks}))

    def jwk(self) -> dict:
        return json.loads((self.folder / "jwks.json").read_text())["keys"][0]

    def parameters(self, **more: object) -> str:
        """TOML of what all checks of an instance have."""
        values = {"frontend-api": self.url, "ca-file": [self.ca], **more}
        return "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items())

    def __enter__(self) -> Clerk:
        self._process = subprocess.Popen(
            ["/usr/bin/python3", str(LAB / "standins/clerk.py"), str(self.port), str(self.folder)],
            env={**os.environ, **self.env}, stderr=subprocess.DEVNULL,
        )
        give_up_at = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up_at:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return self
            time.sleep(0.02)
        raise TimeoutError("Clerk's stand-in does not start")

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


def new_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def jwk_of(key: rsa.RSAPrivateKey, kid: str, **changes: str) -> dict:
    numbers = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    own = {"use": "sig", "kty": "RSA", "alg": "RS256", "kid": kid, **changes}
    return {**own, "n": numbers["n"], "e": numbers["e"]}


def token(key: rsa.RSAPrivateKey, kid: str, issuer: str, **changes: object) -> str:
    now = int(time.time())
    claims = {
        "iss": issuer, "azp": PAGE, "sub": "user_2aBcDeFgHiJkLmNoPqRs",
        "sid": "sess_9zYxWvUtSrQpOnMlKjIh", "iat": now, "nbf": now - 10, "exp": now + 60,
    }
    return jwt.encode({**claims, **changes}, key, algorithm="RS256", headers={"kid": kid})


def tampered(text: str) -> str:
    """The same token with another subject, and the old signature."""
    head, body, signature = text.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims["sub"] = "user_somebody_else"
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{head}.{changed}.{signature}"


class Ui:
    """A UI's middleware: sends a browser without a session to a handshake, or to sign in.

    It knows its own address by Host and X-Forwarded-Proto, as Next.js does.
    """

    def __init__(self, frontend_api: str, portal: str = "") -> None:
        ui = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802 (the name http.server asks for)
                ui.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.frontend_api, self.portal = frontend_api, portal
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        scheme = request.headers.get("X-Forwarded-Proto", "http")
        page = f"{scheme}://{request.headers['Host']}{urlsplit(request.path).path}"
        if "__clerk_db_jwt=" in request.headers.get("Cookie", ""):
            self._send(request, 200, b"<html>welcome</html>")
        elif "__clerk_handshake=" in request.path:
            cookie = "__clerk_db_jwt=dvb_2aBcDeFgHiJkLmNoPqRs01; Path=/; HttpOnly"
            self._send(request, 307, headers={"Location": page, "Set-Cookie": cookie})
        else:
            query = {"redirect_url": page, "__clerk_hs_reason": "dev-browser-missing"}
            goal = self.portal or f"{self.frontend_api}/v1/client/handshake"
            headers = {"x-clerk-auth-status": "handshake", "Location": f"{goal}?{urlencode(query)}"}
            self._send(request, 307, headers=headers)

    @staticmethod
    def _send(request, status: int, body: bytes = b"", headers: dict | None = None) -> None:
        request.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    def __enter__(self) -> Ui:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class Proxy:
    """nginx before a UI; `settings` are of its location."""

    CONF = """\
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://127.0.0.1:{upstream}; {settings} }}
  }}
}}
"""

    def __init__(self, folder: Path, upstream: int, settings: str) -> None:
        folder.mkdir()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._conf = folder / "nginx.conf"
        values = {"folder": folder, "port": self.port, "upstream": upstream, "settings": settings}
        self._conf.write_text(self.CONF.format(**values))
        self._process: subprocess.Popen | None = None

    def __enter__(self) -> Proxy:
        argv = ["/usr/sbin/nginx", "-e", "stderr", "-c", str(self._conf)]
        self._process = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
        give_up_at = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up_at:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return self
            time.sleep(0.02)
        raise TimeoutError("nginx does not start")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
