"""The configuration of one lab, in the files where an operator would find it.

As with the real Compose file, the containers' environment is made of `root.env` (Compose's own
`.env`), `backend.env` (`backend/.env`) and `frontend.env` (`frontend/.env`). Compose's
`environment:` overrides some names of the second, so what stands in it is not always what the
backend runs with.
Faults change these values before the start.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from stack.front import Front
from stack.keys import ClerkInstance
from stack.ports import Ports

DATABASE = "mission_control"
APP_ROLE = "mission_control"
ADMIN_ROLE = "postgres"
DATABASE_SERVICE = "db"  # as Compose names it: only containers can resolve it

# What Compose's `environment:` takes from root.env, over the head of backend.env.
_PASSED_ON = (
    "CORS_ORIGINS", "DB_AUTO_MIGRATE", "AUTH_MODE", "LOCAL_AUTH_TOKEN", "BASE_URL", "RQ_REDIS_URL"
)


@dataclass
class Passwords:
    """New ones for every lab."""

    admin: str = field(default_factory=lambda: secrets.token_hex(16))
    app: str = field(default_factory=lambda: secrets.token_hex(16))
    gateway: str = field(default_factory=lambda: secrets.token_hex(16))


class Addresses:
    """The URLs of the lab's services; all on 127.0.0.1."""

    # Nothing ever listens on `closed`; `spare` is for whoever needs one more.
    PORT_NAMES = (
        "api", "backend", "ui", "front", "postgres", "redis", "clerk", "gateway", "closed", "spare"
    )

    def __init__(self, ports: Ports) -> None:
        self.ports = ports
        self.api = f"http://127.0.0.1:{ports['api']}"
        self.api_direct = f"http://127.0.0.1:{ports['backend']}"
        self.ui = f"http://127.0.0.1:{ports['ui']}"
        self.front = f"https://127.0.0.1:{ports['front']}"
        self.redis = f"redis://127.0.0.1:{ports['redis']}/0"
        self.clerk_host = f"127.0.0.1:{ports['clerk']}"
        self.clerk = f"https://{self.clerk_host}"
        self.gateway = f"ws://127.0.0.1:{ports['gateway']}"
        self.closed = f"http://127.0.0.1:{ports['closed']}"

    def database(self, role: str, password: str, scheme: str = "postgresql") -> str:
        """A database URL; plain libpq takes the default scheme."""
        port = self.ports["postgres"]
        return f"{scheme}://{role}:{password}@127.0.0.1:{port}/{DATABASE}"


@dataclass
class Config:
    """Everything a fault may change before the services start."""

    root_env: dict[str, str]
    backend_env: dict[str, str]
    frontend_env: dict[str, str]
    database_url: str  # what the backend connects to: `db` as containers resolve it
    baked_api_url: str  # what the UI was built with, whatever root.env says now
    api_upstream: str  # where nginx takes the API from
    baked_auth_mode: str = "clerk"
    api_read_timeout: str = "60s"  # how long nginx waits for it
    api_location: str = ""  # more of nginx's configuration for the proxied API
    ui_location: str = ""  # more of it for the UI's pages
    front: Front = field(default_factory=Front)  # the https front of UI and API
    gateway_behaviour: str = "ok"
    clerk_env: dict[str, str] = field(default_factory=dict)  # of Clerk's stand-in
    handshake_at: str = ""  # the frontend API as the UI's middleware knows it
    own_url: str = ""  # the UI as its middleware knows itself
    stale: dict[str, str] = field(default_factory=dict)  # files were edited, container was not

    def backend_environment(self) -> dict[str, str]:
        """What the backend's process really gets."""
        passed_on = {name: self.root_env[name] for name in _PASSED_ON if name in self.root_env}
        return {
            **self.backend_env, "DATABASE_URL": self.database_url, **passed_on, **self.stale
        }


def make(addresses: Addresses, passwords: Passwords, clerk: ClerkInstance) -> Config:
    """The configuration of a healthy lab."""
    origins = f"{addresses.ui},{addresses.ui.replace('127.0.0.1', 'localhost')}"
    root_env = {
        "COMPOSE_PROJECT_NAME": "mission-control",
        "POSTGRES_DB": DATABASE,
        "POSTGRES_USER": APP_ROLE,
        "POSTGRES_PASSWORD": passwords.app,
        "AUTH_MODE": "clerk",
        "LOCAL_AUTH_TOKEN": "",
        "BASE_URL": addresses.api,
        "NEXT_PUBLIC_API_URL": addresses.api,
        "CORS_ORIGINS": origins,
        "DB_AUTO_MIGRATE": "true",
        "RQ_REDIS_URL": addresses.redis,
    }
    dsn = f"postgresql+psycopg://{APP_ROLE}:{passwords.app}@"
    backend_env = {
        "DATABASE_URL": f"{dsn}{DATABASE_SERVICE}:{addresses.ports['postgres']}/{DATABASE}",
        "AUTH_MODE": "clerk",
        "BASE_URL": addresses.api,
        "CORS_ORIGINS": origins,
        "CLERK_SECRET_KEY": clerk.secret_key,
        "CLERK_API_URL": addresses.clerk,
        "CLERK_LEEWAY": "10.0",
        "LOG_LEVEL": "INFO",
        "LOG_FORMAT": "text",
        "REQUEST_LOG_SLOW_MS": "1000",
        "RQ_QUEUE_NAME": "default",
    }
    return Config(
        root_env,
        backend_env,
        {"NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY": clerk.publishable_key},
        addresses.database(APP_ROLE, passwords.app, "postgresql+psycopg"),
        baked_api_url=addresses.api,
        api_upstream=addresses.api_direct,
        clerk_env={"CLERK_SECRET_KEY": clerk.secret_key},
        handshake_at=addresses.clerk,
        own_url=addresses.ui,
    )


def write_env_file(path: Path, values: dict[str, str]) -> None:
    """Docker Compose's dialect; single quotes, so that nothing in a value is interpreted."""
    lines = (f"{name}={_quoted(value)}\n" for name, value in values.items())
    path.write_text("".join(lines))


def _quoted(value: str) -> str:
    if value and all(char.isalnum() or char in "-_./:@,+" for char in value):
        return value
    return "'" + value.replace("'", "\\'") + "'" if value else ""
