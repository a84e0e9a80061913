"""What this machine's own network cannot do is never blamed on the target: error, not fail.

Each test runs in a network namespace of its own, which its commands furnish.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PATIENCE_S, TRIAGE

UNSHARE = ["unshare", "--net", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
LOOPBACK = "ip link set lo up\n"

# Answers every question alike: RFC 1035's RCODE 3 is NXDOMAIN, 2 SERVFAIL.
NAME_SERVER = """
import socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
print("ready", flush=True)
while True:
    query, client = server.recvfrom(512)
    question = query[12 : query.index(b"\\0", 12) + 5]
    counts = b"\\0\\1" + b"\\0" * 6
    server.sendto(query[:2] + bytes([0x81, 0x80 | int(sys.argv[1])]) + counts + question, client)
"""


def ask(tmp_path: Path, url: str, furnish: str = "") -> dict:
    """What health.endpoint says of the URL in there."""
    script = f'set -e\n{furnish}\n"$0" check health.endpoint "url=$1" timeout=20s -f json || true'
    done = subprocess.run(
        [*UNSHARE, "--", "sh", "-c", script, TRIAGE, url],
        cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=PATIENCE_S, check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def with_name_server(tmp_path: Path, rcode: int) -> str:
    """Shell text that starts it and has the resolver ask it alone."""
    (tmp_path / "server.py").write_text(NAME_SERVER)
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    return f"""{LOOPBACK}
mount --bind resolv.conf /etc/resolv.conf
mkfifo ready
{sys.executable} server.py {rcode} > ready 2> server.log &
trap "kill -9 $!" EXIT
read word < ready
"""


@pytest.mark.parametrize(
    ("url", "furnish", "words"),
    [
        ("http://127.0.0.1:1/", "", "has no route to 127.0.0.1:1"),
        ("http://[::1]:1/", "", "has no address to reach [::1]:1"),
        ("http://198.51.100.1/", LOOPBACK, "has no route to 198.51.100.1:80"),
        ("http://[2001:db8::1]/", LOOPBACK, "has no route to [2001:db8::1]:80"),
        ("http://x.example/", LOOPBACK, '"x.example" could not be looked up'),
    ],
)
def test_what_is_missing_here_could_not_tell(tmp_path, url: str, furnish: str, words: str) -> None:
    run = ask(tmp_path, url, furnish)
    assert (run["exit_code"], run["results"][0]["verdict"]) == (3, "error"), run
    assert words in run["results"][0]["summary"]


def findings(run: dict) -> list[str]:
    assert run["exit_code"] == 1, run
    return [finding["code"] for finding in run["results"][0]["findings"]]


def test_a_way_that_ends_elsewhere_is_a_finding(tmp_path) -> None:
    unreachable = f"{LOOPBACK}ip route add unreachable 192.0.2.0/24\n"
    assert findings(ask(tmp_path, "http://192.0.2.1/", unreachable)) == ["health.unreachable"]


def test_a_port_without_a_listener_is_a_finding(tmp_path) -> None:
    assert findings(ask(tmp_path, "http://127.0.0.1:1/", LOOPBACK)) == ["health.refused"]


def test_a_name_that_the_name_service_denies_is_a_finding(tmp_path) -> None:
    run = ask(tmp_path, "http://x.example/", with_name_server(tmp_path, rcode=3))
    assert findings(run) == ["health.dns"]


def test_a_name_service_that_fails_could_not_tell(tmp_path) -> None:
    run = ask(tmp_path, "http://x.example/", with_name_server(tmp_path, rcode=2))
    assert (run["exit_code"], run["results"][0]["verdict"]) == (3, "error"), run


def test_a_name_service_that_is_silent_could_not_tell(tmp_path) -> None:
    silent = with_name_server(tmp_path, rcode=2) + "kill -STOP $!\n"
    run = ask(tmp_path, "http://x.example/", silent)
    assert (run["exit_code"], run["results"][0]["verdict"]) == (3, "error"), run
