"""A block of ports per lab, so that two labs never probe the same ones.

The block is claimed by binding an abstract unix socket of its name: the kernel gives it to one
process only, scopes it to the network namespace as ports are, and frees it when that process ends
however it ends. Ports stay below 32768, out of the range of outgoing connections.
"""

from __future__ import annotations

import errno
import random
import socket

from stack.errors import LabError

FIRST_PORT = 20000
BLOCK_PORTS = 16
BLOCKS = (32768 - FIRST_PORT) // BLOCK_PORTS


class Ports:
    """Hands out free loopback ports by service name; `closed` names are never listened on."""

    def __init__(self, names: tuple[str, ...]) -> None:
        assert len(names) <= BLOCK_PORTS
        self._claim, self._by_name = _claim_block(names)

    def __getitem__(self, name: str) -> int:
        return self._by_name[name]

    def close(self) -> None:
        """Give the block back, before this process ends."""
        self._claim.close()


def _claim_block(names: tuple[str, ...]) -> tuple[socket.socket, dict[str, int]]:
    for block in random.sample(range(BLOCKS), BLOCKS):
        claim = socket.socket(socket.AF_UNIX)
        first = FIRST_PORT + block * BLOCK_PORTS
        if _bind(claim, f"\0triage-lab-{first}") and _all_free(range(first, first + len(names))):
            return claim, {name: first + index for index, name in enumerate(names)}
        claim.close()
    raise LabError(f"no {len(names)} free neighbouring ports between {FIRST_PORT} and 32767")


def _bind(claim: socket.socket, address: str) -> bool:
    try:
        claim.bind(address)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return False
    return True


def _all_free(ports: range) -> bool:
    return all(_is_free(port) for port in ports)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
