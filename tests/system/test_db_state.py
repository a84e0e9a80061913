"""The plugin db against real servers: what it sees in one, with the rights its manual states."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
import pytest
from db_fixtures import Check, codes, evidence, only
from postgres_servers import ADMIN, APP, APP_PASSWORD, Server, wait_until

# ---- sessions ------------------------------------------------------------------------------------


@contextmanager
def in_transaction(server: Server, statement: str, application: str) -> Iterator[None]:
    with closing(server.session(application=application)) as held, held.cursor() as cursor:
        cursor.execute(statement)
        yield


@contextmanager
def waiting(server: Server, statement: str, application: str) -> Iterator[None]:
    """A session that waits for a lock until the other end lets go."""
    held = server.session(application=application)

    def run() -> None:
        try:
            held.cursor().execute(statement)
        except psycopg2.Error:
            pass

    thread = threading.Thread(target=run)
    thread.start()
    asks = "SELECT 1 FROM pg_locks l JOIN pg_stat_activity USING (pid) WHERE NOT granted"
    wait_until(lambda: server.query(f"{asks} AND application_name = '{application}'"), "it waits")
    try:
        yield
    finally:
        held.cancel()
        thread.join()
        held.close()


def test_sessions_idle_in_transaction(check: Check, primary: Server) -> None:
    with in_transaction(primary, "SELECT 1", "web"), in_transaction(primary, "SELECT 1", "web"):
        finding = only(check("sessions", primary.url(), "idle-warn=2", "idle-fail=3"))
        assert (finding["code"], finding["weight"]) == ("db.idle-in-transaction", "warn")
        assert "2 sessions of app idle in transaction" in finding["message"]
        assert "(web, role app, idle in transaction" in evidence(finding)["oldest"]
        by_watcher = check("sessions", primary.url("watcher"), "role=app", "idle-warn=2")
        assert codes(by_watcher) == ["db.idle-in-transaction"]
        old = check("sessions", primary.url(), "transaction-warn=1ms", "transaction-fail=1h")
        assert codes(old) == ["db.long-transaction"]


def test_a_blocker_is_named_and_queries_are_not_shown(check: Check, primary: Server) -> None:
    lock = "LOCK TABLE boards IN ACCESS SHARE MODE /* c4nary-text */"
    alter = "ALTER TABLE boards ADD COLUMN c4nary int"
    with in_transaction(primary, lock, "report"), waiting(primary, alter, "alembic"):
        limits = ("blocked-warn=1ms", "blocked-fail=1h")
        for role in (APP, "watcher", ADMIN):
            result = check("sessions", primary.url(role), *limits)
            finding = only(result)
            assert (finding["code"], finding["weight"]) == ("db.blocked", "warn")
            assert finding["message"].split(" keeps ")[0].endswith("s)")
            assert "(report, role app, idle in transaction" in finding["message"]
            assert evidence(finding)["waits-for"] == "AccessExclusiveLock on boards"
            assert "alembic" in evidence(finding)["longest-wait"]
            assert "c4nary" not in str(result)


def test_a_long_query(check: Check, primary: Server) -> None:
    with closing(primary.session(application="report")) as held:
        thread = threading.Thread(target=lambda: held.cursor().execute("SELECT pg_sleep(2)"))
        thread.start()
        wait_until(lambda: primary.query(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'report' AND state = 'active'"
        ), "it runs")
        found = check("sessions", primary.url("watcher"), "query-warn=1ms", "query-fail=1h")
        ignored = check("sessions", primary.url("watcher"), "query-warn=1ms",
                        "ignore-applications=report")
        thread.join()
    assert codes(found) == ["db.long-query"]
    assert codes(ignored) == []


def test_what_a_plain_role_cannot_see_is_not_green(check: Check, primary: Server) -> None:
    with closing(primary.session(ADMIN, "other")) as held:
        held.cursor().execute("SELECT 1")
        plain = check("sessions", primary.url())
        watcher = check("sessions", primary.url("watcher"))
    assert plain["verdict"] == "pass"
    assert "not seen: what 1 session of other roles does (GRANT pg_monitor" in plain["summary"]
    hidden = {"db.long-transaction", "db.long-query"}
    assert hidden.isdisjoint(plain["evaluated"])
    assert {"db.connections", "db.blocked", "db.idle-in-transaction"} <= set(plain["evaluated"])
    assert hidden <= set(watcher["evaluated"]) and "not seen" not in watcher["summary"]
    assert (plain["facts"]["sees_all"], watcher["facts"]["sees_all"]) == (False, True)


# ---- health --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [APP, "watcher", ADMIN])
def test_a_healthy_primary(check: Check, primary: Server, role: str) -> None:
    result = check("health", primary.url(role))
    assert result["verdict"] == "pass", result
    assert set(codes(result)) <= {"db.restarted"}
    assert result["summary"].startswith("primary, up "), result["summary"]
    assert {"db.in-recovery", "db.clock-skew", "db.wraparound", "db.wal-retained",
            "db.deadlocks"} <= set(result["evaluated"])


def test_a_standby_is_no_place_to_write(check: Check, primary: Server, standby: Server) -> None:
    assert codes(check("health", standby.url(), "restarted-within=0s")) == ["db.in-recovery"]
    right = check("health", standby.url("watcher"), "kind=standby", "restarted-within=0s")
    assert (right["verdict"], right["findings"]) == ("pass", []), right
    assert check("reachable", standby.url())["facts"]["in_recovery"] is True
    wrong = check("health", primary.url(), "kind=standby", "restarted-within=0s")
    assert codes(wrong) == ["db.not-standby"]
    asks = standby.url(options="?target_session_attrs=primary")
    assert codes(check("reachable", asks)) == ["db.wrong-kind"]
    both = f"host=127.0.0.1,127.0.0.1 port={standby.port},{primary.port} user=app dbname=shop"
    both += f" password={APP_PASSWORD} target_session_attrs=primary"
    assert check("reachable", both)["facts"]["in_recovery"] is False


def test_lag(check: Check, primary: Server, standby: Server) -> None:
    limits = ("lag-warn=1ms", "lag-fail=1h", "restarted-within=0s", "standbys=1", "sample=0s")
    # Until it has replayed a transaction, a standby does not know for how long it is behind.
    primary.query("INSERT INTO boards VALUES (0)")
    wait_until(lambda: standby.query(
        "SELECT pg_last_xact_replay_timestamp() IS NOT NULL") == [(True,)], "a first transaction")
    standby.query("SELECT pg_wal_replay_pause()")
    try:
        primary.query("INSERT INTO boards SELECT generate_series(1, 1000)")
        wait_until(lambda: standby.query(
            "SELECT pg_last_wal_receive_lsn() <> pg_last_wal_replay_lsn()") == [(True,)], "lag")
        there = check("health", standby.url("watcher"), "kind=standby", *limits)
        assert codes(there) == ["db.replication-lag"]
        assert "replay is paused" in there["findings"][0]["message"]
        wait_until(lambda: codes(check("health", primary.url("watcher"), *limits)) ==
                   ["db.replication-lag"], "the primary knows")
        plain = check("health", primary.url(), *limits)
        assert "db.replication-lag" not in plain["evaluated"]
        assert "not seen: the standbys' lag" in plain["summary"]
    finally:
        standby.query("SELECT pg_wal_replay_resume()")
    wait_until(lambda: check("health", primary.url("watcher"), *limits)["findings"] == [], "none")
    missing = check("health", primary.url("watcher"), "standbys=2", "restarted-within=0s")
    assert codes(missing) == ["db.standby-missing"]


def test_a_slot_that_nobody_uses(check: Check, primary: Server) -> None:
    primary.query("SELECT pg_create_physical_replication_slot('cdc', true)")
    try:
        rows = "SELECT repeat('x', 900) FROM generate_series(1, 5000)"
        primary.query(f"CREATE TABLE filler AS {rows}")
        result = check("health", primary.url(), "slot-warn-mib=1", "restarted-within=0s")
        finding = only(result)
        assert (finding["code"], finding["weight"]) == ("db.wal-retained", "warn")
        assert finding["subject"] == "cdc"
    finally:
        primary.query("SELECT pg_drop_replication_slot('cdc')")
        primary.query("DROP TABLE IF EXISTS filler")


def test_read_only_by_default(check: Check, primary: Server) -> None:
    primary.query(f"ALTER ROLE {APP} SET default_transaction_read_only = on")
    try:
        result = check("health", primary.url(), "restarted-within=0s")
        assert codes(result) == ["db.read-only"]
    finally:
        primary.query(f"ALTER ROLE {APP} RESET default_transaction_read_only")


# ---- migrations ----------------------------------------------------------------------------------


def test_the_head_is_compared(check: Check, primary: Server) -> None:
    for role in (APP, "watcher"):
        result = check("migrations", primary.url(role), "expected=4d0f")
        assert (result["verdict"], result["facts"]["revision"]) == ("pass", "4d0f"), result
    assert codes(check("migrations", primary.url(), "expected=5e10")) == ["db.not-at-head"]
    alone = check("migrations", primary.url())
    assert (alone["verdict"], alone["findings"]) == ("error", []), alone
    assert "alembic heads" in alone["summary"] + alone["remedy"]
    assert "db.not-at-head" not in alone["evaluated"]


def test_the_codes_own_scripts_are_read(check: Check, primary: Server, tmp_path) -> None:
    scripts = {"3c9e": "None", "4d0f": "'3c9e'", "5e10": "'4d0f'"}
    for id_, down in scripts.items():
        text = f"revision = '{id_}'\ndown_revision = {down}\n"
        (tmp_path / f"{id_}_x.py").write_text(text)
    finding = only(check("migrations", primary.url(), f"versions={tmp_path}"))
    assert finding["message"] == "revision 4d0f, expected 5e10: 1 behind"
    (tmp_path / "5e10_x.py").unlink()
    assert check("migrations", primary.url(), f"versions={tmp_path}")["verdict"] == "pass"
    (tmp_path / "4d0f_x.py").unlink()
    ahead = check("migrations", primary.url(), f"versions={tmp_path}")
    assert codes(ahead) == ["db.unknown-revision"]
    nowhere = check("migrations", primary.url(), f"versions={tmp_path}/none")
    assert (nowhere["verdict"], nowhere["findings"]) == ("error", [])


def test_pg_monitor_alone_does_not_read_the_table(check: Check, primary: Server) -> None:
    primary.query("REVOKE SELECT ON alembic_version FROM watcher")
    try:
        result = check("migrations", primary.url("watcher"), "expected=4d0f")
    finally:
        primary.query("GRANT SELECT ON alembic_version TO watcher")
    assert (result["verdict"], result["findings"]) == ("error", [])
    said = result["summary"] + result["remedy"]
    assert 'GRANT SELECT ON "alembic_version" TO "watcher"' in said


def test_names_are_identifiers(check: Check, primary: Server) -> None:
    primary.query('CREATE SCHEMA IF NOT EXISTS "Odd ""Schema"')
    primary.query('CREATE TABLE IF NOT EXISTS "Odd ""Schema"."select;--" ("Version" text)')
    primary.query(f'GRANT USAGE ON SCHEMA "Odd ""Schema" TO {APP}')
    primary.query(f'GRANT SELECT ON "Odd ""Schema"."select;--" TO {APP}')
    odd = ('schema=Odd "Schema', "table=select;--", "column=Version")
    assert codes(check("migrations", primary.url(), *odd)) == ["db.unmigrated"], "no row"
    primary.query('INSERT INTO "Odd ""Schema"."select;--" VALUES (\'a\'), (\'b\')')
    assert codes(check("migrations", primary.url(), *odd)) == ["db.several-heads"]
    primary.query('DROP SCHEMA "Odd ""Schema" CASCADE')
    assert codes(check("migrations", primary.url(), "table=nope")) == ["db.unmigrated"]
    column = check("migrations", primary.url(), "column=nope")
    assert (column["verdict"], column["findings"]) == ("error", [])


def test_a_locked_table_of_revisions(check: Check, primary: Server) -> None:
    lock = "LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE"
    with in_transaction(primary, lock, "alembic"):
        finding = only(check("migrations", primary.url(), "expected=4d0f"))
    assert finding["code"] == "db.migration-locked"
    assert "(alembic, role app, idle in transaction" in finding["message"]
