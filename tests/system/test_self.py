"""self: is it this machine? Networks are namespaces of their own, name servers and clocks real.

Nothing leaves this machine: what is outside in here is an address that nobody has.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PATIENCE_S, ROOT, TRIAGE

UNSHARE = ["unshare", "--net", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]

LOOPBACK = "ip link set lo up\n"
# A network with a default route; nobody is at the cable's other end.
NETWORK = f"""{LOOPBACK}
ip link add eth0 type veth peer name far
ip link set far up
ip address add 192.0.2.9/24 dev eth0
ip link set eth0 up
ip route add default via 192.0.2.1
"""

# Servers that end with the shell; each is waited for until it says that it is there.
BEGIN = """
ended_with() { trap 'kill -9 $(cat pids) 2>/dev/null' EXIT; }
name_server() {
    name=$1; shift
    mkfifo $name.ready
    dnsmasq --keep-in-foreground --no-hosts --no-resolv --conf-file=/dev/null --user= --group= \\
        --bind-interfaces --no-dhcp-interface= --pid-file= --log-facility=- "$@" 2> $name.ready &
    echo $! >> pids; ended_with
    exec 9< $name.ready
    while read line <&9; do case $line in *started*) break;; esac; done
}
silent_server() {
    python=$1; shift
    mkfifo $1.ready
    $python -c 'if 1:
        import socket, sys
        held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        held.bind((sys.argv[1], 53))
        print("ready", flush=True)
        while True: held.recvfrom(512)
    ' $1 > $1.ready & echo $! >> pids; ended_with
    read word < $1.ready
}
"""

# Answers HEAD with a clock that is off by so many seconds.
WEB_SERVER = """
import http.server, sys, email.utils, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response_only(200)
        now = time.time() + float(sys.argv[2])
        self.send_header("Date", email.utils.formatdate(now, usegmt=True))
        self.end_headers()
server = http.server.HTTPServer((sys.argv[1], 8080), Handler)
print("ready", flush=True)
server.serve_forever()
"""

ANSWERS = "--address=/api.example.com/192.0.2.80 --local=/api.example.com/ --address=/#/192.0.2.81"


def inside(tmp_path: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "web.py").write_text(WEB_SERVER)
    (tmp_path / "pids").touch()
    return subprocess.run(
        [*UNSHARE, "--", "sh", "-c", f"set -e\n{BEGIN}\n{script}", TRIAGE, *arguments],
        cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=PATIENCE_S, check=False,
    )


def check(tmp_path: Path, furnish: str, use: str, *parameters: str) -> dict:
    """The result of one check in there."""
    script = f'{furnish}\n"$0" check {use} "$@" -f json || true'
    done = inside(tmp_path, script, *parameters)
    assert done.stdout, done.stderr
    run = json.loads(done.stdout)
    return run["results"][0]


def network(tmp_path: Path, furnish: str, *targets: str, servers: list[str] | None = None) -> dict:
    text = "".join(f"nameserver {one}\n" for one in servers or [])
    (tmp_path / "resolv.conf").write_text(text)
    return check(
        tmp_path, furnish, "self.network", f"targets={','.join(targets)}",
        f"resolv-conf={tmp_path}/resolv.conf", "timeout=600ms",
    )


def codes(result: dict) -> list[str]:
    return [finding["code"] for finding in result["findings"]]


def test_a_machine_without_a_network_is_well_if_none_is_needed(tmp_path) -> None:
    targets = ("http://127.0.0.1:8000", "http://localhost:3000/", "http://[::1]:1")
    result = network(tmp_path, LOOPBACK, *targets)
    assert (result["verdict"], codes(result)) == ("pass", [])
    assert "no network is needed" in result["summary"]
    assert result["evaluated"] == ["self.no-route"]


def test_own_addresses_are_this_machine(tmp_path) -> None:
    result = network(tmp_path, NETWORK, "http://192.0.2.9:8000")
    assert (result["verdict"], result["evaluated"]) == ("pass", ["self.no-route"])
    assert result["facts"]["addresses"] == "192.0.2.9"


def test_loopback_that_is_down_is_found(tmp_path) -> None:
    result = network(tmp_path, "", "http://127.0.0.1:8000")
    assert (result["verdict"], codes(result)) == ("fail", ["self.no-route"])
    assert "ip link set lo up" in result["findings"][0]["remedy"]


@pytest.mark.parametrize("target", ["http://198.51.100.1", "https://api.example.com"])
def test_without_a_network_it_is_this_machine(tmp_path, target: str) -> None:
    result = network(tmp_path, LOOPBACK, target, servers=["198.51.100.53"])
    assert (result["verdict"], codes(result)) == ("fail", ["self.no-network"])
    assert "no interface but loopback is up" in result["findings"][0]["message"]


def test_an_interface_without_a_way_out_is_no_network(tmp_path) -> None:
    result = network(tmp_path, f"{NETWORK}ip route del default\n", "http://198.51.100.1")
    assert codes(result) == ["self.no-network"]
    assert "no route leads out of it" in result["findings"][0]["message"]


def test_a_route_that_is_missing_is_found(tmp_path) -> None:
    furnish = f"{NETWORK}ip route add unreachable 198.51.100.0/24\n"
    result = network(tmp_path, furnish, "http://198.51.100.1", "http://203.0.113.1")
    assert (result["verdict"], codes(result)) == ("fail", ["self.no-route"])
    assert result["findings"][0]["subject"] == "198.51.100.1"
    assert "there is a route to 203.0.113.1" in result["summary"]


def test_a_name_server_that_answers(tmp_path) -> None:
    furnish = f"{NETWORK}name_server a --listen-address=127.0.0.1 {ANSWERS}\n"
    result = network(tmp_path, furnish, "https://api.example.com", servers=["127.0.0.1"])
    assert (result["verdict"], codes(result)) == ("pass", []), result
    assert sorted(result["evaluated"]) == [
        "self.no-network", "self.no-resolver", "self.no-route", "self.resolver-slow",
    ]
    assert result["facts"]["resolvers"] == "127.0.0.1"


def test_a_name_that_leads_here_needs_no_network(tmp_path) -> None:
    here = "--address=/api.example.com/127.0.0.1"
    furnish = f"{LOOPBACK}name_server a --listen-address=127.0.0.1 {here}\n"
    result = network(tmp_path, furnish, "https://api.example.com", servers=["127.0.0.1"])
    assert (result["verdict"], codes(result)) == ("pass", []), result
    assert "self.no-network" not in result["evaluated"]


def test_a_name_that_does_not_exist_is_not_this_machines_trouble(tmp_path) -> None:
    furnish = f"{NETWORK}name_server a --listen-address=127.0.0.1 --local=/example.com/\n"
    result = network(tmp_path, furnish, "https://api.example.com", servers=["127.0.0.1"])
    assert (result["verdict"], codes(result)) == ("pass", [])
    assert "api.example.com has no address, says the name service" in result["summary"]


REFUSES = f"{NETWORK}name_server a --listen-address=127.0.0.1\n"  # it knows nobody to ask
SILENT = f"{NETWORK}silent_server {sys.executable} 127.0.0.1\n"


@pytest.mark.parametrize(
    ("furnish", "words"),
    [
        (REFUSES, "127.0.0.1 answers REFUSED"),
        (SILENT, "127.0.0.1 is silent"),
        (NETWORK, "127.0.0.1 cannot be contacted"),
    ],
    ids=["refuses", "silent", "nobody"],
)
def test_without_a_name_server_it_is_this_machine(tmp_path, furnish: str, words: str) -> None:
    result = network(tmp_path, furnish, "https://api.example.com", servers=["127.0.0.1"])
    assert (result["verdict"], codes(result)) == ("fail", ["self.no-resolver"]), result
    assert words in result["findings"][0]["message"]


def test_a_silent_server_keeps_lookups_waiting(tmp_path) -> None:
    both = f"{SILENT}name_server b --listen-address=127.0.0.2 {ANSWERS}\n"
    servers = ["127.0.0.1", "127.0.0.2"]
    result = network(tmp_path, both, "https://api.example.com", servers=servers)
    assert (result["verdict"], codes(result)) == ("warn", ["self.resolver-slow"]), result
    assert "name server 127.0.0.1 is silent" in result["findings"][0]["message"]


def web_servers(*skews: tuple[str, float]) -> str:
    """Shell text that starts them: each an address and how much its clock is ahead."""
    return LOOPBACK + "".join(
        f"""mkfifo {address}.ready
{sys.executable} web.py {address} {skew} > {address}.ready 2> web.log & echo $! >> pids; ended_with
read word < {address}.ready
"""
        for address, skew in skews
    )


def clock(tmp_path: Path, *skews: tuple[str, float]) -> dict:
    urls = ",".join(f"http://{address}:8080/" for address, _ in skews)
    return check(tmp_path, web_servers(*skews), "self.clock", f"urls={urls}",
                 "expect-synchronised=false")


def serious(result: dict) -> list[tuple[str, str]]:
    return [(one["code"], one["weight"]) for one in result["findings"] if one["weight"] != "info"]


def test_two_servers_that_agree_prove_this_clock_wrong(tmp_path) -> None:
    result = clock(tmp_path, ("127.0.0.1", 60), ("127.0.0.2", 61))
    assert serious(result) == [("self.clock-wrong", "fail")], result
    message = next(f for f in result["findings"] if f["code"] == "self.clock-wrong")["message"]
    assert re.search(r"its clock is \d+ s behind, say 127.0.0.1 and 127.0.0.2", message)


def test_one_server_proves_nothing(tmp_path) -> None:
    result = clock(tmp_path, ("127.0.0.1", -60))
    assert (result["verdict"], serious(result)) == ("warn", [("self.clock-differs", "warn")])
    assert re.search(r"\d+ s ahead of 127.0.0.1's: one of them is wrong", result["summary"])


def test_own_servers_have_the_same_clock(tmp_path) -> None:
    result = clock(tmp_path, ("127.0.0.1", 0))
    assert (result["verdict"], serious(result)) == ("pass", [])
    assert "is on this machine, and has the same clock" in result["summary"]


def test_a_disk_that_is_full_is_found(tmp_path) -> None:
    furnish = """mkdir full
mount -t tmpfs -o size=64k,nr_inodes=100 none full
head -c 65536 /dev/zero > full/file
"""
    result = check(tmp_path, furnish, "self.resources", f"paths={tmp_path}/full", "load-warn=0")
    assert (result["verdict"], codes(result)) == ("fail", ["self.disk-full"]), result


SECRETS = {
    "TRIAGE_CLERK_PUBLISHABLE_KEY": "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k",
    "TRIAGE_CLERK_FRONTEND_API": "https://clerk.example.com",
    "CLERK_SECRET_KEY": "sk_live_" + "0123456789abcdefghijABCDEFGHIJ0123456789",
    "TRIAGE_DATABASE_URL": "postgresql://app:0123456789@db.example.com/app",
    "TRIAGE_DATABASE_HEADS": "4d0f",
}


@pytest.mark.parametrize(
    ("furnish", "cause"),
    [(LOOPBACK, "self.offline"), (REFUSES, "self.no-resolver")],
    ids=["no-network", "no-resolver"],
)
def test_the_answer_of_a_run_is_that_it_is_this_machine(
    tmp_path, monkeypatch, furnish: str, cause: str
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    variables = [
        f"--var={name}=https://{host}.example.com"
        for name, host in (("api", "api"), ("api_direct", "api"), ("ui", "app"))
    ]
    script = f"""{furnish}
mount --bind resolv.conf /etc/resolv.conf
"$0" run {ROOT}/config/mission-control.toml "$@" -f json || true"""
    done = inside(tmp_path, script, *variables)
    run = json.loads(done.stdout)
    assert [one["id"] for one in run["causes"]] == [cause], done.stdout
    states = {one["component"]: one["state"] for one in run["impact"]}
    assert states["this-machine"] == "down"
    assert {states[name] for name in ("ui", "api", "auth", "database")} == {"unknown"}
