"""Is the lab healthy? Asked from outside, aspect by aspect, with plain clients.

A fault names the aspects it takes away; all others must still hold with the fault in place.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import redis
import websockets

from stack import postgres, web
from stack.client import Answer, fetch
from stack.errors import LabError
from stack.waiting import wait_until

if TYPE_CHECKING:
    from stack.lab import Lab

NIL = "00000000-0000-0000-0000-000000000000"
PROBE_PATH = f"/api/v1/boards/{NIL}/webhooks/{NIL}"
HEAD_REVISION = "4d0f2e6c8a55"
GATEWAY_SECONDS = 2.0
WORKER_SECONDS = 5.0


def expect(condition: bool, wanted: str, found: object) -> None:
    """An assertion that survives python -O and says what was found."""
    if not condition:
        raise LabError(f"expected {wanted}, found {found}")


def probe(lab: Lab) -> Answer:
    """The database probe that needs no credential."""
    return fetch(lab.addresses.api_direct + PROBE_PATH, "POST", body="{}")


def _backend(lab: Lab) -> None:
    """Its process, whatever is between it and the public."""
    answer = fetch(lab.addresses.api_direct + "/healthz")
    expect(answer.status == 200, "the backend's own port to be healthy", answer)


def _nginx(lab: Lab) -> None:
    """Its process, whatever it says."""
    expect(fetch(lab.addresses.ui + "/").status > 0, "an answer of nginx", "none")


def _api(lab: Lab) -> None:
    for base in (lab.addresses.api_direct, lab.addresses.api):
        for path in ("/health", "/healthz", "/readyz"):
            answer = fetch(base + path)
            good = answer.status == 200 and answer.body == b'{"ok":true}'
            expect(good and answer.header("x-request-id") is not None,
                   f"{base}{path} to answer {{\"ok\":true}} with an x-request-id", answer)
        expect(fetch(base + "/openapi.json").status == 200, "openapi.json", base)
        answer = fetch(base + "/api/v1/boards")
        expect(answer.status == 401, f"{base}/api/v1/boards without token to be 401", answer)


def _data(lab: Lab) -> None:
    answer = probe(lab)
    expect(answer.status == 404, "the database probe to be 404", answer)
    for name in ("boards", "gateways", "activity"):
        answer = fetch(f"{lab.addresses.api}/api/v1/{name}", headers=lab.authorization())
        expect(answer.status == 200, f"/api/v1/{name} with a token to be 200", answer)


def _database(lab: Lab) -> None:
    rows = postgres.query(lab.app_url(), "SELECT version_num FROM alembic_version")
    expect(rows == [(HEAD_REVISION,)], f"the schema at revision {HEAD_REVISION}", rows)


def _ui(lab: Lab) -> None:
    page = fetch(lab.addresses.ui + "/")
    expect(page.status == 200 and web.CHUNK_PATH.encode() in page.body, "the UI's page", page)
    chunk = fetch(lab.addresses.ui + web.CHUNK_PATH)
    expect(chunk.status == 200 and b"NEXT_PUBLIC_API_URL is invalid." in chunk.body,
           "the chunk that holds the API URL", chunk)


def _front(lab: Lab) -> None:
    """TLS and the way behind it; the page itself is the UI's."""
    answer = fetch(lab.addresses.front + "/", ca=lab.front_ca)
    expect(answer.status // 100 != 3, "no redirect at the https front", answer)


def baked_api_url(lab: Lab) -> str:
    """The API URL that browsers get."""
    chunk = fetch(lab.addresses.ui + web.CHUNK_PATH).body.decode()
    start, end = 'let e="', '".trim();if(e&&"auto"!==e.toLowerCase())'
    expect(end in chunk, f"{end} in the chunk", chunk[:200])
    return chunk.partition(end)[0].rpartition(start)[2]


def _ui_api(lab: Lab) -> None:
    found = baked_api_url(lab)
    expect(found == lab.addresses.api, f"{lab.addresses.api} baked into the UI", found)


def _cors(lab: Lab) -> None:
    headers = {
        "Origin": lab.addresses.ui,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    answer = fetch(f"{lab.addresses.api}/api/v1/boards", "OPTIONS", headers)
    allowed = answer.header("access-control-allow-origin")
    expect(answer.status == 200 and allowed == lab.addresses.ui, "the UI's origin allowed", answer)


def _clerk(lab: Lab) -> None:
    published = fetch(f"{lab.addresses.clerk}/.well-known/jwks.json", ca=lab.clerk.ca)
    key = {"Authorization": f"Bearer {lab.clerk.secret_key}"}
    private = fetch(f"{lab.addresses.clerk}/v1/jwks", headers=key, ca=lab.clerk.ca)
    expect(published.status == 200 and published.json() == private.json(),
           "the same key set from both of Clerk's APIs", published)


def _redis(lab: Lab) -> None:
    with redis.Redis.from_url(lab.addresses.redis, socket_timeout=2) as client:
        expect(client.ping(), "PONG", "no PONG")
        expect(client.llen("default") == 0, "an empty queue", client.llen("default"))


def _worker(lab: Lab) -> None:
    service = lab.services["worker"]
    expect(service.is_running(), "the worker running", f"status {service.exit_code()}")
    with redis.Redis.from_url(lab.addresses.redis, socket_timeout=2) as client:
        wait_until(lambda: client.info("clients")["blocked_clients"] >= 1, WORKER_SECONDS,
                   "a client is blocked on the queue")
    log = lab.log("worker.log").read_text()
    expect("queue.worker.dequeue_failed" not in log, "no failed dequeue", service.tail())


def _gateway(lab: Lab) -> None:
    frame = asyncio.run(first_frame(lab.addresses.gateway))
    expect(frame.get("event") == "connect.challenge", "connect.challenge first", frame)


async def first_frame(url: str) -> dict:
    """What the gateway says on its own. Raises OSError or asyncio.TimeoutError."""
    async with websockets.connect(url, open_timeout=GATEWAY_SECONDS) as socket:
        return json.loads(await asyncio.wait_for(socket.recv(), GATEWAY_SECONDS))


ASPECTS: dict[str, Callable[["Lab"], None]] = {
    "backend": _backend,
    "nginx": _nginx,
    "api": _api,
    "data": _data,
    "database": _database,
    "ui": _ui,
    "front": _front,
    "ui-api": _ui_api,
    "cors": _cors,
    "clerk": _clerk,
    "redis": _redis,
    "worker": _worker,
    "gateway": _gateway,
}


def assert_healthy(lab: Lab, without: Iterable[str] = ()) -> None:
    """Check every aspect but those named. Raises LabError, whatever a client stumbled over."""
    broken = set(without)
    for name, check in ASPECTS.items():
        if name in broken:
            continue
        try:
            check(lab)
        except Exception as error:
            raise LabError(f"the lab is not healthy ({name}): {error}") from error
