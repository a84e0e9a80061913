"""The plugin db against real servers: the way to a session, and each layer of it that breaks."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from conftest import PATIENCE_S, ROOT, TRIAGE
from db_fixtures import Check, codes, evidence, only
from docker_engine import engine
from postgres_servers import ADMIN, APP, APP_PASSWORD, Server, Stage, wait_until
from test_own_network import LOOPBACK, UNSHARE, with_name_server

ALLOWED = 'allow.db = { reveal = ["db_url"] }'
PARTS = ("reachable", "sessions", "health", "migrations")


def book_of(runbook, extra: str = "", allow: str = "") -> Path:
    return runbook(
        f'{allow}\n[secrets]\ndb_url = {{ from = ["env:DB_URL"] }}\n[[step]]\nid = "s"\n'
        '[[step.check]]\nid = "it"\nuse = "db.reachable"\nwith.url = "${secret.db_url}"\n' + extra
    )


# ---- reachable -----------------------------------------------------------------------------------


def test_who_answers_is_said_when_all_is_well(check: Check, primary: Server) -> None:
    result = check("reachable", primary.url(), "intended=127.0.0.1")
    assert (result["verdict"], result["findings"]) == ("pass", [])
    for word in ("PostgreSQL 15.", f"127.0.0.1:{primary.port}", "database shop as app", "login"):
        assert word in result["summary"]
    assert result["facts"]["tls"].startswith("TLSv1."), "sslmode=prefer takes what is offered"
    assert (result["facts"]["pooled"], result["facts"]["in_recovery"]) == (False, False)
    names = {metric["name"] for metric in result["metrics"]}
    assert {"tcp", "start-up-reply", "tls", "login", "connect", "query"} <= names
    assert {"db.no-reply", "db.password", "db.too-many-connections", "db.tls", "db.other-target",
            "db.no-answer", "db.slow"} <= set(result["evaluated"])
    assert "db.dns" not in result["evaluated"], "there was no name"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql+psycopg", "postgresql+asyncpg"])
def test_any_drivers_url_will_do(check: Check, primary: Server, scheme: str) -> None:
    url = primary.url(host="localhost", options="?pool_size=3")
    result = check("reachable", url.replace("postgresql", scheme, 1))
    assert result["verdict"] == "pass", result
    assert "db.dns" in result["evaluated"]


def test_the_keyword_form_will_do(check: Check, primary: Server) -> None:
    url = f"host=127.0.0.1 port={primary.port} user={APP} password={APP_PASSWORD} dbname=shop"
    assert check("reachable", url)["verdict"] == "pass"


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"password": "wr0ng-canary-00"}, "db.password", "(28P01)"),
        ({"role": "nobody_here"}, "db.password", "(28P01)"),
        ({"database": "nope"}, "db.no-database", "(3D000)"),
        ({"role": "closed_out"}, "db.login-refused", "(28000)"),
    ],
)
def test_what_the_server_refuses(
    check: Check, primary: Server, change: dict, code: str, words: str
) -> None:
    if not primary.query("SELECT 1 FROM pg_roles WHERE rolname = 'closed_out'"):
        primary.query(f"CREATE ROLE closed_out NOLOGIN PASSWORD '{APP_PASSWORD}'")
    finding = only(check("reachable", primary.url(**change)))
    assert finding["code"] == code
    assert words in finding["message"] and "wr0ng" not in finding["message"]
    assert evidence(finding)["phase"] == "login"


@pytest.mark.parametrize("part", PARTS)
def test_every_check_says_why_there_is_no_session(check: Check, pg: Stage, part: str) -> None:
    url = f"postgresql://app:{APP_PASSWORD}@127.0.0.1:{pg.ports['closed']}/shop"
    assert codes(check(part, url)) == ["db.refused"]


def test_a_connection_string_that_leads_elsewhere(check: Check, primary: Server) -> None:
    result = check("reachable", primary.url(), "intended=db:5432/shop")
    assert codes(result) == ["db.other-target"]
    assert f"it leads to 127.0.0.1:{primary.port}/shop" in result["findings"][0]["message"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("sslmode=bogus", "its sslmode has a value that is not known, expected one of disable, "),
        ("target_session_attrs=bogus", "standby, prefer-standby"),
        ("keepalives=bogus", 'invalid integer value "bogus" for connection option "keepalives"'),
    ],
)
def test_a_wrong_option_is_no_matter_of_the_network(
    check: Check, pg: Stage, options: str, words: str
) -> None:
    url = f"postgresql://app:{APP_PASSWORD}@127.0.0.1:{pg.ports['closed']}/shop?{options}"
    finding = only(check("reachable", url))
    assert finding["code"] == "db.url"
    assert words in finding["message"]
    assert finding["remedy"].startswith("Write it as postgresql://USER:"), "nothing of it is cut"


def test_a_silent_server_is_found_in_time(check: Check) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://app:{APP_PASSWORD}@127.0.0.1:{silent.getsockname()[1]}/shop"
        begin = time.monotonic()
        finding = only(check("reachable", url))
        assert finding["code"] == "db.no-reply"
        assert finding["message"].endswith("no start-up reply within 3 s")
        assert time.monotonic() - begin < 4.5


def test_a_frozen_server_is_found_in_time(check: Check, primary: Server) -> None:
    primary.signal(signal.SIGSTOP)
    try:
        assert codes(check("reachable", primary.url(), "timeout=500ms")) == ["db.no-reply"]
    finally:
        primary.signal(signal.SIGCONT)
    wait_until(primary.answers, "it goes on")


def test_names(check: Check) -> None:
    url = f"postgresql://app:{APP_PASSWORD}@HOST:5432/shop"
    inside = check("reachable", url.replace("HOST", "db"))
    assert (inside["verdict"], inside["findings"]) == ("error", [])
    assert 'vantage = "container:SERVICE"' in inside["summary"] + inside["remedy"]


def test_no_connection_left(check: Check, primary: Server) -> None:
    held = []
    try:
        with pytest.raises(psycopg2.OperationalError):
            for _ in range(20):
                held.append(primary.session())
        finding = only(check("reachable", primary.url()))
        assert (finding["code"], evidence(finding)["sqlstate"]) == ("db.too-many-connections",
                                                                    "53300")
        sessions = check("sessions", primary.url(ADMIN))
        assert codes(sessions) == ["db.connections"], "the reserved ones still look"
        assert "app/test" in evidence(sessions["findings"][0])["by-application"]
    finally:
        for one in held:
            one.close()
    wait_until(lambda: check("reachable", primary.url())["verdict"] == "pass", "they are free")


def test_a_server_that_stops(check: Check, primary: Server) -> None:
    with closing(primary.session(ADMIN)):
        primary._process.send_signal(signal.SIGTERM)  # "smart": waits for its clients
        try:
            wait_until(lambda: codes(check("reachable", primary.url())) == ["db.not-ready"],
                       "shutting down")
        finally:
            primary.stop()
            primary.start()


# ---- TLS -----------------------------------------------------------------------------------------


def test_tls_is_verified(check: Check, pg: Stage, primary: Server) -> None:
    full = primary.url(host="localhost", options="?sslmode=verify-full")
    right = check("reachable", full, f"ca-file={pg.ca}")
    assert (right["verdict"], right["facts"]["tls"][:5]) == ("pass", "TLSv1")
    wrong = only(check("reachable", full, f"ca-file={pg.other_ca}"))
    assert wrong["code"] == "db.tls" and "certificate verify failed" in wrong["message"]
    name = check("reachable", full.replace("localhost", "127.0.0.1"), f"ca-file={pg.ca}")
    assert only(name)["code"] == "db.tls"
    assert 'does not match host name "127.0.0.1"' in name["findings"][0]["message"]


def test_tls_files_of_the_application_need_not_be_here(check: Check, primary: Server) -> None:
    for options in ("?sslmode=verify-full&sslrootcert=/app/ca.pem", "?sslmode=verify-full"):
        result = check("reachable", primary.url(host="localhost", options=options))
        assert (result["verdict"], result["findings"]) == ("error", []), result
        assert "ca-file" in result["summary"] + result["remedy"]


def test_no_tls_where_it_is_wanted(check: Check, standby: Server) -> None:
    finding = only(check("reachable", standby.url(options="?sslmode=require")))
    assert finding["code"] == "db.tls" and "does not support SSL" in finding["message"]


# ---- a pooler in between -------------------------------------------------------------------------


@pytest.mark.parametrize("part", PARTS)
def test_behind_a_pooler(check: Check, pooler: int, part: str) -> None:
    url = f"postgresql://{APP}:{APP_PASSWORD}@127.0.0.1:{pooler}/shop"
    head = ["expected=4d0f"] if part == "migrations" else []
    result = check(part, url, *head)
    assert result["verdict"] == "pass", result
    if part == "reachable":
        assert result["facts"]["pooled"] is True and "behind a pooler" in result["summary"]
    # The server connection is shared: nothing that the checks set may stay on it.
    with closing(psycopg2.connect(url)) as app, app.cursor() as cursor:
        for name, value in (("transaction_read_only", "off"), ("statement_timeout", "0"),
                            ("lock_timeout", "0"), ("default_transaction_read_only", "off")):
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchall() == [(value,)], name


@pytest.mark.parametrize(
    ("credentials", "database", "code"),
    [
        (f"app:{APP_PASSWORD}", "gone", "db.login-hung"),  # nothing behind it
        (f"app:{APP_PASSWORD}", "none", "db.no-database"),
        ("app:wr0ng-canary-00", "shop", "db.password"),
        (f"app:{APP_PASSWORD}", "shop?options=-csearch_path%3Dx", "db.pooler"),
    ],
)
def test_what_a_pooler_refuses(
    check: Check, pooler: int, credentials: str, database: str, code: str
) -> None:
    url = f"postgresql://{credentials}@127.0.0.1:{pooler}/{database}"
    assert codes(check("reachable", url)) == [code]


# ---- what is this machine's own ------------------------------------------------------------------


def seen_from_a_network(tmp_path: Path, host: str, furnish: str) -> tuple[str, list[str], str]:
    """Verdict, codes and summary of db.reachable in a network namespace that `furnish` fills."""
    script = f'set -e\n{furnish}\n"$0" check db.reachable url=env:DB_URL -f json || true'
    done = subprocess.run(
        [*UNSHARE, "--", "sh", "-c", script, TRIAGE],
        env={**os.environ, "DB_URL": f"postgresql://app:{APP_PASSWORD}@{host}/shop"},
        cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=PATIENCE_S, check=False,
    )
    [result] = json.loads(done.stdout)["results"]
    return result["verdict"], codes(result), result["summary"]


@pytest.mark.parametrize(
    ("host", "rcode", "verdict", "found"),
    [
        ("db.example", 3, "fail", ["db.dns"]),
        ("db", 3, "error", []),  # a name of containers, perhaps
        ("db.example", 2, "error", []),  # the name service fails
    ],
)
def test_what_the_name_service_says(
    tmp_path: Path, host: str, rcode: int, verdict: str, found: list[str]
) -> None:
    furnish = with_name_server(tmp_path, rcode)
    assert seen_from_a_network(tmp_path, host, furnish)[:2] == (verdict, found)


def test_a_silent_name_service_is_given_up_in_time(tmp_path: Path) -> None:
    furnish = with_name_server(tmp_path, 2) + "kill -STOP $!\n"
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:20\n")
    begin = time.monotonic()
    verdict, found, summary = seen_from_a_network(tmp_path, "db.example", furnish)
    assert (verdict, found) == ("error", []) and "did not answer in time" in summary
    assert time.monotonic() - begin < 10


def test_no_way_out_of_here(tmp_path: Path) -> None:
    verdict, found, summary = seen_from_a_network(tmp_path, "198.51.100.1", LOOPBACK)
    assert (verdict, found) == ("error", []) and "this machine cannot connect" in summary


def test_a_way_that_ends_elsewhere(tmp_path: Path) -> None:
    furnish = f"{LOOPBACK}ip route add unreachable 192.0.2.0/24\n"
    assert seen_from_a_network(tmp_path, "192.0.2.1", furnish)[:2] == ("fail", ["db.unreachable"])


def test_a_connection_request_that_nobody_answers(check: Check) -> None:
    """As with a firewall that drops: the kernel drops what does not fit into a full backlog."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        url = f"postgresql://app:{APP_PASSWORD}@127.0.0.1:{full.getsockname()[1]}/shop"
        finding = only(check("reachable", url, "timeout=500ms"))
        for one in waiting:
            one.close()
    assert finding["code"] == "db.unreachable"
    assert "no TCP connection to 127.0.0.1" in finding["message"]


# ---- from inside a container's network ----------------------------------------------------------


def test_a_name_that_only_containers_know(triage, runbook) -> None:
    """No server is there: that it is refused shows that the name was found, by the plugin."""
    with engine() as docker:
        docker.run("--network", "none", "--add-host", "db:127.0.0.1", service="backend",
                   command="exec sleep 600")
        env = {"DB_URL": f"postgresql://app:{APP_PASSWORD}@db/shop", "DOCKER_HOST": docker.host}
        book = book_of(runbook, 'vantage = "container:backend"\n', ALLOWED)
        result = triage("run", book, "-f", "json", env=env).results()["it"]
    assert codes(result) == ["db.refused"], result
    assert "db:5432 (127.0.0.1) refuses" in result["summary"]


# ---- the runbook ---------------------------------------------------------------------------------


def test_without_consent_the_secret_is_not_seen(triage, runbook, primary: Server) -> None:
    env = {"DB_URL": primary.url()}
    refused = triage("run", book_of(runbook), "-f", "json", env=env)
    result = refused.results()["it"]
    assert (refused.code, result["verdict"], result["findings"]) == (3, "error", [])
    assert '[allow] db = { reveal = ["' in result["summary"] + result["remedy"]
    allowed = triage("run", book_of(runbook, allow=ALLOWED), "-f", "json", env=env)
    assert allowed.results()["it"]["verdict"] == "pass"


@pytest.mark.parametrize("intended", ["postgresql://db", "db:port", "app@db", "db/a/b"])
def test_what_cannot_be_intended_is_told_before_the_run(triage, runbook, intended: str) -> None:
    ran = triage("validate", book_of(runbook, f'with.intended = "{intended}"\n'))
    assert ran.code == 2 and "intended" in ran.err


@pytest.mark.parametrize("intended", ["db:99999", "db:0/shop", "[::1]:65536", "/run:0"])
def test_a_port_that_is_none_is_told_before_the_run(triage, runbook, intended: str) -> None:
    ran = triage("validate", book_of(runbook, f'with.intended = "{intended}"\n'))
    said = f"'{intended}' is refused: its port is none: expected 1 to 65535"
    assert ran.code == 2 and said in " ".join(ran.err.split())


@pytest.mark.parametrize("intended", ["", "db:65535", "db/shop:0", "[::1]:5432/x", "/run:5432"])
def test_what_is_near_it_is_right(triage, runbook, intended: str) -> None:
    ran = triage("validate", book_of(runbook, f'with.intended = "{intended}"\n'))
    assert "intended" not in ran.err


def test_the_examples_are_valid(triage) -> None:
    ran = triage("validate", ROOT / "plugins/db/example.toml", env={"DATABASE_URL": "x"})
    assert (ran.code, ran.err) == (0, "")


