"""Reports get where they shall go, whatever is there; what cannot be written is said."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import threading
from pathlib import Path

import pytest
from conftest import PATIENCE_S, TRIAGE, Ran
from test_stopping import wait_until


@pytest.fixture
def book(runbook, server) -> Path:
    return runbook(
        '[[step]]\nid = "s"\n[[step.check]]\nid = "c"\nuse = "health.endpoint"\n'
        f'with.url = "{server.url()}"\n'
    )


def run_with(*arguments: str | Path, **options) -> subprocess.CompletedProcess:
    options = {"stdin": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True, **options}
    words = [TRIAGE, *map(str, arguments)]
    return subprocess.run(words, timeout=PATIENCE_S, check=False, **options)


def shell(command: str, *arguments: str | Path) -> Ran:
    """For what only a shell can do to the standard descriptors."""
    done = subprocess.run(
        ["bash", "-c", command, TRIAGE, *map(str, arguments)],
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


# ---- What is there already


def test_a_link_stays_a_link_and_a_file_keeps_its_mode(triage, book, tmp_path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("old")
    target.chmod(0o600)
    link.symlink_to(target.name)
    ran = triage("run", book, "-f", f"json={link}")
    assert ran.code == 0, ran.err
    assert link.is_symlink()
    assert json.loads(target.read_text())["verdict"] == "pass"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_file_is_replaced_as_a_whole(triage, book, tmp_path) -> None:
    """Who has the old report open keeps it, and never sees a part of the new one."""
    file = tmp_path / "report.json"
    file.write_text("old")
    with file.open() as reader:
        assert triage("run", book, "-f", f"json={file}").code == 0
        assert reader.read() == "old"
    assert json.loads(file.read_text())["verdict"] == "pass"
    assert sorted(tmp_path.iterdir()) == sorted([file, book]), "no temporary is left"


def test_a_new_file_has_the_mode_of_new_files(book, tmp_path) -> None:
    file = tmp_path / "report.json"
    assert run_with("run", book, "-f", f"json={file}", umask=0o027).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_file_keeps_its_owner(triage, book, tmp_path) -> None:
    file = tmp_path / "report.json"
    file.write_text("old")
    os.chown(file, 12345, 23456)
    assert triage("run", book, "-f", f"json={file}").code == 0
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)


def test_a_link_to_nothing_gets_its_file(triage, book, tmp_path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    link.symlink_to(target.name)
    assert triage("run", book, "-f", f"json={link}").code == 0
    assert link.is_symlink()
    assert json.loads(target.read_text())["verdict"] == "pass"


def test_a_file_that_cannot_be_replaced_is_written_in_place(triage, book) -> None:
    """/proc has files that can be written, and none can be made beside them."""
    ran = triage("run", book, "-f", "json=/proc/self/comm")
    assert (ran.code, ran.err) == (0, "")


def test_a_folder_is_refused(triage, book, server, tmp_path) -> None:
    for name in (f"json={tmp_path}", f"json={tmp_path}/new/", f"json={book}/x.json"):
        ran = triage("run", book, "-f", name)
        assert ran.code == 2
        assert "cannot write the report" in ran.err
    assert server.requests == []


# ---- What is no file


def read_later(path: Path) -> tuple[threading.Thread, list[str]]:
    texts: list[str] = []
    thread = threading.Thread(target=lambda: texts.append(path.read_text()))
    thread.start()
    return thread, texts


def test_a_pipe_with_a_name_gets_the_report(book, tmp_path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    thread, texts = read_later(fifo)
    assert run_with("run", book, "-f", f"json={fifo}").returncode == 0
    thread.join()
    assert json.loads(texts[0])["verdict"] == "pass"
    assert stat.S_ISFIFO(fifo.stat().st_mode)


def start_with_unread_pipe(book, server, tmp_path) -> tuple[subprocess.Popen, Path, Path]:
    """A run of which everything is done but one report, which nobody reads."""
    fifo, file = tmp_path / "fifo", tmp_path / "report.json"
    os.mkfifo(fifo)
    words = [TRIAGE, "run", str(book), "-f", f"json={fifo}", "-f", f"json={file}"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    wait_until(file.exists)
    assert len(server.requests) == 1
    return process, fifo, file


def test_the_reader_of_a_pipe_has_time_until_the_end(book, server, tmp_path) -> None:
    process, fifo, file = start_with_unread_pipe(book, server, tmp_path)
    text = fifo.read_text()
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert text == file.read_text()


def test_a_pipe_that_nobody_reads_can_be_interrupted(book, server, tmp_path) -> None:
    process, _, file = start_with_unread_pipe(book, server, tmp_path)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert err == "triage: interrupted before it was done\n"
    assert json.loads(file.read_text())["verdict"] == "pass"


@pytest.mark.parametrize("folder", ["/dev/fd", "/proc/self/fd"])
def test_a_descriptor_gets_the_report(book, folder) -> None:
    reader, writer = os.pipe()
    done = run_with("run", book, "-f", f"json={folder}/{writer}", pass_fds=[writer])
    os.close(writer)
    with open(reader) as pipe:
        assert json.loads(pipe.read())["verdict"] == "pass"
    assert done.returncode == 0


def test_a_descriptor_of_a_file_is_not_replaced(book, tmp_path) -> None:
    file = tmp_path / "both.txt"
    with file.open("w") as out:
        done = run_with("run", book, "-f", "console", "-f", "json=/dev/stdout", stdout=out)
    assert done.returncode == 0
    assert "PASSED" in file.read_text()
    assert '"verdict"' in file.read_text()


def test_process_substitution_works(book) -> None:
    ran = shell('"$0" run "$1" -f console -f json=>(cat) >&2 | cat', book)
    assert json.loads(ran.out)["verdict"] == "pass"


def test_a_full_device_is_written_and_stays_a_device(triage, book, tmp_path) -> None:
    full = tmp_path / "full"
    try:
        os.mknod(full, stat.S_IFCHR | 0o666, os.makedev(1, 7))
        full.open("w").close()
    except PermissionError:
        pytest.skip("devices cannot be made here")
    ran = triage("run", book, "-f", f"json={full}")
    assert ran.code == 3
    assert "No space left on device" in ran.err
    assert stat.S_ISCHR(full.stat().st_mode)


# ---- Standard output and standard error


NOWHERE = {
    "stdout": (">/dev/full", 3),
    "stdout closed": (">&-", 3),
    "stderr": ("2>/dev/full", 0),
    "stderr closed": ("2>&-", 0),
    "both": (">/dev/full 2>&1", 3),
    "both closed": (">&- 2>&-", 3),
    "all closed": ("<&- >&- 2>&-", 3),
}


@pytest.mark.parametrize("nowhere", NOWHERE)
@pytest.mark.parametrize(
    "command",
    ["run BOOK", "plan BOOK", "validate BOOK", "plugins", "plugins health", "schema", "--help",
     "run --help", "-V"],
)
def test_what_is_not_printed_is_no_success(book, nowhere, command) -> None:
    redirection, code = NOWHERE[nowhere]
    ran = shell(f'"$0" {command.replace("BOOK", str(book))} {redirection}')
    assert ran.code == code
    if nowhere == "stdout":
        assert ran.err == "triage: cannot write to standard output: No space left on device\n"


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-", ">/dev/full 2>&1", ">&- 2>&-"])
def test_a_message_that_is_not_printed_changes_nothing(runbook, redirection) -> None:
    wrong = runbook("unknown-key = 1\n")
    for arguments in ("nosuch", "run --vra", f"run {wrong}", f"validate {wrong}", "run /no/such"):
        assert shell(f'"$0" {arguments} {redirection}').code == 2
    assert shell(f'"$0" plugins nosuch {redirection}').code == 2
    assert shell(f'"$0" check nosuch.check {redirection}').code == 3


def test_a_reader_that_is_gone_costs_no_other_report(book, tmp_path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    file = tmp_path / "report.json"
    done = run_with("run", book, "-f", "console", "-f", f"json={file}", stdout=writer)
    os.close(writer)
    assert done.returncode == 3
    assert done.stderr == "triage: cannot write to standard output: Broken pipe\n"
    assert json.loads(file.read_text())["verdict"] == "pass"
