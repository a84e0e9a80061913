#!/usr/bin/python3
"""Runs COMMAND where every name takes 2 s to resolve, in network and mount namespaces of its own.

usage: slow_dns.py COMMAND…        (needs root)
Every A query is answered with 127.0.0.1, every other with no data, each 2 s late.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading

DELAY_S = 2.0
ENTERED = "TRIAGE_BENCH_IN_NAMESPACE"
TYPE_A = b"\x00\x01"


def reply(query: bytes) -> bytes:
    """RFC 1035, 4.1: header and question copied, one answer for A."""
    end = query.index(b"\0", 12) + 1
    question, wants_a = query[12 : end + 4], query[end : end + 2] == TYPE_A
    header = query[:2] + b"\x81\x80\x00\x01" + (b"\x00\x01" if wants_a else b"\x00\x00") + b"\0" * 4
    answer = b"\xc0\x0c" + TYPE_A + b"\x00\x01" + (60).to_bytes(4, "big") + b"\x00\x04\x7f\0\0\x01"
    return header + question + (answer if wants_a else b"")


def serve(server: socket.socket) -> None:
    while True:
        query, client = server.recvfrom(512)
        timer = threading.Timer(DELAY_S, server.sendto, (reply(query), client))
        timer.daemon = True
        timer.start()


def main() -> int:
    if ENTERED not in os.environ:
        os.environ[ENTERED] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", "--", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.NamedTemporaryFile("w") as resolv:
        resolv.write("nameserver 127.0.0.1\noptions timeout:10 attempts:1\n")
        resolv.flush()
        subprocess.run(["mount", "--bind", resolv.name, "/etc/resolv.conf"], check=True)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 53))
            threading.Thread(target=serve, args=(server,), daemon=True).start()
            return subprocess.run(sys.argv[1:], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
