"""The command line: help that teaches, mistakes that are named, exit codes that hold."""

from __future__ import annotations

import json
import re
import shutil
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
    assert max(map(len, ran.out.splitlines())) <= 80


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


@pytest.mark.parametrize("command", ["", "run", "plan", "validate"])
def test_without_a_runbook_it_says_what_is_missing(triage, tmp_path, command) -> None:
    ran = triage(*command.split(), cwd=tmp_path)
    name = command or "run"
    assert ran.code == 2
    assert ran.err == (
        "triage: there is no ./triage.toml here\n"
        f"  `triage {name} FILE` takes another; `triage {name} --help` shows the rest.\n"
    )


MISTAKES = {
    "run --vra a=b": "there is no option '--vra'. Did you mean '--var'?",
    "plan --collor=never": "there is no option '--collor'. Did you mean '--color'?",
    "run a.toml b.toml": "unexpected argument 'b.toml'",
    "run --color blue": "--color: 'blue' is not one of auto, always, never.",
    "run --color alwys": (
        "--color: 'alwys' is not one of auto, always, never. Did you mean 'always'?"
    ),
    "run -f json=a -f console=a": "--format: two documents cannot go to one file, 'a'",
    "check a.b -f json=a -f json=./a": (
        "--format: 'a' and './a' are one file: two documents cannot go there"
    ),
    "replay a -f json=b -f json=x/../b": (
        "--format: 'b' and 'x/../b' are one file: two documents cannot go there"
    ),
    "run -f json=a --save a": "--save: two documents cannot go to one file, 'a'",
    "--only x": "'--only' is not an option of triage without a command",
    "plugins --plugins /no/such": "--plugins: the folder '/no/such' does not exist",
    "plugins --plugins /dev/null": "--plugins: '/dev/null' is not a folder",
    "new-plugin " + "x" * 300: "a plugin's name of 300 characters is too long",
    "new-plugin a --dir /proc/foo": "/proc/foo cannot be made: No such file or directory",
    "new-plugin a --dir /dev/null/x": "/dev/null/x cannot be made: Not a directory",
}


@pytest.mark.parametrize("arguments", MISTAKES, ids=lambda text: text[:30])
def test_a_mistake_is_called_by_its_name(triage, arguments, tmp_path) -> None:
    ran = triage(*arguments.split(), cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[0] == "triage: " + MISTAKES[arguments]
    assert len(ran.err.splitlines()) == 2, "the second line says what to do"
    assert list(tmp_path.iterdir()) == []


def test_a_file_has_many_names(triage, tmp_path) -> None:
    (tmp_path / "a").write_text("kept")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "twin").hardlink_to(tmp_path / "a")
    (tmp_path / "dangling").symlink_to("new")
    for name, other in [("a", "link"), ("a", "twin"), ("a", tmp_path / "a"), ("new", "dangling")]:
        ran = triage("run", "-f", f"json={name}", "--save", other, cwd=tmp_path)
        assert (ran.code, ran.out) == (2, "")
        assert f"'{name}' and '{other}' are one file" in ran.err
    assert (tmp_path / "a").read_text() == "kept"


def test_a_device_takes_any_number_of_documents(triage, server) -> None:
    for place in ("/dev/null", "/dev/stderr"):
        formats = ("-f", f"json={place}", "-f", f"console={place}")
        assert triage("check", "health.endpoint", f"url={server.url()}", *formats).code == 0


@pytest.mark.parametrize("word", ["auto", "ALWAYS", "never"])
def test_color_takes_its_words(triage, runbook, word) -> None:
    wrong = runbook("tilte = 1\n")
    ran = triage("validate", wrong, "--color", word)
    assert ("\x1b[" in ran.err) == (word == "ALWAYS")


def test_a_folder_in_the_plugin_path_may_be_missing(triage) -> None:
    ran = triage("plugins", env={"TRIAGE_PLUGIN_PATH": "/no/such"})
    assert (ran.code, ran.err) == (0, "")


def test_a_check_speaks_the_language_of_the_command_line(triage, server) -> None:
    missing = triage("check", "health.endpoint")
    assert missing.code == 2
    assert "url=http://127.0.0.1:8000/healthz" in missing.err
    assert "with." not in missing.err
    wrong = triage("check", "health.endpoint", "url=htp://x")
    assert wrong.code == 2
    assert "(from url)" not in wrong.err
    literal = triage(
        "check", "health.endpoint", f"url={server.url()}", "headers.authorization=${secret.x}"
    )
    assert literal.code == 2
    assert "secret-headers.KEY=env:NAME" in literal.err
    assert server.requests == [], "nothing was sent literally"
    assert "PARAM=env:NAME" in " ".join(triage("check", "--help").out.split())


def test_new_plugin_in_a_folder_that_is_gone(tmp_path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["bash", "-c", 'cd "$1" && rmdir "$1" && "$0" new-plugin my-service', TRIAGE, gone],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == (
        "triage: my-service cannot be made: No such file or directory"
    )


def test_new_plugin_says_that_a_name_is_taken(triage, tmp_path) -> None:
    made = triage("new-plugin", "health", cwd=tmp_path)
    assert made.code == 0
    assert "there is a plugin 'health' already: " in made.err
    assert triage("new-plugin", "my-service", cwd=tmp_path).err == ""


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
    """With what only the system's owner knows."""
    env = {
        "TRIAGE_CLERK_PUBLISHABLE_KEY": "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k",
        "TRIAGE_CLERK_FRONTEND_API": "https://clerk.example.com",
        "CLERK_SECRET_KEY": "sk_live_0123456789abcdef",
        "TRIAGE_DATABASE_URL": "postgresql://app:0123456789@db.example.com/app",
        "TRIAGE_DATABASE_HEADS": "4d0f",
    }
    ran = triage("validate", ROOT / f"config/{name}.toml", env=env)
    assert ran.code == 0, ran.err


def do(*command: str | Path) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def cached(variable: str) -> str:
    """As this triage was built with: a sanitizer's runtime is its compiler's."""
    cache = (Path(TRIAGE).parents[1] / "CMakeCache.txt").read_text()
    return re.search(rf"^{variable}:\w+=(.*)$", cache, re.MULTILINE)[1]


def test_new_plugin_makes_a_plugin_that_builds_and_runs(triage, tmp_path: Path, server) -> None:
    """As a plugin author would: skeleton, build against the installed SDK, test, use."""
    made = triage("new-plugin", "my-service", cwd=tmp_path)
    assert made.code == 0, made.err
    folder, prefix = tmp_path / "my-service", tmp_path / "sdk"
    build = Path(TRIAGE).parents[1]
    do("cmake", "--install", build, "--prefix", prefix, "--component", "sdk")
    options = ["-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}"]
    options += [f"-D{name}={cached(name)}" for name in ("CMAKE_CXX_COMPILER", "TRIAGE_SANITIZE")]
    do("cmake", "-S", folder, "-B", folder / "build", *options)
    do("cmake", "--build", folder / "build")
    do("ctest", "--test-dir", folder / "build", "--no-tests=error")
    described = triage("plugins", "my-service", "--plugins", folder / "build")
    assert described.code == 0, described.err
    assert "my-service" in described.out
    book, here = folder / "runbook.toml", f"url={server.url('/')}"
    ran = triage("run", book, "--plugins", folder / "build", "--var", here)
    assert ran.code == 0, ran.out


def test_new_plugin_says_where_its_sdk_is(tmp_path: Path) -> None:
    """Of a triage that is installed where CMake does not look."""
    prefix = tmp_path / "opt"
    (prefix / "bin").mkdir(parents=True)
    do("cmake", "--install", Path(TRIAGE).parents[1], "--prefix", prefix, "--component", "sdk")
    shutil.copy(TRIAGE, prefix / "bin/triage")
    said = do(prefix / "bin/triage", "new-plugin", "my-service", "--dir", tmp_path / "made")
    assert f" -DCMAKE_PREFIX_PATH={prefix} " in said
    assert f"triage run {tmp_path}/made/runbook.toml --plugins {tmp_path}/made/build" in said


@pytest.mark.parametrize("plugin", ["cors", "clerk", "db", "health", "logs"])
def test_what_a_plugin_does_fits_80_columns(triage, plugin: str) -> None:
    lines = triage("plugins", plugin).out.splitlines()
    assert len(lines) > 10
    own = [line for line in lines if not line.startswith("  file ")]
    assert [line for line in own if len(line) > 80] == []


def test_what_is_missing_in_several_places_is_said_once(triage, runbook) -> None:
    check = 'use = "health.endpoint"\nwith.url = "${var.u}"\n'
    book = runbook(
        'vars.u = { from = ["env:NOBODY_SETS_THIS"] }\n[[step]]\nid = "s"\n'
        + "".join(f'[[step.check]]\nid = "{id}"\n{check}' for id in ("a", "b", "c"))
    )
    ran = triage("validate", book)
    assert ran.code == 3
    assert " ".join(ran.err.split()).count("the variable 'u' is not set") == 1
    assert "The same at 13:13, 17:13." in ran.err
    assert "0 wrong, 1 missing here" in ran.err


@pytest.mark.parametrize("option", ["--save={0}", "--format=json={0}", "--save=./x/../{0}"])
def test_a_runbook_is_not_written_over(triage, tmp_path: Path, option: str) -> None:
    (tmp_path / "x").mkdir()
    book = tmp_path / "book.toml"
    book.write_text("triage = 1\nname = \"x\"\n")
    ran = triage("run", "book.toml", option.format("book.toml"), cwd=tmp_path)
    assert ran.code == 2 and "is what is read, and would be lost" in " ".join(ran.err.split())
    assert book.read_text().startswith("triage = 1")


def test_a_saved_run_is_not_written_over(triage, tmp_path: Path) -> None:
    saved = tmp_path / "run.json"
    saved.write_text("{}")
    ran = triage("replay", "run.json", "--format", "json=run.json", cwd=tmp_path)
    assert ran.code == 2 and "is what is read, and would be lost" in " ".join(ran.err.split())
    assert saved.read_text() == "{}"
