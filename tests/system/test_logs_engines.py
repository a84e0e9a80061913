"""logs.scan on what a real nginx, journal and Docker engine have written."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

import pytest
from conftest import TRIAGE
from docker_engine import Engine, engine
from logs_fixtures import TRACEBACK, Check, Writer, check, codes, evidence  # noqa: F401
from ports import free_port

NGINX = "/usr/sbin/nginx"
JOURNAL_REMOTE = "/lib/systemd/systemd-journal-remote"


@contextmanager
def nginx(folder: Path, routes: dict[str, str]) -> Iterator[str]:
    """A real one: each path leads to an upstream. Its error log is folder/error.log."""
    port = free_port()
    locations = "".join(f"location {at} {{ proxy_pass {to}; }}\n" for at, to in routes.items())
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
        "events {}\nhttp { access_log off; proxy_connect_timeout 1s; proxy_read_timeout 1s;\n"
        + "".join(f"{kind}_temp_path {folder}/{kind};\n"
                  for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        + f"server {{ listen 127.0.0.1:{port};\n{locations} }} }}\n"
    )
    words = [NGINX, "-p", str(folder), "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"]
    with subprocess.Popen(words) as process:
        try:
            while True:
                assert process.poll() is None, (folder / "error.log").read_text()
                with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.mark.parametrize(
    ("path", "code", "word"),
    [("dead", "logs.upstream-refused", "Connection refused"),
     ("hangs", "logs.upstream-timeout", "timed out"),
     ("closes", "logs.upstream-closed", "prematurely closed")],
)
def test_what_nginx_says_of_its_upstream(check, server, tmp_path, path, code, word) -> None:
    def close(connection: socket.socket, _request: bytes) -> None:
        connection.shutdown(socket.SHUT_RDWR)

    server.on("/hangs", server.hang)
    server.on("/closes", close)
    behind = f"http://127.0.0.1:{server.port}"
    with ExitStack() as running:
        bound = running.enter_context(socket.socket())
        bound.bind(("127.0.0.1", 0))  # and never listens
        dead = f"http://127.0.0.1:{bound.getsockname()[1]}"
        routes = {"/dead": dead, "/hangs": behind, "/closes": behind}
        front = running.enter_context(nginx(tmp_path, routes))
        answer = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}",
                                 f"{front}/{path}"], capture_output=True, text=True)
    assert answer.stdout == ("504" if path == "hangs" else "502")
    result = check(files=[str(tmp_path / "error.log")], zone="local")
    assert (result["verdict"], codes(result)) == ("fail", {code}), result
    assert word in evidence(result, "sample")
    assert evidence(result, "layer") == "proxy"


def make_journal(path: Path, entries: list[dict[str, str]]) -> None:
    """A journal file without systemd, from its export format."""
    text = "\n".join("".join(f"{k}={v}\n" for k, v in entry.items()) for entry in entries) + "\n"
    subprocess.run([JOURNAL_REMOTE, "-o", str(path), "-"], input=text.encode(), check=True,
                   capture_output=True)


def test_journal_files(check: Check, tmp_path: Path) -> None:
    journal = tmp_path / "system.journal"
    now = int(datetime.now().timestamp() * 1e6)
    base = {"_BOOT_ID": "a" * 32, "_MACHINE_ID": "b" * 32}
    entries = [
        (now - 3_600_000_000, "app.service", "3", "an hour ago"),
        (now - 2_000_000, "app.service", "6", "fine"),
        (now - 1_000_000, "app.service", "3", "disk: No space left on device"),
        (now - 1_000_000, "other.service", "3", "other trouble"),
    ]
    make_journal(
        journal,
        [
            {"__REALTIME_TIMESTAMP": str(at), "__MONOTONIC_TIMESTAMP": str(i + 1), **base,
             "_SYSTEMD_UNIT": unit, "PRIORITY": priority, "MESSAGE": message}
            for i, (at, unit, priority, message) in enumerate(entries)
        ],
    )
    of_unit = check(journal_files=[str(journal)], journal_units=["app"])
    assert (of_unit["verdict"], codes(of_unit)) == ("fail", {"logs.disk-full"})
    everything = check(journal_files=[str(journal)])
    assert codes(everything) == {"logs.disk-full", "logs.errors"}
    assert "an hour ago" not in json.dumps(everything["findings"])
    assert "an hour ago" in json.dumps(check(journal_files=[str(tmp_path)], since="0s")["findings"])
    empty = check(journal_files=[str(tmp_path / "none.journal")])
    assert empty["verdict"] == "error"
    for unit in ("typo", "app.servic"):
        nobody = check(journal_files=[str(journal)], journal_units=[unit])
        assert nobody["verdict"] == "error", unit
        assert "there is no entry of this unit" in nobody["summary"]
    as_text = check(files=[str(journal)])
    assert "it is a journal file: name it in journal-files" in as_text["summary"]


def test_what_the_journal_puts_before_a_message_is_taken_off(check: Check, tmp_path: Path) -> None:
    """JSON is read as JSON, a traceback of an entry a line is one, whatever their priority is."""
    now = int(datetime.now().timestamp() * 1e6)
    base = {"_BOOT_ID": "a" * 32, "_MACHINE_ID": "b" * 32, "_SYSTEMD_UNIT": "app.service"}

    def messages(name: str, priority: str, *texts: str, **more: str) -> dict:
        journal = tmp_path / f"{name}.journal"
        make_journal(journal, [
            {"__REALTIME_TIMESTAMP": str(now - 1_000_000 + i),
             "__MONOTONIC_TIMESTAMP": str(i + 1), **base, **more, "PRIORITY": priority,
             "MESSAGE": text}
            for i, text in enumerate(texts)
        ])
        return check(journal_files=[str(journal)], journal_units=["app"])

    for priority in ("3", "6"):
        folded = messages(f"tb{priority}", priority, "ERROR app", *TRACEBACK.splitlines())
        [finding] = folded["findings"]
        assert finding["message"].startswith("a.Broken: widget 17 does not fit (once"), priority
    bad = json.dumps({"level": "error", "msg": "boom happened"})
    [finding] = messages("bad", "6", bad)["findings"]
    assert finding["message"].startswith("boom happened")
    fine = json.dumps({"level": "info", "msg": "handled: No space left on device"})
    assert messages("fine", "6", fine)["findings"] == []
    of_systemd = {"_SYSTEMD_UNIT": "init.scope", "_PID": "1", "UNIT": "app.service"}
    [finding] = messages("pid1", "3", "Main process exited", **of_systemd)["findings"]
    assert "Main process exited" in finding["message"]


# A journal of the test's own where this machine would have its: in a mount namespace, with a
# daemon that looks at nothing of the machine. What is said in the cgroup of a unit is the unit's,
# if who says it is still there when the daemon looks.
LIVE_JOURNAL = """set -e
for folder in /run/systemd /run/log /var/log/journal; do
  mkdir -p $folder; mount -t tmpfs tmpfs $folder
done
mkdir -p /run/systemd/journal /run/systemd/journald.conf.d
printf '[Journal]\\nStorage=persistent\\nAudit=no\\nReadKMsg=no\\nRateLimitBurst=0\\n' \
  > /run/systemd/journald.conf.d/test.conf
/lib/systemd/systemd-journald & daemon=$!
trap 'kill $daemon; wait $daemon || true; rmdir "$unit"' EXIT
until [ -S /run/systemd/journal/stdout ]; do kill -0 $daemon; done
mkdir -p "$unit"
stored() { until journalctl -q --no-pager | grep -qF "$1"; do :; done; }
say() { { echo "$1"; stored "$1"; } | systemd-cat -p "$2"; }
of_unit() { (sh -c 'echo $PPID > "$unit/cgroup.procs"'; say "$@"); }
of_unit 'all is fine' info
of_unit 'disk: No space left on device' err
say 'not of the unit: Read-only file system' err
(sleep 1; kill -USR2 $daemon; sleep 0.5; of_unit 'came late' err) &  # USR2: rotates its files
"$@"
"""


def cgroup_of_a_unit(name: str) -> Path:
    """Where systemd would have it: in the hierarchy of version 2, if there is one."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    version_2 = [words[1] for words in mounts if words[2] == "cgroup2"]
    return Path(version_2[0] if version_2 else "/sys/fs/cgroup/systemd") / f"{name}.service"


def test_the_live_journal_of_a_unit(runbook) -> None:
    unit = f"triage-test-{os.getpid()}"
    book = runbook(
        '[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "logs.scan"\n'
        f'with.journal-units = ["{unit}"]\nwith.follow = "3s"\n'
    )
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", LIVE_JOURNAL, "sh", TRIAGE, "run", str(book), "-f",
         "json"],
        env={**os.environ, "unit": str(cgroup_of_a_unit(unit))}, capture_output=True, text=True,
    )
    assert done.stdout, done.stderr
    [result] = json.loads(done.stdout)["results"]
    assert (result["verdict"], codes(result)) == ("fail", {"logs.disk-full", "logs.errors"}), result
    assert "came late" in json.dumps(result["findings"])
    assert "Read-only" not in json.dumps(result["findings"])


@pytest.fixture(scope="module")
def docker() -> Iterator[Engine]:
    with engine(free_port()) as made:
        talk = f"echo 'INFO: hello'; printf '%s' \"$LINES\" >&2; exec sleep 600"
        env = ["-e", f"LINES=ERROR:    Exception in ASGI application\n{TRACEBACK}"]
        made.run("--network", "none", *env, service="backend", project="mc", command=talk)
        made.run("--network", "none", "-t", *env, service="tty", project="mc", command=talk)
        made.run("--network", "none", service="ended", project="mc",
                 command="echo 'OSError: [Errno 28] No space left on device' >&2; exit 3")
        made.run("--network", "none", "--log-driver=none", service="mute", project="mute",
                 command="exec sleep 600")
        yield made


def of_docker(docker: Engine, check: Check, *wanted: str, **parameters) -> dict:
    path = docker.host.removeprefix("unix://")
    return check(docker=list(wanted), docker_host=docker.host,
                 allow=f'logs = {{ unix = ["{path}"], http = ["http://docker"] }}', **parameters)


def test_containers_of_a_compose_project(docker: Engine, check: Check) -> None:
    result = of_docker(docker, check, "mc/backend")
    assert codes(result) == {"logs.errors"}
    [finding] = result["findings"]
    assert finding["subject"] == "docker mc/backend"
    assert finding["message"].startswith("a.Broken: widget 17 does not fit")
    everything = of_docker(docker, check, "mc/*")
    assert (everything["verdict"], codes(everything)) == ("fail", {"logs.errors", "logs.disk-full"})
    assert "3 sources" in everything["summary"]
    assert of_docker(docker, check, "mc/tty", tail=10)["findings"] != []


def test_a_long_log_is_read_to_its_end(docker: Engine, check: Check) -> None:
    talk = "yes 'INFO: all is well, and this line says so' | head -n 80000; echo 'ERROR: the end'"
    for mode in ([], ["-t"]):
        docker.run("--network", "none", *mode, service="long", project=f"long{len(mode)}",
                   command=f"{talk}; exec sleep 600")
        ended = time.monotonic() + 20
        while (result := of_docker(docker, check, f"long{len(mode)}/long"))["findings"] == []:
            assert time.monotonic() < ended, result["summary"]
        assert "the end" in result["findings"][0]["message"]


def test_a_remote_engine(docker: Engine, check: Check, triage) -> None:
    host = f"tcp://127.0.0.1:{docker.port}"
    allow = f'logs = {{ http = ["http://127.0.0.1:{docker.port}"] }}'
    result = check(docker=["mc/backend"], docker_host=host, allow=allow)
    assert (result["verdict"], codes(result)) == ("warn", {"logs.errors"})
    denied = check(docker=["mc/backend"], docker_host=host)
    assert denied["verdict"] == "error"
    assert f"no permission for http://127.0.0.1:{docker.port}" in denied["summary"]
    by_hand = triage("check", "logs.scan", "docker=mc/backend", f"docker-host={host}")
    assert "a.Broken: widget 17 does not fit" in by_hand.out


def test_how_containers_have_ended_is_said(docker: Engine, check: Check) -> None:
    everything = of_docker(docker, check, "mc/*")["summary"]
    assert "docker mc/ended: it has ended with exit code 3" in everything
    loop = docker.run("--network", "none", "--restart=always", service="loop", project="loop",
                      command="echo 'INFO: hello'; exit 7")
    show = "{{.State.Status}} {{.RestartCount}}"
    end = time.monotonic() + 60
    while True:  # the engine waits longer each time: at the sixth for more than three seconds
        status, count = docker.docker("inspect", "-f", show, loop).split()
        if status == "restarting" and int(count) >= 6:
            break
        assert time.monotonic() < end, (status, count)
    result = of_docker(docker, check, "loop/*")
    assert (result["verdict"], codes(result)) == ("warn", {"logs.restarting"})
    message = result["findings"][0]["message"]
    assert "it ended with exit code 7 and was restarted 6 times" in message


def test_by_hand_an_engine_that_is_named_may_be_asked(triage, docker: Engine) -> None:
    ran = triage("check", "logs.scan", "docker=mc/backend", f"docker-host={docker.host}")
    assert "a.Broken: widget 17 does not fit" in ran.out, ran.out + ran.err
    # The default's socket is another's, or nobody's: what it must not lack is the permission.
    ran = triage("check", "logs.scan", "docker=mc/nobody")
    assert ran.code == 3
    assert "permission for" not in ran.out


def test_containers_that_cannot_be_read(docker: Engine, check: Check) -> None:
    nobody = of_docker(docker, check, "mc/nobody")
    assert nobody["verdict"] == "error"
    assert "docker mc/nobody: no such container" in nobody["summary"]
    mute = of_docker(docker, check, "mute/mute")
    assert mute["verdict"] == "error"
    assert "configured logging driver does not support reading" in mute["summary"]
    nowhere = check(docker=["mc/backend"], docker_host="unix:///nowhere/docker.sock",
                    allow='logs = { unix = ["/nowhere/docker.sock"], http = ["http://docker"] }')
    assert nowhere["verdict"] == "error"
    denied = check(docker=["mc/backend"], docker_host=docker.host,
                   allow='logs = { http = ["http://docker"] }')
    assert denied["verdict"] == "error"
    assert "no permission for the socket" in denied["summary"]


def test_a_container_that_comes_while_following(docker: Engine, check: Check) -> None:
    def deploy() -> None:
        docker.run("--network", "none", service="late", project="late",
                   command="echo 'ERROR: came late' >&2; exec sleep 600")

    docker.run("--network", "none", service="first", project="late", command="exec sleep 600")
    with Writer([deploy], 0.5):
        result = of_docker(docker, check, "late/*", follow="7s", timeout="15s")
    assert "ERROR: came late" in result["findings"][0]["message"]
