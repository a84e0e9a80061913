"""What the tests of the plugin db share: servers that live as long as the run, and one check."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from postgres_servers import APP, APP_PASSWORD, Server, Stage, stage

Check = Callable[..., dict]


@pytest.fixture(scope="session")
def pg() -> Iterator[Stage]:
    with stage() as made:
        yield made


@pytest.fixture(scope="session")
def primary(pg: Stage) -> Server:
    made = pg.primary()
    made.query("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
    made.query(f"ALTER TABLE alembic_version OWNER TO {APP}")
    made.query("INSERT INTO alembic_version VALUES ('4d0f')")
    made.query(f"CREATE ROLE watcher LOGIN PASSWORD '{APP_PASSWORD}' IN ROLE pg_monitor")
    made.query("GRANT SELECT ON alembic_version TO watcher")
    made.query("CREATE TABLE boards (id int)")
    made.query(f"ALTER TABLE boards OWNER TO {APP}")
    return made


@pytest.fixture(scope="session")
def standby(pg: Stage, primary: Server) -> Server:
    return pg.standby(primary)


@pytest.fixture(scope="session")
def pooler(pg: Stage, primary: Server) -> int:
    return pg.pooler(primary)


@pytest.fixture
def check(triage) -> Check:
    """One check's result. Wherever a password shows up, the test fails."""

    def run(part: str, url: str, *assignments: str) -> dict:
        ran = triage("check", f"db.{part}", "url=env:DB_URL", *assignments, "-f", "json",
                     env={"DB_URL": url})
        assert APP_PASSWORD not in ran.out + ran.err
        [result] = ran.json()["results"]
        return result

    return run


def codes(result: dict) -> list[str]:
    return [finding["code"] for finding in result["findings"]]


def only(result: dict) -> dict:
    assert len(result["findings"]) == 1, result
    return result["findings"][0]


def evidence(finding: dict) -> dict[str, str]:
    found = finding["evidence"]
    return found if isinstance(found, dict) else {one["name"]: one["value"] for one in found}
