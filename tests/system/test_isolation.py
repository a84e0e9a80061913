"""What other processes of the same user, plugins above all, can read of triage and its workers."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import PATIENCE_S, TRIAGE
from test_stopping import children_of, hanging_book, wait_until

# Root may look into every process: only as somebody else there is anything to see.
BECOME = (
    ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    if os.geteuid() == 0
    else []
)


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that everybody can read, which pytest's own are not."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o777)
        yield Path(name)


@pytest.fixture(autouse=True)
def _readable() -> None:
    seen = subprocess.run([*BECOME, "test", "-x", TRIAGE], check=False)
    if seen.returncode != 0:
        pytest.skip(f"{TRIAGE} is not there for everybody")


def can_read(path: str) -> bool:
    looked = subprocess.run([*BECOME, "head", "-c", "1", path], capture_output=True, check=False)
    return looked.returncode == 0 or b"Input/output error" in looked.stderr  # /mem at 0: open it is


def test_nobody_of_the_same_user_can_look_into_them(server, public) -> None:
    book = hanging_book(lambda text: write(public, text), server)
    process = subprocess.Popen(
        [*BECOME, TRIAGE, "run", str(book), "-f", "json"], stdout=subprocess.PIPE
    )
    beside = subprocess.Popen([*BECOME, "sleep", "60"])
    try:
        wait_until(lambda: len(server.requests) == 2)
        workers = children_of(process.pid)
        assert workers
        assert can_read(f"/proc/{beside.pid}/environ"), "of others it can"
        assert can_read(f"/proc/{beside.pid}/mem")
        for pid in (process.pid, *workers):
            for file in ("environ", "mem", "maps"):
                assert not can_read(f"/proc/{pid}/{file}"), file
    finally:
        beside.kill()
        beside.wait()
        process.send_signal(2)
        out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert {result["id"] for result in json.loads(out)["results"]} == {"quick", "hangs"}


def write(folder: Path, text: str) -> Path:
    path = folder / "book.toml"
    path.write_text(f'triage = 1\nname = "test"\n{text}')
    return path


@pytest.mark.parametrize("target", ["/dev/fd/1", "/proc/self/fd/1", "file"])
def test_it_still_reaches_what_is_its_own(server, public, target) -> None:
    book = write(
        public,
        '[[step]]\nid = "s"\n[[step.check]]\nid = "one"\nuse = "health.endpoint"\n'
        f'with.url = "{server.url()}"\n',
    )
    file = public / "run.json"
    form = f"json={file if target == 'file' else target}"
    command = [*BECOME, TRIAGE, "run", str(book), "-f", form]
    ran = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_S, check=False, cwd=public
    )
    assert ran.returncode == 0, ran.stderr
    text = file.read_text() if target == "file" else ran.stdout
    assert json.loads(text)["results"][0]["verdict"] == "pass"
