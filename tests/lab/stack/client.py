"""A plain HTTP client for assertions: no redirects, no retries, one connection a request."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DEFAULT_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True)
class Answer:
    """Status, headers (last one of a name; case-insensitive by `header`) and body."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def header(self, name: str) -> str | None:
        return self.headers.get(name)

    def json(self) -> Any:
        return json.loads(self.body)

    def __str__(self) -> str:
        return f"{self.status} {self.body[:200]!r}"


def fetch(
    url: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
    timeout: float = DEFAULT_TIMEOUT_SECONDS,
    ca: Path | None = None,
) -> Answer:
    """Raises OSError (refused, reset, TimeoutError) or HTTPException as they come."""
    connection = open_connection(url, timeout, ca)
    try:
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body=body, headers=dict(headers or {}))
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def open_connection(
    url: str, timeout: float = DEFAULT_TIMEOUT_SECONDS, ca: Path | None = None
) -> http.client.HTTPConnection:
    """A connection to the URL's host; the caller closes it."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=ca)
        return http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=timeout, context=context
        )
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)


def is_refused(url: str) -> bool:
    """Nothing listens there."""
    try:
        fetch(url)
    except ConnectionRefusedError:
        return True
    except (OSError, http.client.HTTPException):
        return False
    return False


def is_silent(url: str, within_seconds: float, **request: Any) -> bool:
    """It accepts, but does not answer within the time."""
    try:
        fetch(url, timeout=within_seconds, **request)
    except TimeoutError:
        return True
    return False
