"""Broken files in the plugin folder: said clearly, and the good plugins still answer."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import TRIAGE

INSTALLED = Path(TRIAGE).resolve().parents[1] / "lib/triage/plugins"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "plugins"
    made.mkdir()
    return made


def other_architecture(original: bytes) -> bytes:
    """The same ELF file, said to be for AArch64 (e_machine 183)."""
    return original[:18] + (183).to_bytes(2, "little") + original[20:]


HEALTH = (INSTALLED / "health.so").read_bytes()
BROKEN = {
    "empty": (b"", "empty"),
    "text": (b"#!/bin/sh\necho hello\n", "not a shared library"),
    "truncated": (HEALTH[: len(HEALTH) // 2], "truncated"),
    "head-only": (HEALTH[:40], "truncated"),
    "aarch64": (other_architecture(HEALTH), "aarch64"),
    "wrong-version": (HEALTH.replace(b"abi=0.", b"abi=9."), "9."),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named_with_the_reason(triage, runbook, folder, server, name) -> None:
    content, reason = BROKEN[name]
    (folder / f"{name}.so").write_bytes(content)
    book = runbook(
        f'[[step]]\nid = "s"\n[[step.check]]\nid = "bad"\nuse = "{name}.check"\n'
        f'[[step.check]]\nid = "good"\nuse = "health.endpoint"\nwith.url = "{server.url()}"\n'
    )
    if name == "wrong-version":
        shutil.move(folder / f"{name}.so", folder / "other.so")
        (folder / f"{name}.so").write_bytes(
            content.replace(b"id=health\n", b"id=wrong0\n")
        )
        (folder / "other.so").unlink()
    ran = triage("run", book, "--plugins", folder, "-f", "json")
    results = ran.results()
    assert results["bad"]["verdict"] == "error"
    assert reason in results["bad"]["summary"], results["bad"]["summary"]
    assert results["good"]["verdict"] == "pass"
    assert ran.code == 3


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_before_a_good_one_is_said(triage, runbook, folder, server, name) -> None:
    (folder / "health.so").write_bytes(BROKEN[name][0])
    book = runbook(
        '[[step]]\nid = "s"\n[[step.check]]\nid = "good"\nuse = "health.endpoint"\n'
        f'with.url = "{server.url()}"\n'
    )
    run = triage("run", book, "--plugins", folder, "-f", "json").json()
    assert run["results"][0]["verdict"] == "pass"
    [notice] = run["notices"]
    assert str(folder / "health.so") in notice and BROKEN[name][1] in notice
    assert notice.endswith(f"{INSTALLED / 'health.so'} is used instead")


def test_a_missing_plugin_says_where_it_was_looked_for(triage, runbook, folder, server) -> None:
    book = runbook('[[step]]\nid = "s"\n[[step.check]]\nid = "bad"\nuse = "helth.endpoint"\n')
    ran = triage("run", book, "--plugins", folder, "-f", "json")
    result = ran.results()["bad"]
    assert ran.code == 3
    assert result["verdict"] == "error"
    assert "'health'" in result["summary"]
    assert str(folder) in result["summary"] + result["remedy"]


def test_a_shared_library_that_is_no_plugin(triage, runbook, folder, server) -> None:
    library = next(INSTALLED.parent.glob("libtriage-net.so"))
    shutil.copy(library, folder / "nonplugin.so")
    book = runbook('[[step]]\nid = "s"\n[[step.check]]\nid = "bad"\nuse = "nonplugin.check"\n')
    ran = triage("run", book, "--plugins", folder, "-f", "json")
    assert ran.code == 3
    assert "no triage plugin" in ran.results()["bad"]["summary"]
