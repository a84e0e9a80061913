"""deploy.containers with a real Docker engine, deploy.git with real repositories."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import ROOT, TRIAGE, Ran
from docker_engine import IMAGE, Engine, engine

NO_NETWORK = ("--network", "none")
SLEEP = "exec sleep 600"
PATIENCE_S = 30

Look = Callable[..., Ran]


@pytest.fixture(scope="module")
def docker() -> Iterator[Engine]:
    with engine() as made:
        yield made


def until(docker: Engine, container: str, template: str, wanted: str) -> None:
    """Waits until `docker inspect` says so."""
    end = time.monotonic() + PATIENCE_S
    while (said := docker.docker("inspect", "-f", template, container)) != wanted:
        assert time.monotonic() < end, f"{template} is {said}, expected {wanted}"
        time.sleep(0.05)


def ended(docker: Engine, container: str) -> None:
    until(docker, container, "{{.State.Status}}", "exited")


@pytest.fixture
def look(triage, runbook, docker: Engine, tmp_path: Path) -> Look:
    """Runs deploy.containers; a history of its own for each test."""

    def run(*containers: str, flags: tuple[str, ...] = ("-f", "json"), **parameters) -> Ran:
        socket = docker.host.removeprefix("unix://")
        given = {"containers": list(containers), "docker-host": docker.host, **parameters}
        lines = "".join(f"with.{name} = {json.dumps(value)}\n" for name, value in given.items())
        book = runbook(
            f'[allow]\ndeploy = {{ unix = ["{socket}"], http = ["http://docker"] }}\n'
            '[[step]]\nid = "s"\n[[step.check]]\nid = "deploy"\nlayer = "deploy"\n'
            f'use = "deploy.containers"\n{lines}'
        )
        return triage("run", book, *flags, env={"XDG_STATE_HOME": str(tmp_path / "state")})

    return run


def found(ran: Ran) -> dict[tuple[str, str], dict]:
    """(code, subject) → finding; but for what is only worth knowing."""
    [result] = ran.json()["results"]
    return {(f["code"], f["subject"]): f for f in result["findings"] if f["weight"] != "info"}


def test_containers_that_run(docker: Engine, look: Look) -> None:
    for service in ("backend", "db"):
        docker.run(*NO_NETWORK, service=service, project="well", command=SLEEP)
    ran = look("well/*", expect=["backend", "db"])
    [result] = ran.json()["results"]
    assert (ran.code, result["verdict"], ran.json()["answer"]) == (0, "pass", "healthy"), ran.out
    assert result["summary"].startswith("2 containers run; lately started: well/")
    assert [f["code"] for f in result["findings"]] == ["deploy.recent"]
    image = docker.docker("image", "inspect", "-f", "{{.Id}}", IMAGE)
    assert result["facts"]["image[well/db]"].startswith(f"{image[7:19]} ({IMAGE}), made 2")
    keys = ("well/backend", "well/db")
    assert set(result["facts"]) == {f"{fact}[{key}]" for fact in ("image", "started_at")
                                    for key in keys}


def test_an_environment_is_never_shown(docker: Engine, look: Look) -> None:
    secret = "correct-horse-battery"
    ended(docker, docker.run(*NO_NETWORK, "-e", f"PASSWORD={secret}", service="s", project="env",
                             command="exit 1"))
    ran = look("env/*", flags=("-v",))
    assert "deploy.exited" in ran.out and secret not in ran.out + ran.err


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "ended by itself"), (1, "settings"), (3, "failed while starting"), (42, "42")],
)
def test_a_container_that_ended(docker: Engine, look: Look, code: int, words: str) -> None:
    project = f"end{code}"
    container = docker.run(*NO_NETWORK, service="backend", project=project, command=f"exit {code}")
    ended(docker, container)
    ran = look(f"{project}/*")
    [((name, subject), finding)] = found(ran).items()
    assert (ran.code, name, subject) == (1, "deploy.exited", f"{project}/backend")
    assert finding["message"].startswith(f"{project}/backend ended ")
    assert finding["message"].endswith(f" with exit code {code}")
    assert words in finding["evidence"]["exit code"]
    assert "will not come back by itself" in finding["evidence"]["restart policy"]


def test_a_job_that_is_done_is_none_that_must_run(docker: Engine, look: Look) -> None:
    docker.run(*NO_NETWORK, service="backend", project="job", command=SLEEP)
    ended(docker, docker.run(*NO_NETWORK, service="migrate", project="job", command="exit 0"))
    assert found(look("job/*", expect=["backend"])) == {}
    assert set(found(look("job/*"))) == {("deploy.exited", "job/migrate")}
    missing = look("job/*", expect=["backend", "worker"])
    assert (missing.code, set(found(missing))) == (1, {("deploy.missing", "job/worker")})


def test_extra_containers_are_no_trouble(docker: Engine, look: Look) -> None:
    """Beside a system that is well: another project's that ended, nobody's, a second of ours."""
    for service in ("backend", "backend", "mailhog"):
        docker.run(*NO_NETWORK, service=service, project="mine", command=SLEEP)
    ended(docker, docker.run(*NO_NETWORK, service="backend", project="mine-too", command="exit 1"))
    docker.docker("run", "-d", "--network", "none", "--name", "mine", IMAGE, "sh", "-c", "exit 137")
    ended(docker, "mine")
    ran = look("mine/*", expect=["backend"])
    assert (ran.code, found(ran)) == (0, {}), ran.out
    report = ran.json()
    assert (report["answer"], report["causes"]) == ("healthy", [])


def test_a_one_off_container_is_no_service(docker: Engine, look: Look) -> None:
    docker.run(*NO_NETWORK, service="backend", project="once", command=SLEEP)
    ended(docker, docker.run(*NO_NETWORK, "--label", "com.docker.compose.oneoff=True",
                             service="backend", project="once", command="exit 1"))
    assert found(look("once/*")) == {}


def test_killed_paused_and_never_started(docker: Engine, look: Look) -> None:
    def run(service: str) -> str:
        return docker.run(*NO_NETWORK, service=service, project="odd", command=SLEEP)

    docker.docker("kill", run("killed"))
    docker.docker("pause", run("paused"))
    labels = ("com.docker.compose.project=odd", "com.docker.compose.service=created")
    words = [word for label in labels for word in ("--label", label)]
    docker.docker("create", *NO_NETWORK, *words, IMAGE, "sh", "-c", SLEEP)
    seen = found(look("odd/*"))
    assert set(seen) == {("deploy.exited", "odd/killed"), ("deploy.paused", "odd/paused"),
                         ("deploy.not-started", "odd/created")}
    evidence = seen["deploy.exited", "odd/killed"]["evidence"]
    assert evidence["exit code"].startswith("137 (killed (SIGKILL)")


def test_memory_that_ran_out(docker: Engine, look: Look) -> None:
    eats = "a=xxxxxxxxxxxxxxxx; while :; do a=$a$a; done"
    container = docker.run(*NO_NETWORK, "--memory", "8m", service="backend", project="oom",
                           command=eats)
    ended(docker, container)
    ran = look("oom/*")
    assert set(found(ran)) == {("deploy.oom-killed", "oom/backend")}
    assert [cause["id"] for cause in ran.json()["causes"]] == ["deploy.out-of-memory"]


def test_a_restart_loop(docker: Engine, look: Look) -> None:
    container = docker.run(*NO_NETWORK, "--restart", "always", service="worker", project="loop",
                           command="exit 1")
    end = time.monotonic() + PATIENCE_S
    while int(docker.docker("inspect", "-f", "{{.RestartCount}}", container)) < 5:
        assert time.monotonic() < end
        time.sleep(0.05)
    ran = look("loop/*")
    assert set(found(ran)) == {("deploy.restarting", "loop/worker")}
    assert [cause["id"] for cause in ran.json()["causes"]] == ["deploy.restart-loop"]


def test_one_restart_is_a_warning(docker: Engine, look: Look) -> None:
    once = "cat /was || { echo > /was; exit 1; }; exec sleep 600"
    container = docker.run(*NO_NETWORK, "--restart", "always", service="worker", project="again",
                           command=once)
    until(docker, container, "{{.RestartCount}} {{.State.Status}}", "1 running")
    ran = look("again/*")
    assert (ran.code, set(found(ran))) == (0, {("deploy.restarted", "again/worker")})
    assert found(look("again/*", **{"restarts-warn": 2})) == {}


def test_a_health_check_of_its_own(docker: Engine, look: Look) -> None:
    def run(service: str, command: str) -> str:
        check = ("--health-cmd", command, "--health-interval", "100ms", "--health-retries", "1")
        return docker.run(*NO_NETWORK, *check, service=service, project="sick", command=SLEEP)

    good, bad = run("good", "exit 0"), run("bad", "echo it is no use; exit 1")
    until(docker, good, "{{.State.Health.Status}}", "healthy")
    until(docker, bad, "{{.State.Health.Status}}", "unhealthy")
    seen = found(look("sick/*"))
    assert set(seen) == {("deploy.unhealthy", "sick/bad")}
    assert seen["deploy.unhealthy", "sick/bad"]["evidence"]["it says"].strip() == "it is no use"


def tag(docker: Engine, name: str, words: str) -> None:
    """Builds another image of that name, as `docker compose build` does."""
    container = docker.docker("create", IMAGE, "sh")
    label = f"LABEL org.opencontainers.image.version={words}"
    docker.docker("commit", "-c", label, container, name)
    docker.docker("rm", container)


def start(
    docker: Engine, project: str, image: str, number: int = 1, command: str = SLEEP
) -> str:
    name = f"{project}-backend-{number}"
    labels = [f"com.docker.compose.project={project}", "com.docker.compose.service=backend"]
    words = [word for label in labels for word in ("--label", label)]
    words += [image, "sh", "-c", command]
    return docker.docker("run", "-d", *NO_NETWORK, "--name", name, *words)


def test_what_changed_says_which_image_was_deployed(docker: Engine, look: Look) -> None:
    tag(docker, "shop", "1.4")
    container = start(docker, "shop", "shop")
    assert look("shop/*").code == 0
    docker.docker("rm", "-f", container)
    tag(docker, "shop", "1.5")
    start(docker, "shop", "shop")
    ran = look("shop/*")
    [deploy] = [change for change in ran.json()["changes"] if change["kind"] == "deploy"]
    assert deploy["what"] == "deploy: image[shop/backend]"
    assert "(shop, labelled 1.4), made " in deploy["before"]
    assert "(shop, labelled 1.5), made " in deploy["after"]
    facts = {change["what"] for change in ran.json()["changes"] if change["kind"] == "fact"}
    assert facts <= {"deploy: started_at[shop/backend]"}  # if it was not within the same second


def test_a_deploy_is_set_against_the_beginning_of_the_trouble(docker: Engine, look: Look) -> None:
    tag(docker, "late", "1")
    container = start(docker, "late", "late")
    assert look("late/*").code == 0
    docker.docker("rm", "-f", container)
    tag(docker, "late", "2")
    broken = start(docker, "late", "late", command="exit 1")
    ended(docker, broken)
    ran = look("late/*")
    [deploy] = [change for change in ran.json()["changes"] if change["kind"] == "deploy"]
    started = docker.docker("inspect", "-f", "{{.State.StartedAt}}", broken)
    assert (deploy["at"], deploy["timing"]) == (f"{started[:19]}.000Z", "before")
    assert "roll-back" in {step["kind"] for step in ran.json()["next"]}
    text = " ".join(look("late/*", flags=()).out.split())
    assert f"; since {started[:10]} {started[11:19]} UTC" in text


def test_an_image_that_was_built_and_not_deployed(docker: Engine, look: Look) -> None:
    tag(docker, "built", "one")
    start(docker, "built", "built")
    assert found(look("built/*")) == {}
    tag(docker, "built", "two")
    ran = look("built/*")
    [((code, _), finding)] = found(ran).items()
    assert (ran.code, code) == (0, "deploy.not-recreated")
    now = docker.docker("image", "inspect", "-f", "{{.Id}}", "built")
    assert finding["evidence"]["image now"] == now[7:19]
    start(docker, "built", "built", 2)
    codes = {code for code, _ in found(look("built/*"))}
    assert codes == {"deploy.not-recreated", "deploy.mixed-versions"}


def test_an_engine_that_cannot_be_asked(docker: Engine, look: Look, tmp_path: Path) -> None:
    nowhere = look("a/*", **{"docker-host": "unix:///nowhere/docker.sock"})
    assert "no permission for the socket /nowhere/docker.sock" in nowhere.out
    assert nowhere.code == 3
    other = look("nobody/*")
    assert other.code == 3
    assert 'no container of the Compose project \\"nobody\\"' in other.out


def test_without_the_group_docker(docker: Engine, tmp_path: Path) -> None:
    socket = docker.host.removeprefix("unix://")
    Path(socket).chmod(0o600)
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as book:
        book.write(
            f'triage = 1\nname = "t"\n[allow]\ndeploy = {{ unix = ["{socket}"], '
            'http = ["http://docker"] }\n[[step]]\nid = "s"\n[[step.check]]\nid = "deploy"\n'
            f'use = "deploy.containers"\nwith.docker-host = "{docker.host}"\n'
            'with.containers = ["a/*"]\n'
        )
        book.flush()
        Path(book.name).chmod(0o644)
        become = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        done = subprocess.run([*become, TRIAGE, "run", book.name, "-f", "json", "--no-history"],
                              capture_output=True, text=True, cwd="/", env=dict(os.environ))
    assert done.returncode == 3, done.stdout
    [result] = json.loads(done.stdout)["results"]
    assert "ermission denied" in result["summary"] and "group docker" in result["summary"]


def test_the_bundled_runbook_asks_for_containers(docker: Engine, triage, tmp_path: Path) -> None:
    """With a site's runbook that includes it and allows the engine's socket."""
    docker.run(*NO_NETWORK, service="backend", project="mission-control", command=SLEEP)
    socket = docker.host.removeprefix("unix://")
    book = tmp_path / "site.toml"
    book.write_text(
        f'triage = 1\nname = "site"\ninclude = ["{ROOT}/config/mission-control.toml"]\n'
        f'[allow]\ndeploy = {{ unix = ["{socket}"], http = ["http://docker"] }}\n'
    )
    ran = triage("run", book, "--only", "deploy", "-f", "json", env={"DOCKER_HOST": docker.host})
    result = ran.results()["deploy"]
    assert (result["verdict"], result["step"]) == ("pass", "rollback"), result


def git(folder: Path, *words: str) -> str:
    env = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    who = ["-c", "user.name=a", "-c", "user.email=a@b.invalid", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *who, "-C", str(folder), *words], env=env, check=True,
                          capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init")
    (folder / "compose.yml").write_text("services: {}\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "Release 1.4\n\nbody")
    return folder


def checkout(triage, folder: Path) -> dict:
    [result] = triage("check", "deploy.git", f"folder={folder}", "-f", "json").json()["results"]
    return result


def test_a_commit_that_is_checked_out(triage, repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    (repository / "untracked").write_text("x")
    (repository / "below").mkdir()
    for folder in (repository, repository / "below"):
        result = checkout(triage, folder)
        assert result["verdict"] == "pass", result
        assert result["facts"] == {"branch": "main", "commit": head, "dirty": False}
        assert f'main at {head[:12]} "Release 1.4", committed ' in result["summary"]


@pytest.mark.parametrize("staged", [False, True])
def test_changed_files_have_no_name(triage, repository: Path, staged: bool) -> None:
    (repository / "compose.yml").write_text("services: { more: {} }\n")
    if staged:
        git(repository, "add", "-A")
    result = checkout(triage, repository)
    [finding] = result["findings"]
    assert (result["verdict"], finding["code"]) == ("warn", "deploy.dirty")
    assert finding["evidence"]["changed"] == "compose.yml"
    assert result["facts"]["dirty"] is True


def test_a_detached_head(triage, repository: Path) -> None:
    git(repository, "checkout", "--detach")
    assert checkout(triage, repository)["facts"]["branch"] == "(detached)"


def test_a_repository_of_another_user_is_read(triage, repository: Path) -> None:
    subprocess.run(["chown", "-R", "nobody", str(repository)], check=True)
    assert checkout(triage, repository)["verdict"] == "pass"


def test_what_is_no_repository_is_could_not_tell(triage, tmp_path: Path) -> None:
    assert "no git repository is at" in checkout(triage, tmp_path)["summary"]
    assert checkout(triage, tmp_path / "none")["verdict"] == "error"
    git(tmp_path, "init")
    empty = checkout(triage, tmp_path)
    assert empty["verdict"] == "error" and "has no commit checked out" in empty["summary"]


def test_a_damaged_repository_is_could_not_tell(triage, repository: Path) -> None:
    for item in (repository / ".git/objects").rglob("*"):
        if item.is_file():
            item.chmod(0o600)
            item.write_bytes(b"rubbish")
    assert checkout(triage, repository)["verdict"] == "error"
