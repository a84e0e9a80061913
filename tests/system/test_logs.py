"""logs.scan and logs.requests on real files, a real journal and a real Docker engine."""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from conftest import TRIAGE
from docker_engine import Engine, engine

NGINX = "/usr/sbin/nginx"
JOURNAL_REMOTE = "/lib/systemd/systemd-journal-remote"
TRACEBACK = """Traceback (most recent call last):
  File "a.py", line 1, in f
    raise
a.Broken: widget 17 does not fit
"""


def stamp(ago_s: float = 1.0) -> str:
    """As Python's logging writes it, in UTC."""
    at = datetime.now(timezone.utc) - timedelta(seconds=ago_s)
    return at.strftime("%Y-%m-%d %H:%M:%S,") + f"{at.microsecond // 1000:03d}"


def event(ago_s: float = 1.0) -> str:
    return f"{stamp(ago_s)} ERROR app unhandled_exception\n{TRACEBACK}"


Check = Callable[..., dict]


@pytest.fixture
def check(triage, runbook) -> Check:
    """One check with these parameters; gives its result."""

    def run(use: str = "logs.scan", *, timeout: str = "10s", allow: str = "", **parameters) -> dict:
        given = "".join(
            f"with.{name.replace('_', '-')} = {json.dumps(value)}\n"
            for name, value in parameters.items()
        )
        book = runbook(
            f'[allow]\n{allow}\n[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "{use}"\n'
            f'timeout = "{timeout}"\n{given}'
        )
        return triage("run", book, "-f", "json").results()["it"]

    return run


def codes(result: dict) -> set[str]:
    return {finding["code"] for finding in result["findings"]}


def evidence(result: dict, name: str) -> str:
    [finding] = result["findings"]
    return finding["evidence"][name]


def test_a_traceback_is_one_finding_with_its_cause(check: Check, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(f"{stamp(5)} INFO app no errors found\n" + event(3) + event(2))
    result = check(files=[str(log)])
    assert (result["verdict"], codes(result)) == ("warn", {"logs.errors"})
    [finding] = result["findings"]
    assert finding["message"].startswith("a.Broken: widget 17 does not fit (2 times, last ")
    assert evidence(result, "sample").endswith("a.Broken: widget 17 does not fit")
    assert "times without a zone taken as UTC" in result["summary"]


def test_what_is_well_says_what_was_read(check: Check, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(f"{stamp()} INFO app fine\n")
    result = check(files=[str(log)])
    assert result["verdict"] == "pass"
    assert "1 source, 38 B" in result["summary"]
    assert "no error and nothing known" in result["summary"]


def test_rotated_and_compressed_siblings_are_read(check: Check, tmp_path: Path) -> None:
    """Made by the tools that rotation uses; the name does not say what a file is."""
    log = tmp_path / "app.log"
    for name in ("one", "two"):
        (tmp_path / name).write_text(event())
    subprocess.run(["gzip", "-q", str(tmp_path / "one")], check=True)
    subprocess.run(["zstd", "-q", "--rm", str(tmp_path / "two")], check=True)
    (tmp_path / "one.gz").rename(tmp_path / "app.log.2.gz")
    (tmp_path / "two.zst").rename(tmp_path / "app.log.1")
    (tmp_path / "app.log.old-copy").write_text(event())
    log.write_text(event())
    result = check(files=[str(log)])
    assert result["findings"][0]["message"].split("(")[1].startswith("3 times")
    assert "3 sources" in result["summary"]
    old = (datetime.now() - timedelta(hours=1)).timestamp()
    os.utime(tmp_path / "app.log.2.gz", (old, old))
    assert "2 sources" in check(files=[str(log)])["summary"], "it was not written in the window"
    assert "1 source" in check(files=[str(log)], rotated=False)["summary"]


def test_what_cannot_be_read_is_said(check: Check, tmp_path: Path) -> None:
    good = tmp_path / "good.log"
    good.write_text(f"{stamp()} INFO fine\n")
    packed = gzip.compress(event().encode() * 1000)
    (tmp_path / "cut.gz").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "binary.log").write_bytes(bytes(range(256)) * 64)
    os.mkfifo(tmp_path / "pipe.log")
    (tmp_path / "loop.log").symlink_to(tmp_path / "loop.log")
    names = {
        "cut.gz": "it is cut off: the gzip data has no end",
        "binary.log": "it is not text, and neither gzip nor zstd",
        "pipe.log": "not a regular file, but a pipe",
        "loop.log": "Too many levels of symbolic links",
        "nowhere.log": "No such file or directory",
        "*.none": "no file matches",
        ".": "not a regular file, but a folder",
    }
    for name, words in names.items():
        result = check(files=[str(good), f"{tmp_path}/{name}"])
        assert result["verdict"] == "error", name
        assert "1 of 2 sources could not be read" in result["summary"], name
        assert words in result["summary"], name
    assert check()["verdict"] == "error", "no source at all"


def test_a_failure_is_one_whatever_else_cannot_be_read(check: Check, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(f"{stamp()} ERROR app [Errno 28] No space left on device\n")
    result = check(files=[f"{tmp_path}/a.log", f"{tmp_path}/b.log"])
    assert (result["verdict"], codes(result)) == ("fail", {"logs.disk-full"})
    assert "No such file" in result["summary"]


def test_permission_denied_names_the_remedy(runbook, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    log = tmp_path / "secret.log"
    log.write_text(event())
    log.chmod(0o600)
    book = runbook(
        f'[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "logs.scan"\n'
        f'with.files = ["{log}"]\n'
    )
    for folder in (book, *book.parents[:3]):
        folder.chmod(0o755)
    become = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", TRIAGE]
    done = subprocess.run(
        [*become, "run", str(book), "-f", "json"], capture_output=True, text=True, cwd="/"
    )
    [result] = json.loads(done.stdout)["results"]
    assert result["verdict"] == "error"
    assert "Permission denied (run triage as a user who may read it" in result["summary"]


def test_a_bomb_is_not_expanded(check: Check, tmp_path: Path) -> None:
    log = tmp_path / "bomb.gz"
    log.write_bytes(gzip.compress(b"x\n" * (4 << 20)))
    result = check(files=[str(log)], max_expanded_mib=1)
    assert result["verdict"] == "error"
    assert "it expands to more than 1 MiB" in result["summary"]


def test_huge_lines_and_zeros_are_survived(check: Check, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(b"\0" * 100000 + b"x" * (5 << 20) + b"\n" + event().encode() + b"\xff\xfe\n")
    result = check(files=[str(log)])
    assert codes(result) == {"logs.errors"}
    assert "1 lines over 1 MiB were cut" in result["summary"]


def test_only_the_window_and_the_tail_count(check: Check, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    old = "".join(f"{stamp(7200 - i / 10)} ERROR app old\n" for i in range(20000))
    log.write_text(old + f"{stamp()} INFO fine\n")
    result = check(files=[str(log)])
    assert result["verdict"] == "pass"
    [read] = [metric["value"] for metric in result["metrics"] if metric["name"] == "read"]
    assert read < 200000, "what is too old was not read"
    everything = check(files=[str(log)], since="0s")
    assert "20000 times" in everything["findings"][0]["message"]
    tail = check(files=[str(log)], since="0s", tail=3)
    assert "2 times" in tail["findings"][0]["message"]


def test_evidence_about_then_is_a_warning(check: Check, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    full = "ERROR app [Errno 28] No space left on device"
    log.write_text(f"{stamp(600)} {full}\n")
    old = check(files=[str(log)])
    assert old["verdict"] == "warn"
    assert "10 min ago): evidence about then, not about now" in old["findings"][0]["message"]
    refused = 'connection to server at "db", port 5432 failed: Connection refused'
    started = "INFO Application startup complete."
    log.write_text(f"{stamp(30)} ERROR app {refused}\n{stamp(5)} {started}\n")
    mended = check(files=[str(log)])
    assert mended["verdict"] == "pass"
    assert "the program has started since" in mended["findings"][0]["message"]
    log.write_text(f"{stamp(30)} {started}\n{stamp(5)} ERROR app {refused}\n")
    assert check(files=[str(log)])["verdict"] == "fail"


def test_silence_is_no_health(check: Check, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(f"{stamp(3600)} INFO fine\n")
    hour = (datetime.now() - timedelta(hours=1)).timestamp()
    os.utime(log, (hour, hour))
    result = check(files=[str(log)])
    assert f"no line since then in {log}" in result["summary"]
    silent = check(files=[str(log)], expect_lines=True)
    assert (silent["verdict"], codes(silent)) == ("fail", {"logs.silent"})
    assert silent["findings"][0]["message"] == "its last line is 60 min old"


def test_own_patterns(check: Check, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(f"{stamp()} INFO payment 7 declined\n{stamp()} INFO payment 8 declined\n")
    result = check(files=[str(log)], match=["payment \\d+ declined"])
    assert (result["verdict"], codes(result)) == ("fail", {"logs.match"})
    assert check(files=[str(log)], match_warn=["declined"])["verdict"] == "warn"
    ignored = check(files=[str(log)], match=["declined"], ignore=["payment [78]"])
    assert (ignored["verdict"], "2 events ignored" in ignored["summary"]) == ("pass", True)
    wrong = check(files=[str(log)], match=["(a)\\1"])
    assert wrong["verdict"] == "error"
    assert 'the pattern "(a)\\1" cannot be used' in wrong["summary"]
    everywhere = check(files=[str(log)], ignore=["x*"])
    assert "it would match everywhere" in everywhere["summary"]


def test_an_empty_pattern_is_refused_before_anything_runs(triage, runbook) -> None:
    book = runbook(
        '[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "logs.scan"\n'
        'with.files = ["/x"]\nwith.match = ["a", ""]\n'
    )
    ran = triage("validate", book)
    assert ran.code == 2
    assert "'match': '' does not match" in ran.err


class Writer:
    """Does something to a log once triage reads it: the fixture's first line has been seen."""

    def __init__(self, steps: list[Callable[[], None]], seconds: float) -> None:
        self._steps, self._pause = steps, threading.Event()
        self._seconds = seconds
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        for step in self._steps:
            self._pause.wait(self._seconds)
            step()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._thread.join()


def test_following_goes_with_rotation_and_truncation(check: Check, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(f"{stamp()} ERROR app before\n")

    def rotate() -> None:
        held = log.open("a")
        log.rename(tmp_path / "app.log.1")
        log.write_text(f"{stamp()} ERROR app after\n")
        held.write(f"{stamp()} ERROR app late\n")
        held.close()

    def truncate() -> None:
        log.write_text("")

    def append() -> None:
        with log.open("a") as more:
            more.write(f"{stamp()} ERROR app last\n")

    with Writer([rotate, truncate, append], 0.8):
        result = check(files=[str(log)], rotated=False, follow="4s")
    samples = {f["message"].split(" (")[0] for f in result["findings"]}
    assert samples == {f"ERROR app {word}" for word in ("before", "late", "after", "last")}
    assert "it was rotated while it was followed" in result["summary"]
    assert "it was truncated while it was followed" in result["summary"]


def test_requests_by_route_and_client(check: Check, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    line = '{} - - [{}] "GET {} HTTP/1.1" {} 11 "-" "-"\n'
    now = datetime.now(timezone.utc).strftime("%d/%b/%Y:%H:%M:%S +0000")
    rows = [("1.1.1.1", "/a/1", 200)] * 30 + [
        (f"1.1.1.{i}", path, 500) for i in (2, 3) for path in ("/a/1", "/b/22", "/c")
    ]
    log.write_text("".join(line.format(ip, now, path, status) for ip, path, status in rows))
    result = check("logs.requests", files=[str(log)])
    assert (result["verdict"], codes(result)) == ("fail", {"logs.broad-5xx"})
    assert "GET /b/{id}: 2 of 2" in evidence(result, "by route")
    nothing = tmp_path / "other.log"
    nothing.write_text(f"{stamp()} INFO hello\n")
    result = check("logs.requests", files=[str(nothing)])
    assert (result["verdict"], result["findings"]) == ("error", [])
    assert "no line tells of a request" in result["summary"]


def free_port() -> int:
    """A port below those that connections get: nobody listens there, and nobody will."""
    for port in range(21000, 32000):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no free port")


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
    as_text = check(files=[str(journal)])
    assert "it is a journal file: name it in journal-files" in as_text["summary"]


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
(sleep 1; of_unit 'came late' err) &
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
    assert "docker mc/ended: it has ended with exit code 3" in of_docker(docker, check, "mc/*")["summary"]
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


@pytest.mark.parametrize(("hours", "words"), [(-5, "5 h behind"), (2, "2 h ahead of")])
def test_a_zone_that_cannot_be_right_is_no_all_clear(check, tmp_path, hours, words) -> None:
    """Its times are of another zone than was said: what is new looks old, or the other way."""
    log = tmp_path / "app.log"
    ago_s = -hours * 3600 + (5 if hours < 0 else -5)
    log.write_text(f"{stamp(ago_s)} ERROR app boom\n")
    result = check(files=[str(log)])
    assert result["verdict"] == "error", result
    assert words in result["summary"]
    assert check(files=[str(log)], zone=f"{hours:+03d}:00")["verdict"] == "warn"
