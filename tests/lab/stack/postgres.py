"""PostgreSQL in a private folder, as user postgres where the lab is root."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg2

from stack import config
from stack.config import Addresses, Passwords
from stack.errors import LabError
from stack.process import Service

POSTGRES_USER = "postgres"
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "40",
    "shared_buffers": "16MB",
    "fsync": "off",
    "log_line_prefix": "%m [%p] ",
}


def _binaries() -> Path:
    """The newest installed server version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    if not found:
        raise LabError("PostgreSQL's server is not installed (package postgresql)")
    return found[-1].parent


def _version(initdb: Path) -> int:
    name = initdb.parent.parent.name
    return int(name) if name.isdigit() else 0


def _as_owner() -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    user = f"--reuid={POSTGRES_USER}", f"--regid={POSTGRES_USER}", "--init-groups"
    return ["setpriv", *user]


def start_initdb(folder: Path, passwords: Passwords) -> subprocess.Popen[str]:
    """Begin to make the cluster in folder/data; the caller goes on with other things."""
    folder.mkdir()
    (folder / "password").write_text(passwords.admin)
    if os.geteuid() == 0:
        shutil.chown(folder, POSTGRES_USER, POSTGRES_USER)
        shutil.chown(folder / "password", POSTGRES_USER, POSTGRES_USER)
    command = [
        *_as_owner(), str(_binaries() / "initdb"), "--no-sync", "--no-locale", "--encoding=UTF8",
        "--auth=scram-sha-256", f"--username={config.ADMIN_ROLE}",
        f"--pwfile={folder / 'password'}", f"--pgdata={folder / 'data'}",
    ]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def finish_initdb(process: subprocess.Popen[str]) -> None:
    _, complaint = process.communicate(timeout=60)
    if process.returncode != 0:
        raise LabError(f"initdb ended with status {process.returncode}\n{complaint.strip()}")


def service(folder: Path, log: Path, port: int) -> Service:
    """SIGQUIT is its immediate shutdown: at once, but it still frees its shared memory."""
    options = [f"-c{name}={value}" for name, value in {**OPTIONS, "port": str(port)}.items()]
    argv = [*_as_owner(), str(_binaries() / "postgres"), "-D", str(folder / "data"), *options]
    return Service("postgres", argv, (log, log), cwd=folder, stop_signal=signal.SIGQUIT)


def answers(url: str) -> bool:
    """It accepts a connection with this URL and runs a query."""
    try:
        query(url, "SELECT 1")
    except psycopg2.OperationalError:
        return False
    return True


def query(url: str, statement: str, *values: object) -> list[tuple]:
    """Rows of one statement on a connection of its own, committed."""
    connection = psycopg2.connect(url, connect_timeout=3)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def create_database(addresses: Addresses, passwords: Passwords) -> None:
    """The app's role, which owns the app's database."""
    server = addresses.database(config.ADMIN_ROLE, passwords.admin)
    maintenance = server.rpartition("/")[0] + "/postgres"
    query(maintenance, f"CREATE ROLE {config.APP_ROLE} LOGIN PASSWORD %s", passwords.app)
    query(maintenance, f"CREATE DATABASE {config.DATABASE} OWNER {config.APP_ROLE}")
