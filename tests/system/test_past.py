"""History, what changed, causes, replay: over several runs against a server that changes."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from conftest import TRIAGE, Ran
from servers import Server, answer

PREFIX = Path(TRIAGE).resolve().parents[1]
EXAMPLES = PREFIX / "sdk/examples"

GOOD = b"HTTP/1.1 200 OK\r\nServer: one\r\nContent-Length: 2\r\n\r\nok"
OTHER = b"HTTP/1.1 200 OK\r\nServer: two\r\nContent-Length: 2\r\n\r\nok"
BAD = b"HTTP/1.1 500 No\r\nServer: one\r\nContent-Length: 2\r\n\r\nno"

BOOK = """
env-files.app = "app.env"

[vars]
url = "http://127.0.0.1:1/"
mode = {{ from = ["app:MODE"], default = "none" }}

[[step]]
id = "s"
  [[step.check]]
  id = "site"
  use = "health.endpoint"
  layer = "ui"
  with.url = "{url}"
  {more}
"""

CAUSE = """
[[cause]]
id = "site.broken"
title = "The site is broken"
component = "ui"
proof = ["health.status@ui"]
impact = { ui = "down" }
scope = "all"
fix = "mend it"
  [[cause.example]]
  present = ["health.status@ui"]
"""


class Place:
    """A runbook, its history, and the server that it looks at."""

    def __init__(self, triage: Callable[..., Ran], folder: Path, server: Server) -> None:
        self.triage, self.folder, self.server = triage, folder, server
        self.env = {"XDG_STATE_HOME": str(folder / "state")}
        self.book = folder / "book.toml"
        self.url = server.on("/", answer(GOOD))
        self.write()

    def write(self, more: str = "") -> None:
        text = BOOK.format(url=self.url, more=more)
        self.book.write_text(f'triage = 1\nname = "past"\n{text}')

    def serve(self, raw: bytes) -> None:
        self.server.on("/", answer(raw))

    def run(self, *arguments: str) -> Ran:
        return self.triage("run", self.book, *arguments, env=self.env)

    def json(self, *arguments: str) -> dict:
        return self.run("--format", "json", *arguments).json()

    def changes(self) -> set[tuple[str, str]]:
        return {(one["kind"], one["what"]) for one in self.json()["changes"]}


@pytest.fixture
def place(triage, tmp_path: Path, server: Server) -> Place:
    return Place(triage, tmp_path, server)


def test_the_first_run_has_nothing_to_be_compared_with(place: Place) -> None:
    first = place.json()
    assert first["changes"] == [] and "no good run" in first["not_compared"]
    second = place.json()
    assert second["changes"] == [] and second["not_compared"] == ""
    assert second["baseline_at"] == first["started_at"]


def test_the_order_in_which_variables_are_given_means_nothing(place: Place) -> None:
    place.run("--var", "url=http://a/", "--var", "mode=x")
    second = place.json("--var", "mode=x", "--var", "url=http://a/")
    assert second["not_compared"] == ""
    other = place.json("--var", "mode=y", "--var", "url=http://a/")
    assert "no good run" in other["not_compared"]


def test_changes_says_what_the_run_said_of_durations(place: Place) -> None:
    for _ in range(6):
        assert place.run().code == 0

    def late(connection, request) -> None:
        time.sleep(1.5)
        answer(GOOD)(connection, request)

    place.server.on("/", late)
    assert any(one["kind"] == "latency" for one in place.json()["changes"])
    shown = place.triage("changes", place.book, env=place.env)
    assert "latency" in shown.out, shown.out


def test_what_changed_is_said_and_since_when(place: Place) -> None:
    good = place.json()
    place.serve(BAD)
    bad = place.json()
    assert {"finding"} == {one["kind"] for one in bad["changes"]}
    assert (bad["good_at"], bad["bad_at"]) == (good["started_at"], bad["started_at"])
    again = place.json()
    assert (again["good_at"], again["bad_at"]) == (good["started_at"], bad["started_at"])
    text = place.run().out
    assert "What changed" in text and "It was well at" in text


def test_facts_settings_and_the_runbook_are_compared(place: Place) -> None:
    (place.folder / "app.env").write_text("MODE=calm\nSECRET=hunter2hunter2\n")
    place.run()
    place.serve(OTHER)
    assert place.changes() == {("fact", "site: server")}
    (place.folder / "app.env").write_text("MODE=wild\nSECRET=hunter3hunter3\n")
    assert place.changes() == {
        ("config", "app:MODE"), ("config", "app:SECRET"), ("config", "var mode"),
    }
    place.write('title = "The site"')
    assert place.changes() == {("runbook", "runbook")}
    kept = (place.folder / "state/triage/history.db").read_bytes()
    wal = place.folder / "state/triage/history.db-wal"
    kept += wal.read_bytes() if wal.exists() else b""
    assert b"hunter2" not in kept and b"hunter3" not in kept


def test_a_long_setting_is_compared_by_its_fingerprint(place: Place) -> None:
    (place.folder / "app.env").write_text(f"MODE={'x' * 300}\n")
    first = place.json()["settings"]["var mode"]
    assert len(first) == 9 and first.startswith("#")
    (place.folder / "app.env").write_text(f"MODE={'y' * 300}\n")
    again = place.json()
    assert again["settings"]["var mode"] not in (first, "y" * 300)
    assert ("config", "var mode") in {(one["kind"], one["what"]) for one in again["changes"]}


def test_a_check_that_tells_nothing_any_more_is_lost(place: Place) -> None:
    place.run()
    place.write('vantage = "container:none"')
    assert ("lost", "site") in place.changes()


def test_runs_of_other_variables_are_not_compared(place: Place) -> None:
    place.run()
    other = place.json("--var", "mode=x")
    assert "no good run" in other["not_compared"]


def test_a_part_of_a_run_is_no_baseline(place: Place) -> None:
    place.run("--only", "site")
    assert "no good run" in place.json()["not_compared"]


def test_no_history_leaves_nothing_behind(place: Place) -> None:
    assert place.json("--no-history")["not_compared"] == "no history is kept"
    assert not (place.folder / "state/triage/history.db").exists()


def test_history_lists_runs(place: Place) -> None:
    place.run()
    place.serve(BAD)
    place.run()
    listed = place.triage("history", env=place.env)
    (first, second) = (line for line in listed.out.splitlines() if not line.startswith(" "))
    assert listed.code == 0 and "fail" in first and "pass" in second and "past: " in first
    only = place.triage("history", place.book, "--limit", "1", env=place.env)
    words = only.out.split()  # where lines end depends on all that is listed
    assert words == listed.out.split()[: len(words)] and words[0] == first.split()[0]
    none = place.triage("history", "/nowhere.toml", env=place.env)
    assert none.out == "no run is kept yet\n"


def test_changes_compares_the_last_run_with_the_good_one_before(place: Place) -> None:
    none = place.triage("changes", place.book, env=place.env)
    assert none.code == 3 and "no run of this runbook" in none.err
    place.run()
    place.serve(OTHER)
    place.run()
    shown = place.triage("changes", place.book, env=place.env)
    assert shown.code == 0 and "site: server: one → two" in shown.out


@pytest.mark.parametrize("content", [b"", b"no database" * 1000, None])
def test_a_broken_history_is_said_and_the_run_goes_on(place: Place, content: bytes | None) -> None:
    path = place.folder / "h.db"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    ran = place.run("--history", str(path))
    assert ran.code == 0
    if content == b"":
        assert ran.err == "", "an empty file is a new one"
    else:
        assert "this run is not kept: the history" in ran.err
        assert str(path) in ran.err


def test_a_run_in_the_history_that_was_tampered_with_is_no_baseline(place: Place) -> None:
    place.run()
    path = place.folder / "state/triage/history.db"
    with sqlite3.connect(path) as db:
        db.execute("UPDATE document SET text = '{\"schema_version\":1}'")
        db.execute("UPDATE run SET fingerprint = 'of a run that differs'")
    db.close()
    report = place.json()
    assert report["exit_code"] == 0 and "started_at: expected a time" in report["not_compared"]


def test_the_state_is_for_its_user_alone(place: Place) -> None:
    (place.folder / "app.env").write_text("MODE=calm\n")
    place.run()
    for path in (place.folder / "state/triage").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_cause_is_named_with_what_it_means(place: Place) -> None:
    causes = place.folder / "causes.toml"
    causes.write_text(CAUSE)
    place.serve(BAD)
    report = place.json("--causes", str(causes))
    assert report["answer"] == "broken" and report["scope"] == "all"
    (cause,) = report["causes"]
    assert (cause["id"], cause["certainty"]) == ("site.broken", "confirmed")
    assert [one["code"] for one in cause["supporting"]] == ["health.status"]
    assert {"component": "ui", "state": "down"}.items() <= report["impact"][0].items()
    assert report["next"] == [
        {"kind": "fix", "what": "mend it", "command": "", "tells": ["site.broken"]}
    ]
    text = place.run("--causes", str(causes)).out
    assert "1. The site is broken (confirmed)" in text
    assert text.rstrip().endswith("exit code 1: The site is broken")


def test_without_a_cause_that_is_said(place: Place) -> None:
    place.serve(BAD)
    report = place.json()
    assert report["answer"] == "no-known-cause"
    assert [one["code"] for one in report["unexplained"]] == ["health.status"]
    assert "No known cause fits" in place.run().out


def test_healthy_is_said_only_when_all_was_seen(place: Place) -> None:
    assert place.json()["answer"] == "healthy"
    place.write('[[step.check]]\nid = "gone"\nuse = "nowhere.check"\n')
    report = place.json()
    assert report["answer"] == "blind"
    assert [one["check"] for one in report["unseen"]] == ["gone"]


def test_causes_that_cannot_be_read_are_noted(place: Place) -> None:
    causes = place.folder / "causes.toml"
    causes.write_text("[[cause]]\nid = 7\n")
    place.serve(BAD)
    report = place.json("--causes", str(causes))
    assert any("in files of causes" in notice for notice in report["notices"])


def test_a_saved_run_is_replayed_with_newer_causes(place: Place) -> None:
    saved, causes = place.folder / "run.json", place.folder / "causes.toml"
    place.run()
    place.serve(BAD)
    ran = place.json("--save", str(saved))
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    again = place.triage("replay", saved, "--format", "json")
    assert again.code == 1 and again.json() == ran
    causes.write_text(CAUSE)
    newer = place.triage("replay", saved, "--causes", causes, "--format", "json")
    assert [cause["id"] for cause in newer.json()["causes"]] == ["site.broken"]
    twice = [place.triage("replay", saved).out for _ in range(2)]
    assert twice[0] == twice[1]


def test_a_run_that_cannot_be_saved_is_not_all_well(place: Place) -> None:
    ran = place.run("--save", "/nowhere/run.json")
    assert ran.code == 2 and "cannot write the run to /nowhere/run.json" in ran.err
    assert "Nothing was run" in ran.err and not ran.out
    ran = place.run("--save", "/dev/full")
    assert ran.code == 3 and "/dev/full" in ran.err
    assert "PASSED" in ran.out, "the report is there all the same"


def test_a_plugin_brings_causes_of_its_own(triage, tmp_path: Path) -> None:
    """Those of the template, beside a plugin of that name."""
    template = PREFIX / "share/triage/template"
    assert triage("new-plugin", "site-probe", cwd=tmp_path).code == 0
    brought = (tmp_path / "site-probe/site-probe.causes.toml").read_text()
    assert brought == (template / "@NAME@.causes.toml").read_text().replace("@NAME@", "site-probe")
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    shutil.copy(EXAMPLES / "tcp-port.so", plugins)
    (plugins / "tcp-port.causes.toml").write_text(
        brought.replace("site-probe.down", "tcp-port.refused")
        .replace('explains = { "site-probe.slow" = 1 }\n', "")
        .replace("site-probe", "tcp-port")
    )
    book = tmp_path / "book.toml"
    book.write_text(
        'triage = 1\nname = "own"\n[[step]]\nid = "s"\n[[step.check]]\nid = "port"\n'
        'use = "tcp-port.connect"\nwith.endpoint = "127.0.0.1:1"\n'
    )
    flags = ("--plugins", str(plugins))
    assert "tcp-port.not-answering" in triage("causes", *flags).out
    tried = triage("causes", "test", *flags)
    assert tried.code == 0 and "all as they say" in tried.out
    report = triage("run", book, *flags, "--no-history", "-f", "json").json()
    assert [cause["id"] for cause in report["causes"]] == ["tcp-port.not-answering"]
    assert report["causes"][0]["certainty"] == "confirmed"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("{}", "no saved run"),
        ('{"bundle_version":1,"run":[]}', "run: expected an object"),
        ('{"bundle_version":1,"run":{"schema_version":1,"results":7}}', "expected"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_saved_run_is_refused(triage, tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(text)
    ran = triage("replay", path)
    assert ran.code == 2 and str(path) in ran.err and says in ran.err


def test_what_does_not_exist_cannot_be_replayed(triage, tmp_path: Path) -> None:
    assert triage("replay", tmp_path / "none.json").code == 2
    assert triage("replay", tmp_path).code == 2


def test_the_bundled_causes_hold_what_they_promise(triage) -> None:
    ran = triage("causes", "test")
    assert ran.code == 0, ran.out
    assert "all as they say" in ran.out


def test_a_cause_that_promises_too_much_is_told(triage, tmp_path: Path) -> None:
    path = tmp_path / "causes.toml"
    path.write_text(CAUSE + """
[[cause]]
id = "site.other"
title = "Another"
proof = ["health.statsu"]
fix = "x"
  [[cause.example]]
  name = "wrong"
  present = ["health.status@ui"]
""")
    ran = triage("causes", "test", path)
    assert ran.code == 1
    assert "Did you mean 'health.status'?" in ran.out
    assert "site.other, example wrong: the first cause is site.broken" in ran.out


def test_explain_teaches_a_code_and_a_cause(triage) -> None:
    code = triage("explain", "db.refused")
    assert code.code == 0
    assert "database.refused" in code.out and "found by" in code.out and "what to do" in code.out
    cause = triage("explain", "database.refused")
    assert "proved by" in cause.out and "db.refused" in cause.out
    assert "postgresql.org" in cause.out and "leads to" in cause.out
    unknown = triage("explain", "db.refsed")
    assert unknown.code == 2 and "Did you mean 'db.refused'?" in unknown.err


def test_all_of_it_fits_80_columns(triage, place: Place) -> None:
    place.run()
    place.serve(BAD)
    for ran in (place.run(), triage("explain", "database.refused"), triage("causes"),
                triage("history", env=place.env)):
        wide = [line for line in ran.out.splitlines() if len(line) > 80]
        assert not wide, wide


def test_documents_hold_to_the_schema(place: Place) -> None:
    root = Path(__file__).resolve().parents[2]
    schema = json.loads((root / "docs/json-schema.json").read_text())
    place.run()
    place.serve(BAD)
    jsonschema.validate(place.json(), schema)
