"""Key material of the Clerk stand-in: a CA, a TLS certificate, an instance key pair, a token."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from stack import certificates

KEY_BITS = 2048
TOKEN_SECONDS = 3600


@dataclass(frozen=True)
class ClerkInstance:
    """One Clerk instance: what its dashboard would show, and a session token of it."""

    publishable_key: str
    secret_key: str
    token: str
    ca: Path


def publishable_key(frontend_api_host: str, kind: str = "test") -> str:
    """`pk_test_` + base64 of `host$`, without padding, as Clerk writes it."""
    encoded = base64.b64encode(f"{frontend_api_host}$".encode()).decode().rstrip("=")
    return f"pk_{kind}_{encoded}"


def is_publishable(key: str) -> bool:
    """As Clerk's own code sees it; without such a key the UI turns Clerk off, silently."""
    parts = key.split("_")
    if len(parts) != 3 or parts[:2] not in (["pk", "test"], ["pk", "live"]):
        return False
    try:
        return base64.b64decode(parts[2] + "=" * (-len(parts[2]) % 4)).endswith(b"$")
    except binascii.Error:
        return False


def make_secret_key() -> str:
    return f"sk_test_{secrets.token_hex(20)}"


def add_instance(folder: Path) -> str:
    """Another instance that the secret-key API knows; gives its secret key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    secret_key = make_secret_key()
    jwks = {"keys": [_jwk(key, f"ins_{secrets.token_hex(12)}")]}
    (folder / "others.json").write_text(json.dumps({secret_key: jwks}))
    return secret_key


def make_instance(folder: Path, frontend_api_host: str, azp: str) -> ClerkInstance:
    """Write ca.pem, cert.pem, key.pem and jwks.json into the folder."""
    _write_tls(folder)
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    kid = f"ins_{secrets.token_hex(12)}"
    (folder / "jwks.json").write_text(json.dumps({"keys": [_jwk(key, kid)]}))
    return ClerkInstance(
        publishable_key(frontend_api_host),
        make_secret_key(),
        session_token(key, kid, frontend_api_host, azp),
        folder / "ca.pem",
    )


def session_token(key: rsa.RSAPrivateKey, kid: str, frontend_api_host: str, azp: str) -> str:
    """A session token as Clerk signs them, but valid for an hour instead of a minute."""
    now = int(time.time())
    claims = {
        "iss": f"https://{frontend_api_host}",
        "azp": azp,
        "sub": f"user_{secrets.token_hex(12)}",
        "sid": f"sess_{secrets.token_hex(12)}",
        "iat": now,
        "nbf": now - 10,
        "exp": now + TOKEN_SECONDS,
    }
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})


def _jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, str]:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {
        "use": "sig", "kty": "RSA", "kid": kid, "alg": "RS256", "n": public["n"], "e": public["e"]
    }


def _write_tls(folder: Path) -> None:
    root = certificates.authority("triage lab CA")
    leaf = certificates.server(root, ["localhost", "127.0.0.1"])
    (folder / "ca.pem").write_bytes(root.pem)
    (folder / "cert.pem").write_bytes(leaf.pem)
    (folder / "key.pem").write_bytes(leaf.key_pem)
