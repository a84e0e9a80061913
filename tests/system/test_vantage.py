"""Looking from inside a container's network: a real engine, names that only containers resolve."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import TRIAGE, Ran
from docker_engine import Engine, engine

EXAMPLES = Path(TRIAGE).resolve().parents[1] / "sdk/examples"
SERVE = "httpd -p 8080 -h /www && exec sleep 600"


@pytest.fixture(scope="module")
def docker() -> Iterator[Engine]:
    with engine() as made:
        # No network at all: only from inside is there a way to it.
        made.run("--network", "none", "--add-host", "db:127.0.0.1", service="web", command=SERVE)
        made.docker("network", "create", "--internal", "shared")
        made.run("--network", "shared", "--network-alias", "api", service="api", command=SERVE)
        made.run("--network", "shared", service="worker", command="exec sleep 600")
        made.run("--network", "none", service="ended", command="exit 3")
        for project in ("one", "two"):
            made.run("--network", "none", service="twin", project=project, command="exec sleep 600")
        for name in ("pair-1", "pair-2"):
            made.run("--network", "none", "--name", name, service="pair", command=SERVE)
        yield made


Look = Callable[..., dict]


@pytest.fixture
def look(triage, runbook, docker: Engine) -> Look:
    """health.endpoint at `url`, seen from `vantage`."""

    def from_there(vantage: str, url: str, *flags: str, **env: str) -> dict:
        book = runbook(
            f'[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "health.endpoint"\n'
            f'vantage = "{vantage}"\nwith = {{ url = "{url}", json = {{ "/ok" = true }} }}\n'
        )
        ran = triage("run", book, "-f", "json", *flags, env={"DOCKER_HOST": docker.host, **env})
        return ran.results()["it"]

    return from_there


def test_a_name_that_only_the_container_knows(look: Look) -> None:
    inside = look("container:web", "http://db:8080/healthz")
    assert (inside["verdict"], inside["vantage"]) == ("pass", "container:web")
    outside = look("host", "http://127.0.0.1:8080/healthz")
    assert outside["findings"][0]["code"] == "health.refused"
    in_process = look("container:web", "http://db:8080/healthz", "--in-process")
    assert in_process["verdict"] == "pass", "requests are the host's in both ways"


def test_of_several_containers_of_a_service_the_one_is_named(look: Look) -> None:
    result = look("container:pair", "http://127.0.0.1:8080/healthz")
    assert result["verdict"] == "pass"
    assert result["vantage"] in ("container:pair-1", "container:pair-2")


def test_what_is_not_there_is_the_target_s_fault_from_inside_too(look: Look) -> None:
    refused = look("container:web", "http://db:9/")
    assert (refused["verdict"], refused["findings"][0]["code"]) == ("fail", "health.refused")
    nameless = look("container:web", "http://name.invalid/")
    assert nameless["verdict"] != "pass"


def test_the_host_is_not_seen_from_a_container_without_network(look: Look, server) -> None:
    url = server.on("/healthz", lambda connection, _: connection.close())
    refused = look("container:web", url)
    assert refused["findings"][0]["code"] == "health.refused"
    assert server.requests == []


@pytest.mark.parametrize(
    ("vantage", "words", "remedy"),
    [
        ("container:wbe", "no container and no Compose service is called 'wbe'", "There are: "),
        ("container:ended", "the container is not running, it is exited", "docker logs "),
        ("container:twin", "'twin' is a service of several projects", "container:one/twin"),
    ],
)
def test_where_it_cannot_look_it_cannot_tell(look: Look, vantage, words, remedy) -> None:
    result = look(vantage, "http://db:8080/healthz")
    assert (result["verdict"], result["findings"]) == ("error", [])
    assert words in result["summary"]
    assert remedy in result["remedy"]
    assert look("container:one/twin", "http://127.0.0.1:9/")["verdict"] == "fail"


def test_an_engine_that_is_not_there(look: Look) -> None:
    result = look("container:web", "http://db:8080/", DOCKER_HOST="unix:///nowhere/docker.sock")
    assert result["verdict"] == "error"
    assert "the Docker engine at unix:///nowhere/docker.sock does not answer" in result["summary"]
    wrong = look("container:web", "http://db:8080/", DOCKER_HOST="ssh://somewhere")
    assert "expected unix:///PATH, or tcp:// with host and port" in wrong["summary"]


def as_nobody(docker: Engine, book: Path) -> Ran:
    """May ask the engine, may not enter namespaces: as a member of the group docker."""
    docker_socket = docker.host.removeprefix("unix://")
    Path(docker_socket).chmod(0o666)
    become = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", TRIAGE]
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as public:
        public.write(book.read_text())
        public.flush()
        Path(public.name).chmod(0o644)
        done = subprocess.run(
            [*become, "run", public.name, "-f", "json"], capture_output=True, text=True,
            env={**os.environ, **docker.env}, cwd="/",
        )
    return Ran(done.returncode, done.stdout, done.stderr)


def test_without_root_names_are_mapped_to_addresses(docker: Engine, runbook) -> None:
    book = runbook(
        "[[step]]\nid = \"s\"\n"
        + "".join(
            f'[[step.check]]\nid = "{name}"\nuse = "health.endpoint"\n'
            f'vantage = "container:{name}"\nwith.url = "{url}"\n'
            for name, url in (("worker", "http://api:8080/healthz"), ("web", "http://db:8080/"))
        )
        + '[[step.check]]\nid = "itself"\nuse = "health.endpoint"\n'
        'vantage = "container:worker"\nwith.url = "http://127.0.0.1:9/"\n'
    )
    results = as_nobody(docker, book).results()
    assert results["worker"]["verdict"] == "pass", results["worker"]["summary"]
    assert results["itself"]["verdict"] == "error", "127.0.0.1 in there is not the host's"
    assert results["web"]["verdict"] == "error", "it has no address, and cannot be entered"
    assert "Permission denied" in results["web"]["summary"]
    assert "run triage with sudo" in results["web"]["remedy"]


def test_a_plugin_with_sockets_of_its_own(triage, docker: Engine, runbook) -> None:
    """Its worker enters before the plugin is loaded; the other one of the same plugin stays out."""
    check = '[[step.check]]\nid = "{0}"\nuse = "tcp-port.connect"\nvantage = "{1}"\n{2}\n'
    book = runbook(
        '[[step]]\nid = "s"\n'
        + check.format("inside", "container:web", 'with.endpoint = "db:8080"')
        + check.format("closed", "container:web", 'with.endpoint = "db:9"')
        + check.format("outside", "host", 'with.endpoint = "127.0.0.1:8080"')
    )
    flags = ["-f", "json", "--plugins", EXAMPLES]
    env = {"DOCKER_HOST": docker.host}
    results = triage("run", book, *flags, env=env).results()
    verdicts = {name: result["verdict"] for name, result in results.items()}
    assert verdicts == {"inside": "pass", "closed": "fail", "outside": "fail"}, results
    in_process = triage("run", book, *flags, "--in-process", env=env).results()
    assert in_process["inside"]["verdict"] == "error"
    assert "Run triage without --in-process" in in_process["inside"]["remedy"]
    assert in_process["outside"]["verdict"] == "fail"
