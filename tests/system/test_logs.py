"""logs.scan and logs.requests on real files."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from conftest import TRIAGE
from logs_fixtures import Check, Writer, check, codes, event, evidence, stamp  # noqa: F401


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


def test_what_follows_gzip_is_not_lost(check: Check, tmp_path: Path) -> None:
    fine = gzip.compress(f"{stamp()} INFO fine\n".encode())
    log = tmp_path / "app.gz"
    log.write_bytes(fine + b"\0" * 512)
    assert check(files=[str(log)])["verdict"] == "pass"
    log.write_bytes(fine + b"\0" * 512 + gzip.compress(event().encode()))
    assert codes(check(files=[str(log)])) == {"logs.errors"}
    for garbage in (event().encode(), b"\x28\xb5\x2f\xfd"):
        log.write_bytes(fine + garbage)
        result = check(files=[str(log)])
        assert result["verdict"] == "error"
        assert "the gzip data is damaged: something else follows it" in result["summary"]


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
    for folder in (book, *book.parents):
        if folder.parent.is_relative_to(tempfile.gettempdir()):
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
    everywhere = check(files=[str(log)], ignore=["x*"])
    assert (everywhere["verdict"], everywhere["findings"]) == ("error", [])
    assert "every event would be ignored" in everywhere["summary"]
    nothing = check(files=[str(log)], known=False, errors=False, ignore=["x"])
    assert "there is nothing to look for: `known` and `errors` are false" in nothing["summary"]


def test_own_patterns_are_of_letters(check: Check, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(f"{stamp()} INFO Größe naïv\n".encode() + b"M\xfcller\n" + event().encode())
    for pattern in ("na.v$", "(?i)GRÖßE", "Gr[äö]ße", r"\pL{5} n", r"\x{ef}v", "^M.ller", "z*"):
        result = check(files=[str(log)], match=[pattern], known=False, errors=False)
        assert (result["verdict"], codes(result)) == ("fail", {"logs.match"}), pattern
    for pattern in ("na..v$", "Gr[äü]ße", "^M..ller", "x$y"):
        result = check(files=[str(log)], match=[pattern], known=False, errors=False)
        assert result["verdict"] == "pass", pattern
    ignored = check(files=[str(log)], ignore=["^  File"])
    assert (ignored["verdict"], "1 event ignored" in ignored["summary"]) == ("pass", True)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("", "'match': ''"),
        ("(a", "'(a' is not a regular expression: missing )"),
        (r"(a)\\1", "is not a regular expression: invalid escape sequence"),
    ],
)
def test_a_wrong_pattern_is_refused_before_anything_runs(
    triage, runbook, pattern: str, words: str
) -> None:
    book = runbook(
        '[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "logs.scan"\n'
        f'with.files = ["/x"]\nwith.match = ["a", "{pattern}"]\n'
    )
    ran = triage("validate", book)
    assert ran.code == 2
    assert words in " ".join(ran.err.split())


@pytest.mark.parametrize("unit", ["", "app*", "a b"])
def test_a_unit_that_can_be_none_is_refused(triage, runbook, unit: str) -> None:
    book = runbook(
        '[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "logs.scan"\n'
        f'with.journal-units = ["{unit}"]\n'
    )
    assert triage("validate", book).code == 2


def test_a_warning_above_the_failure_is_refused_before_anything_runs(triage, runbook) -> None:
    book = runbook(
        '[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "logs.requests"\n'
        'with.files = ["/x"]\nwith.share-warn = 0.5\nwith.share-fail = 0.1\n'
    )
    ran = triage("validate", book)
    assert ran.code == 2
    assert "'share-warn' (0.5) must not be above 'share-fail'" in " ".join(ran.err.split())


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
