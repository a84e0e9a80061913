"""The gateway's stand-in: a WebSocket server that speaks the first frames of the protocol.

Arguments: PORT BEHAVIOUR; the token it accepts is in GATEWAY_TOKEN. Behaviours: `ok`; `silent`
(accepts, then says nothing); `pairing` (asks for pairing); `scope` (token lacks operator.read);
`old` (a version that is no longer supported).
"""

from __future__ import annotations

import asyncio
import http
import json
import os
import secrets
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

import websockets

VERSION = "2026.02.17"
OLD_VERSION = "2026.01.30"
POLICY_VIOLATION = 1008
BEHAVIOURS = ("ok", "silent", "pairing", "scope", "old")


class Gateway:
    """One gateway with one token."""

    def __init__(self, token: str, behaviour: str) -> None:
        self.token = token
        self.behaviour = behaviour

    async def admit(self, path: str, headers: Any) -> Any:
        """Refuse a wrong token in the URL before the upgrade; none at all is judged later."""
        given = parse_qs(urlsplit(path).query).get("token")
        if given and given[0] != self.token:
            return http.HTTPStatus.UNAUTHORIZED, [], b"unauthorized\n"
        return None

    async def serve(self, socket: Any) -> None:
        if self.behaviour == "silent":
            await socket.wait_closed()
            return
        await _send(socket, type="event", event="connect.challenge",
                    payload={"nonce": secrets.token_hex(16)})
        try:
            request = json.loads(await socket.recv())
            await self._answer(socket, request)
            await socket.wait_closed()
        except (websockets.ConnectionClosed, ValueError, TypeError, KeyError, AttributeError):
            await socket.close(POLICY_VIOLATION, "invalid request frame")

    async def _answer(self, socket: Any, request: dict[str, Any]) -> None:
        if request["method"] != "connect":
            await socket.close(POLICY_VIOLATION, "connect must come first")
        elif request["params"].get("auth", {}).get("token") != self.token:
            await socket.close(POLICY_VIOLATION, "unauthorized")
        elif self.behaviour == "pairing":
            await socket.close(POLICY_VIOLATION, "pairing required")
        elif self.behaviour == "scope":
            message = "Gateway token is missing required scope `operator.read`"
            await _send(socket, type="res", id=request["id"], ok=False,
                        error={"code": "INVALID_REQUEST", "message": message})
        else:
            version = OLD_VERSION if self.behaviour == "old" else VERSION
            await _send(socket, type="res", id=request["id"], ok=True,
                        payload={"protocol": 3, "server": {"version": version}})


async def _send(socket: Any, **frame: Any) -> None:
    await socket.send(json.dumps(frame))


async def main(port: int, behaviour: str) -> None:
    if behaviour not in BEHAVIOURS:
        sys.exit(f"behaviour is one of {', '.join(BEHAVIOURS)}, not {behaviour}")
    gateway = Gateway(os.environ["GATEWAY_TOKEN"], behaviour)
    async with websockets.serve(
        gateway.serve, "127.0.0.1", port, process_request=gateway.admit
    ):
        await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
