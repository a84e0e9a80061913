"""The lab's database by the name that its backend.env has: only containers can resolve it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import TRIAGE, in_lab
from docker_engine import engine

BOOK = """\
triage = 1
name = "inside"
env-files.backend = "${LAB_DIR}/backend.env"
secrets.database_url = { from = ["backend:DATABASE_URL"] }
allow.db = { reveal = ["database_url"] }

[[step]]
id = "s"
"""
CHECK = """
[[step.check]]
id = "{name}"
use = "db.reachable"
vantage = "{vantage}"
with.url = "${{secret.database_url}}"
"""


@pytest.fixture(scope="module")
def run_inside(tmp_path_factory) -> dict:
    """What triage finds in a lab with a container `backend` beside it."""
    folder: Path = tmp_path_factory.mktemp("inside")
    book = folder / "book.toml"
    book.write_text(
        BOOK
        + CHECK.format(name="inside", vantage="container:backend")
        + CHECK.format(name="outside", vantage="host")
    )
    with engine() as docker:
        docker.run(
            "--network", "host", "--add-host", "db:127.0.0.1",
            service="backend", command="exec sleep 600",
        )
        script = (
            f'sed "s#[$]{{LAB_DIR}}#$LAB_DIR#" {book} > {folder}/here.toml; '
            f'DOCKER_HOST={docker.host} exec "$0" run {folder}/here.toml --format json'
        )
        ran = in_lab(command=["sh", "-c", script, TRIAGE])
    return {result["id"]: result for result in json.loads(ran.out)["results"]}


def test_the_name_in_the_file_leads_to_the_database(run_inside: dict) -> None:
    inside = run_inside["inside"]
    assert (inside["verdict"], inside["findings"]) == ("pass", []), inside
    assert "database mission_control as mission_control" in inside["summary"]


def test_from_the_host_it_does_not(run_inside: dict) -> None:
    outside = run_inside["outside"]
    assert outside["verdict"] in ("fail", "error"), outside
    assert "db" in outside["summary"]
    assert "mission_control as" not in outside["summary"]
