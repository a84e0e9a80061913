"""A slow way: passes connections on, and holds back what comes back for a while.

Arguments: PORT TARGET_PORT SECONDS.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

CHUNK = 65536


async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, wait: float) -> None:
    """Until the source ends; the first bytes are late, the rest follows at once."""
    with suppress(OSError):
        while data := await source.read(CHUNK):
            await asyncio.sleep(wait)
            wait = 0
            sink.write(data)
            await sink.drain()
    sink.close()


async def main(port: int, target: int, wait: float) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_target, to_target = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(pump(reader, to_target, 0), pump(from_target, writer, wait))

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
