"""Settings from the environment, validated before anything else is imported or bound.

The real backend uses pydantic 2; Debian has pydantic 1, whose messages differ. Operators (and log
rules) know the version 2 texts, so the small validation here words its errors as version 2 does.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

AUTH_MODES = ("clerk", "local")
RATE_LIMIT_BACKENDS = ("memory", "redis")
LOCAL_TOKEN_MIN_CHARS = 50
PLACEHOLDER_MARKS = ("change-me", "changeme", "replace-me", "your-token", "placeholder")
SHOWN_INPUT_CHARS = 50


class ValidationError(ValueError):
    """All problems of one Settings object, printed the way pydantic 2 prints them."""


ValidationError.__module__ = "pydantic_core._pydantic_core"


@dataclass(frozen=True)
class Problem:
    """One rejected value; `location` is empty for rules about the settings as a whole."""

    location: str
    message: str
    kind: str
    found: object

    def __str__(self) -> str:
        where = f"{self.location}\n" if self.location else ""
        found = _shorten(repr(self.found))
        return (
            f"{where}  {self.message} [type={self.kind}, input_value={found}, "
            f"input_type={type(self.found).__name__}]\n"
            f"    For further information visit https://errors.pydantic.dev/2.12/v/{self.kind}"
        )


def _shorten(text: str) -> str:
    """Cut the middle out, as pydantic does: enough is left to leak the first setting."""
    if len(text) <= SHOWN_INPUT_CHARS:
        return text
    return f"{text[:25]}...{text[-24:]}"


@dataclass(frozen=True)
class Settings:
    """The effective configuration of the process (names are the lower-cased variables)."""

    auth_mode: str
    database_url: str
    base_url: str
    cors_origins: str = ""
    clerk_secret_key: str = field(default="", repr=False)
    clerk_api_url: str = "https://api.clerk.com"
    clerk_leeway: float = 10.0
    local_auth_token: str = field(default="", repr=False)
    rq_redis_url: str = "redis://localhost:6379/0"
    rq_queue_name: str = "default"
    rate_limit_backend: str = "memory"
    rate_limit_redis_url: str = ""
    db_auto_migrate: bool = True
    log_level: str = "INFO"
    log_format: str = "text"
    request_log_slow_ms: int = 1000

    @property
    def origins(self) -> list[str]:
        """The allowed origins exactly as written: Starlette compares them byte for byte."""
        return [entry.strip() for entry in self.cors_origins.split(",") if entry.strip()]


_REQUIRED = ("auth_mode", "database_url", "base_url")


def _is_true(text: str) -> bool:
    return text.strip().lower() in ("1", "true", "yes", "on")


_CASTS = {
    "db_auto_migrate": _is_true,
    "clerk_leeway": float,
    "request_log_slow_ms": int,
    "log_level": str.upper,
}


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read and validate; raises ValidationError with everything that is wrong."""
    given = {
        name: environ[name.upper()]
        for name in Settings.__dataclass_fields__
        if name.upper() in environ
    }
    problems = _field_problems(given) or _model_problems(given)
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        body = "\n".join(map(str, problems))
        raise ValidationError(f"{len(problems)} validation {noun} for Settings\n{body}")
    return Settings(**{name: _CASTS.get(name, str)(text) for name, text in given.items()})


def _field_problems(given: dict[str, str]) -> list[Problem]:
    missing = [
        Problem(name, "Field required", "missing", given) for name in _REQUIRED if name not in given
    ]
    enums = [
        Problem(name, f"Input should be '{choices[0]}' or '{choices[1]}'", "enum", given[name])
        for name, choices in (
            ("auth_mode", AUTH_MODES),
            ("rate_limit_backend", RATE_LIMIT_BACKENDS),
        )
        if name in given and given[name] not in choices
    ]
    return missing + enums


def _model_problems(given: dict[str, str]) -> list[Problem]:
    """The first broken rule about several settings together (pydantic stops there too)."""
    for broken, text in _model_rules(given):
        if broken:
            return [Problem("", f"Value error, {text}", "value_error", given)]
    return []


def _model_rules(given: dict[str, str]) -> list[tuple[bool, str]]:
    def blank(name: str) -> bool:
        return not given.get(name, "").strip()

    no_redis = blank("rate_limit_redis_url") and blank("rq_redis_url")
    return [
        (
            given["auth_mode"] == "clerk" and blank("clerk_secret_key"),
            "CLERK_SECRET_KEY must be set and non-empty when AUTH_MODE=clerk.",
        ),
        (
            given["auth_mode"] == "local" and not _is_real_token(given.get("local_auth_token", "")),
            f"LOCAL_AUTH_TOKEN must be at least {LOCAL_TOKEN_MIN_CHARS} characters"
            " and non-placeholder when AUTH_MODE=local.",
        ),
        (blank("base_url"), "BASE_URL must be set and non-empty."),
        (not _is_absolute(given["base_url"]), "BASE_URL must be an absolute http(s) URL."),
        (
            given.get("rate_limit_backend") == "redis" and no_redis,
            "RATE_LIMIT_REDIS_URL or RQ_REDIS_URL must be set and non-empty"
            " when RATE_LIMIT_BACKEND=redis.",
        ),
    ]


def _is_real_token(token: str) -> bool:
    token = token.strip()
    placeholder = any(mark in token.lower() for mark in PLACEHOLDER_MARKS)
    return len(token) >= LOCAL_TOKEN_MIN_CHARS and not placeholder


def _is_absolute(url: str) -> bool:
    parts = urlsplit(url.strip())
    return parts.scheme in ("http", "https") and bool(parts.hostname)
