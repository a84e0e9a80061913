"""The lab as its users meet it: the command `lab`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faults
import pytest
from faults.registry import Fault
from stack import health
from stack.errors import LabError
from stack.lab import Lab
from stack.waiting import wait_until

HERE = Path(__file__).resolve().parent
LAB = str(HERE / "lab")
PYTHON = "/usr/bin/python3"
COMMAND_SECONDS = 60

# What a COMMAND sees through LAB_* alone, as JSON on stdout.
OBSERVER = """
import json, os, re, urllib.error, urllib.request as request
def status(url, **more):
    try:
        return request.urlopen(request.Request(url, **more), timeout=1.5).status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return "silent" if "timed out" in str(error) else "refused"
nil = "00000000-0000-0000-0000-000000000000"
seen = {name: value for name, value in os.environ.items() if name.startswith("LAB_")}
api = seen["LAB_API_DIRECT"]
page = request.urlopen(seen["LAB_UI"]).read().decode()
chunk = re.findall(r'src="(/_next/static/chunks/[^"]+)"', page)[-1]
script = request.urlopen(seen["LAB_UI"] + chunk).read().decode()
seen["baked"] = re.search(r'let e="([^"]*)".trim', script)[1]
seen["baked_health"] = status(seen["baked"] + "/healthz")
seen["healthz"] = status(api + "/healthz")
seen["proxied"] = status(seen["LAB_API"] + "/healthz")
seen["probe"] = status(f"{api}/api/v1/boards/{nil}/webhooks/{nil}", data=b"{}", method="POST")
print(json.dumps(seen))
"""

# Two of them act on one process, or one needs what the other has ended.
CONTRADICTIONS = (
    ("db-down", "db-hung"),
    ("db-down", "db-max-connections"),
    ("db-wal-disk-full", "db-behind"),
    ("backend-killed", "backend-frozen"),
    ("backend-killed", "auth-mode-capital"),
    ("redis-frozen", "worker-floods"),
    ("redis-password", "redis-frozen"),
    ("worker-dies-of-job", "worker-floods"),
    ("nginx-down", "proxy-rate-limit"),
    ("nginx-down", "tls-expired"),
    ("clerk-jwks-hung", "clerk-outage"),
)


def run_lab(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LAB, *arguments], env=env, capture_output=True, text=True, timeout=COMMAND_SECONDS
    )


def observe(env: dict[str, str], *broken: str) -> dict[str, object]:
    flags = [word for name in broken for word in ("--break", name)]
    done = run_lab("run", *flags, "--", PYTHON, "-c", OBSERVER, env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def lab_processes(folder: str) -> list[str]:
    """Command lines and working folders that speak of this lab."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if folder.encode() in words:
            found.append(words.replace(b"\0", b" ").decode(errors="replace")[:200])
    return found


def assert_nothing_left(folder: str) -> None:
    wait_until(lambda: not Path(folder).exists(), 15, f"{folder} is removed")
    wait_until(lambda: lab_processes(folder) == [], 5, f"no process speaks of {folder}")


EXPECTED = {
    "db-down": {"healthz": 200, "probe": 500, "baked_health": 200},
    "ui-api-url-wrong": {"healthz": 200, "probe": 404, "baked_health": "refused"},
    "clerk-secret-key-empty": {"healthz": "refused", "proxied": 502, "probe": "refused"},
    "pool-exhausted": {"healthz": 200, "probe": "silent", "baked_health": 200},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_fault_is_seen_by_the_command(environment: dict[str, str], name: str) -> None:
    seen = observe(environment, name)
    assert {key: seen[key] for key in EXPECTED[name]} == EXPECTED[name]
    assert seen["LAB_FAULTS"] == name
    assert_nothing_left(seen["LAB_DIR"])


def test_two_labs_at_once_one_healthy_one_with_two_faults(environment: dict[str, str]) -> None:
    with ThreadPoolExecutor() as threads:
        first = threads.submit(observe, environment)
        second = threads.submit(observe, environment, "ui-api-url-wrong", "db-down")
        healthy, broken = first.result(), second.result()
    assert (healthy["healthz"], healthy["proxied"], healthy["probe"]) == (200, 200, 404)
    assert (healthy["baked"], healthy["baked_health"]) == (healthy["LAB_API"], 200)
    assert (broken["healthz"], broken["probe"], broken["baked_health"]) == (200, 500, "refused")
    assert (healthy["LAB_FAULTS"], broken["LAB_FAULTS"]) == ("", "ui-api-url-wrong,db-down")
    for name in ("LAB_DIR", "LAB_API", "LAB_UI", "LAB_DATABASE_URL", "LAB_CLERK_TOKEN"):
        assert healthy[name] != broken[name]


@pytest.mark.parametrize("fault", faults.ALL.values(), ids=lambda fault: fault.name)
def test_a_healthy_lab_does_not_pass_for_broken(lab: Lab, fault: Fault) -> None:
    health.assert_healthy(lab)
    with pytest.raises(LabError, match="expected"):
        fault.assert_present(lab)


def test_a_broken_lab_does_not_pass_for_healthy(lab: Lab) -> None:
    lab.services["redis"].stop()
    with pytest.raises(LabError, match="not healthy"):
        health.assert_healthy(lab)
    lab.restart("redis")
    lab.log("worker.log").write_text("")
    lab.restart("worker")
    health.assert_healthy(lab)


def test_exit_code_and_output_are_the_commands(environment: dict[str, str]) -> None:
    done = run_lab("run", "--", "sh", "-c", "echo out; exit 37", env=environment)
    assert (done.returncode, done.stdout) == (37, "out\n")
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("lab: up in ")


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that all users may enter (pytest's own is closed to them)."""
    with tempfile.TemporaryDirectory(prefix="lab-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def running(environment: dict[str, str], tmp_path: Path) -> Iterator[tuple[subprocess.Popen, str]]:
    """A lab whose COMMAND (a shell with a child) waits; yields it and its folder."""
    told = tmp_path / "folder"
    script = f'echo "$LAB_DIR" > {told}.new && mv {told}.new {told}; sleep 300; true'
    process = subprocess.Popen(
        [LAB, "run", "--", "sh", "-c", script], env=environment, stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL, text=True
    )
    wait_until(told.exists, 30, "COMMAND runs")
    yield process, told.read_text().strip()
    process.kill()
    process.wait()
    process.stderr.close()


def test_killed_lab_leaves_nothing(running: tuple[subprocess.Popen, str]) -> None:
    process, folder = running
    assert len(lab_processes(folder)) >= 6
    process.kill()
    process.wait()
    assert_nothing_left(folder)


def test_terminated_lab_takes_itself_down(running: tuple[subprocess.Popen, str]) -> None:
    process, folder = running
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 128 + signal.SIGTERM
    assert not Path(folder).exists()  # it ends after its take-down, not before
    assert lab_processes(folder) == []


def test_interrupted_while_starting(environment: dict[str, str], public: Path) -> None:
    env = {**environment, "TMPDIR": str(public)}
    process = subprocess.Popen([LAB, "run", "--", "true"], env=env, stderr=subprocess.DEVNULL)
    wait_until(lambda: any(public.glob("*/postgres")), 20, "the lab is starting")
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 128 + signal.SIGINT
    assert list(public.iterdir()) == []


def copy_of_lab(root: Path) -> Path:
    """With the runbook that it points at itself, as in the project."""
    folder = root / "tests" / "lab"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(HERE.parents[1] / "config", root / "config")
    subprocess.run(["chmod", "-R", "a+rX", root], check=True)
    return folder


def test_works_for_an_ordinary_user(environment: dict[str, str], public: Path) -> None:
    """As root, become nobody, with a copy of the lab that nobody may read."""
    copy = copy_of_lab(public / "project")
    work = public / "work"
    work.mkdir()
    work.chmod(0o777)
    become = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    command = [str(copy / "lab"), "run", "--break", "db-down", "--", "id", "-u"]
    done = subprocess.run(
        (become if os.geteuid() == 0 else []) + command,
        env={**environment, "TMPDIR": str(work)}, capture_output=True, text=True, cwd="/",
        timeout=COMMAND_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() != "0"
    assert list(work.iterdir()) == []


def test_failed_start_is_125_and_says_why(environment: dict[str, str], public: Path) -> None:
    copy = copy_of_lab(public / "project")
    (copy / "backend" / "app" / "main.py").write_text("raise RuntimeError('broken on purpose')\n")
    done = subprocess.run(
        [str(copy / "lab"), "run", "--", "echo", "ran"], env=environment, capture_output=True,
        text=True, timeout=COMMAND_SECONDS,
    )
    assert (done.returncode, done.stdout) == (125, "")
    assert "backend ended with status 1" in done.stderr
    assert "RuntimeError: broken on purpose" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["run", "--break", "db-dwon", "--", "true"], "did you mean 'db-down'?"),
        (["run", "--break", "nope", "--", "true"], "'nope'. `lab list --long` shows all\n"),
        *(
            (["run", "--break", one, "--break", other, "--", "true"], "cannot be together with")
            for one, other in CONTRADICTIONS
        ),
        (
            ["run", "--break", "pool-exhausted", "--break", "db-down", "--", "true"],
            "pool-exhausted cannot be together with db-down",
        ),
        (["run", "--then", "clerk-secret-key-empty", "--", "true"], "cannot come later"),
        (["run"], "COMMAND"),
        ([], "list | run"),
    ],
)
def test_wrong_usage(environment: dict[str, str], arguments: list[str], complaint: str) -> None:
    done = run_lab(*arguments, env=environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr


def test_a_later_fault_comes_between_two_runs_of_the_command(environment: dict[str, str]) -> None:
    command = (
        'curl -s -o /dev/null -H "Authorization: Bearer $LAB_CLERK_TOKEN"'
        ' -w "%{http_code} $LAB_FAULTS\n" "$LAB_API/api/v1/activity"'
    )
    done = run_lab("run", "--then", "db-down", "--", "sh", "-c", command, env=environment)
    assert done.returncode == 0, done.stderr
    assert [line.split() for line in done.stdout.splitlines()] == [["200"], ["500", "db-down"]]


def test_command_that_does_not_exist(environment: dict[str, str]) -> None:
    done = run_lab("run", "--", "no-such-command", env=environment)
    assert done.returncode == 127
    assert done.stderr == "lab: no-such-command: command not found\n"


def test_list_has_one_name_a_line(environment: dict[str, str]) -> None:
    assert run_lab("list", env=environment).stdout.splitlines() == list(faults.ALL)
    assert set(EXPECTED) <= set(faults.ALL)
