"""The first frames of the gateway protocol, as a client.

There is no time limit on the answer, as in the real client: a gateway that accepts and then says
nothing holds the caller for as long as it likes.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import websockets

PROTOCOL = 3
MINIMUM_VERSION = "2026.02.9"
SCOPES = ("operator.read", "operator.write", "operator.admin")


class GatewayError(Exception):
    """The gateway cannot be used; the text is shown to the operator."""


@dataclass(frozen=True)
class GatewayStatus:
    """What `/gateways/status` answers: always 200, with the reason in `error`."""

    connected: bool
    gateway_url: str
    version: str | None = None
    error: str | None = None


async def check(url: str, token: str) -> GatewayStatus:
    """Connect, greet and read the version; failures become a status, never an exception."""
    address = f"{url}?token={quote(token)}" if token else url
    try:
        async with websockets.connect(address, open_timeout=None) as socket:
            version = await _greet(socket, token)
    except (OSError, websockets.WebSocketException, GatewayError) as error:
        return GatewayStatus(connected=False, gateway_url=url, error=str(error))
    return GatewayStatus(connected=True, gateway_url=url, version=version)


async def _greet(socket: Any, token: str) -> str:
    challenge = json.loads(await socket.recv())
    if challenge.get("event") != "connect.challenge":
        raise GatewayError("Gateway did not send connect.challenge")
    request_id = str(uuid.uuid4())
    await socket.send(json.dumps(_connect_frame(request_id, token)))
    answer = json.loads(await socket.recv())
    if not answer.get("ok"):
        raise GatewayError(answer.get("error", {}).get("message", "Gateway refused to connect"))
    version = answer["payload"]["server"]["version"]
    if _numbers(version) < _numbers(MINIMUM_VERSION):
        raise GatewayError(
            f"Gateway version {version} is not supported. Minimum: {MINIMUM_VERSION}."
        )
    return version


def _connect_frame(request_id: str, token: str) -> dict[str, Any]:
    return {
        "type": "req",
        "id": request_id,
        "method": "connect",
        "params": {
            "minProtocol": PROTOCOL,
            "maxProtocol": PROTOCOL,
            "role": "operator",
            "scopes": list(SCOPES),
            "client": {"id": "mission-control", "mode": "backend"},
            "auth": {"token": token},
        },
    }


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]
