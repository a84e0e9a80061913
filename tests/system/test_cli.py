"""The command line: help that teaches, mistakes that are named, exit codes that hold."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest
from conftest import ROOT, TRIAGE

COMMANDS = "run plan validate check plugins schema new-plugin".split()


def test_version(triage) -> None:
    ran = triage("--version")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("triage ")


def test_version_loads_no_heavy_library() -> None:
    loaded = subprocess.run(["ldd", TRIAGE], capture_output=True, text=True, check=True).stdout
    for heavy in ("libcurl", "libssl", "libpq"):
        assert heavy not in loaded


@pytest.mark.parametrize("arguments", [["--help"], *([c, "--help"] for c in COMMANDS)])
def test_help_fits_and_teaches(triage, arguments) -> None:
    ran = triage(*arguments)
    assert ran.code == 0
    assert max(map(len, ran.out.splitlines())) <= 100


def test_an_unknown_command_names_the_nearest(triage) -> None:
    ran = triage("validte")
    assert ran.code == 2
    assert "'validate'" in ran.err
    assert ran.out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--format", "jsno"],
        ["run", "--format", "json="],
        ["run", "--format", "json", "--format", "console"],
        ["run", "--var", "no-equals"],
        ["run", "--no-such-flag"],
        ["check"],
        ["plugins", "no-such-plugin"],
        ["new-plugin", "Not A Name"],
    ],
    ids=" ".join,
)
def test_usage_mistakes_exit_2_and_say_what_to_do(triage, arguments, tmp_path) -> None:
    ran = triage(*arguments, cwd=tmp_path)
    assert ran.code == 2
    assert ran.err.startswith("triage: ")
    assert len(ran.err.splitlines()) >= 2, "the second line says what to do"


def test_bare_triage_runs_the_runbook_of_this_folder(triage, runbook, server, tmp_path) -> None:
    text = (
        '[[step]]\nid = "s"\n[[step.check]]\nid = "c"\nuse = "health.endpoint"\n'
        f'with.url = "{server.url()}"\n'
    )
    runbook(text, "triage.toml")
    ran = triage(cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert len(server.requests) == 1


def test_bare_triage_without_a_runbook_says_what_is_missing(triage, tmp_path) -> None:
    ran = triage(cwd=tmp_path)
    assert ran.code == 2
    assert "triage.toml" in ran.err


def test_plugins_lists_and_describes(triage) -> None:
    listed = triage("plugins")
    assert listed.code == 0, listed.err
    assert "health.endpoint" in listed.out
    described = triage("plugins", "health.endpoint")
    assert described.code == 0
    for word in ("url", "required", "health.refused", "costs the target"):
        assert word in described.out


def test_schema_fits_the_bundled_runbooks(triage) -> None:
    ran = triage("schema")
    assert ran.code == 0, ran.err
    schema = json.loads(ran.out)
    jsonschema.Draft7Validator.check_schema(schema)
    assert "health.endpoint" in ran.out


@pytest.mark.parametrize("name", ["minimal", "mission-control"])
def test_bundled_runbooks_are_valid(triage, name) -> None:
    ran = triage("validate", ROOT / f"config/{name}.toml")
    assert ran.code == 0, ran.err


def test_new_plugin_makes_a_plugin_that_builds_and_runs(triage, tmp_path: Path, server) -> None:
    """As a plugin author would: skeleton, build against the installed SDK, test, use."""
    made = triage("new-plugin", "my-service", cwd=tmp_path)
    assert made.code == 0, made.err
    folder, prefix = tmp_path / "my-service", tmp_path / "sdk"

    def do(*command: str | Path) -> None:
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    build = Path(TRIAGE).parents[1]
    do("cmake", "--install", build, "--prefix", prefix, "--component", "sdk")
    options = ["-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}"]
    do("cmake", "-S", folder, "-B", folder / "build", *options)
    do("cmake", "--build", folder / "build")
    do("ctest", "--test-dir", folder / "build", "--no-tests=error")
    described = triage("plugins", "my-service", "--plugins", folder / "build")
    assert described.code == 0, described.err
    assert "my-service" in described.out
