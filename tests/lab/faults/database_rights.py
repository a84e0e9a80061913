"""Faults of what the database lets the app's role do."""

from __future__ import annotations

import psycopg2
from faults.acting import FEW, as_admin, end_sessions, has_ended, logged, signed_in
from faults.database_more import FAILED_LIFESPAN
from faults.registry import Fault
from faults.startup import NO_BACKEND
from stack import postgres
from stack.config import ADMIN_ROLE, APP_ROLE, DATABASE
from stack.health import expect, probe
from stack.lab import START_SECONDS, Lab
from stack.waiting import wait_until

ROLE_LIMIT = 5
FEW_SESSIONS = 20  # of the 40 that the server takes

TAKE_OWNERSHIP = f"""
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('ALTER TABLE %I OWNER TO {ADMIN_ROLE}', name);
  END LOOP;
END $$
"""


def _refusal(lab: Lab) -> str:
    """What the server says to the app's role."""
    try:
        psycopg2.connect(lab.app_url(), connect_timeout=3).close()
    except psycopg2.OperationalError as error:
        return str(error)
    return "a session"


def _probe_fails(lab: Lab) -> None:
    answer = probe(lab)
    expect(answer.status == 500, "the database probe to be 500", answer)


def _expire_password(lab: Lab) -> None:
    as_admin(lab, f"ALTER ROLE {APP_ROLE} VALID UNTIL 'yesterday'")
    end_sessions(lab)


def _password_has_expired(lab: Lab) -> None:
    said = _refusal(lab)
    expect("password authentication failed" in said, "the right password refused", said)
    _probe_fails(lab)


def _want_ssl_of_clients(lab: Lab) -> None:
    rules = f"hostssl all all all scram-sha-256\nhost all {ADMIN_ROLE} all scram-sha-256\n"
    (lab.folder / "postgres" / "data" / "pg_hba.conf").write_text(rules)
    as_admin(lab, "SELECT pg_reload_conf()")
    wait_until(lambda: "pg_hba.conf" in _refusal(lab), START_SECONDS, "the app is refused")
    end_sessions(lab)


def _hba_refuses(lab: Lab) -> None:
    said = _refusal(lab)
    expect("no pg_hba.conf entry" in said, "no pg_hba.conf entry", said)
    _probe_fails(lab)


def _use_up_role_limit(lab: Lab) -> None:
    as_admin(lab, f"ALTER ROLE {APP_ROLE} CONNECTION LIMIT {ROLE_LIMIT}")
    end_sessions(lab)
    for _ in range(ROLE_LIMIT):
        lab.held.append(psycopg2.connect(lab.app_url(), application_name="reports"))


def _role_limit_is_reached(lab: Lab) -> None:
    said = _refusal(lab)
    expect("too many connections for role" in said, "too many connections for role", said)
    [(count,)] = as_admin(lab, "SELECT count(*) FROM pg_stat_activity")
    expect(count < FEW_SESSIONS, "most of the server's connections free", count)


def _restore_as_admin(lab: Lab) -> None:
    as_admin(lab, TAKE_OWNERSHIP)
    for path in ("boards", "activity"):
        signed_in(lab, path)


def _no_privileges(lab: Lab) -> None:
    _probe_fails(lab)
    logged(lab, "permission denied for table", "backend.log")


def _new_board_fails(lab: Lab) -> None:
    answer = signed_in(lab, "boards", "POST", '{"name": "new"}')
    expect(answer.status == 500, "500 for a new board", answer)


def _make_read_only(lab: Lab) -> None:
    as_admin(lab, f"ALTER DATABASE {DATABASE} SET default_transaction_read_only = on")
    end_sessions(lab)
    for _ in range(FEW):
        _new_board_fails(lab)


def _is_read_only(lab: Lab) -> None:
    [(state,)] = postgres.query(lab.app_url(), "SHOW transaction_read_only")
    expect(state == "on", "read-only transactions", state)
    _new_board_fails(lab)


def _require_ssl(lab: Lab) -> None:
    lab.config.database_url += "?sslmode=require"


def _ssl_is_not_offered(lab: Lab) -> None:
    has_ended(lab, "backend", FAILED_LIFESPAN)
    logged(lab, "server does not support SSL", "backend.log", "backend.err")


NO_DATABASE = frozenset({"data", "database"})
FAULTS = (
    Fault(
        "db-password-expired",
        "the role's password was valid until yesterday",
        inject=_expire_password,
        assert_present=_password_has_expired,
        breaks=NO_DATABASE,
        needs=frozenset({"api", "database"}),
    ),
    Fault(
        "db-hba-rejects",
        "pg_hba.conf lets the app's role in by TLS only, and there is none",
        inject=_want_ssl_of_clients,
        assert_present=_hba_refuses,
        breaks=NO_DATABASE,
        needs=frozenset({"api", "database"}),
    ),
    Fault(
        "db-role-limit",
        "the role's CONNECTION LIMIT is used up by reports that share it",
        inject=_use_up_role_limit,
        assert_present=_role_limit_is_reached,
        breaks=NO_DATABASE,
        needs=frozenset({"database"}),
    ),
    Fault(
        "db-privileges-lost",
        "tables were restored as postgres: the app's role may not read them",
        inject=_restore_as_admin,
        assert_present=_no_privileges,
        breaks=NO_DATABASE,
        needs=frozenset({"api", "database"}),
    ),
    Fault(
        "db-read-only",
        "default_transaction_read_only was left on: reads work, writes fail",
        inject=_make_read_only,
        assert_present=_is_read_only,
        needs=frozenset({"api", "data", "database"}),
    ),
    Fault(
        "db-ssl-required",
        "DATABASE_URL requires TLS, and the server has none; the backend exits 3",
        prepare=_require_ssl,
        assert_present=_ssl_is_not_offered,
        breaks=NO_BACKEND,
        needs=frozenset({"backend"}),
        exits={"backend": FAILED_LIFESPAN},
    ),
)
