"""Verification of Clerk session tokens against Clerk's key set (JWKS).

Two traits of the real SDK matter to an operator and are kept: an unreachable Clerk is retried for
minutes inside a thread of the shared pool (so it starves every `def` endpoint), and issuer and
authorised party are not checked.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import jwt

CACHE_SECONDS = 300.0
FETCH_TIMEOUT_SECONDS = 30.0
RETRY_BUDGET_SECONDS = 180.0
FIRST_RETRY_SECONDS = 0.5


class InvalidToken(Exception):
    """The token does not prove a session; the reason is deliberately not logged."""


class ClerkVerifier:
    """Keeps the keys for five minutes; may be called from several threads."""

    def __init__(self, api_url: str, secret_key: str, leeway_seconds: float) -> None:
        self._url = f"{api_url.rstrip('/')}/v1/jwks"
        self._secret_key = secret_key
        self._leeway_seconds = leeway_seconds
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._lock = threading.Lock()

    def subject(self, token: str) -> str:
        """The user id in a valid token. Raises InvalidToken, or URLError if Clerk is away."""
        try:
            key = self._key(jwt.get_unverified_header(token).get("kid", ""))
            claims = jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                leeway=self._leeway_seconds,
                options={"verify_aud": False, "require": ["exp", "iat", "nbf", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise InvalidToken from error
        return claims["sub"]

    def _key(self, kid: str) -> jwt.PyJWK:
        if time.monotonic() - self._fetched_at > CACHE_SECONDS:
            keys = self._fetch_with_retries()
            with self._lock:
                self._keys, self._fetched_at = keys, time.monotonic()
        if kid not in self._keys:
            raise InvalidToken
        return self._keys[kid]

    def _fetch_with_retries(self) -> dict[str, jwt.PyJWK]:
        give_up_at = time.monotonic() + RETRY_BUDGET_SECONDS
        pause = FIRST_RETRY_SECONDS
        while True:
            try:
                return self._fetch()
            except HTTPError as error:  # Clerk answered: a refused secret key means no session
                raise InvalidToken from error
            except (URLError, OSError):
                if time.monotonic() + pause > give_up_at:
                    raise
                time.sleep(pause)
                pause *= 1.5

    def _fetch(self) -> dict[str, jwt.PyJWK]:
        request = Request(self._url, headers={"Authorization": f"Bearer {self._secret_key}"})
        context = ssl.create_default_context()
        with urlopen(request, timeout=FETCH_TIMEOUT_SECONDS, context=context) as response:
            document = json.load(response)
        return {key["kid"]: jwt.PyJWK(key) for key in document["keys"]}
