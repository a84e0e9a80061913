"""Real PostgreSQL servers for tests: private folders and ports, as an unprivileged user."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lab"))

import psycopg2  # noqa: E402
from stack import config, postgres  # noqa: E402
from stack.ports import Ports  # noqa: E402

ADMIN, APP, DATABASE = config.ADMIN_ROLE, "app", "shop"
ADMIN_PASSWORD, APP_PASSWORD = "adm1n-canary-51f0", "app-canary-7f3a2b"
START_SECONDS = 30
# As few connections as a test can fill; what a standby needs; TLS for whoever asks for it.
OPTIONS = {
    "max_connections": "12",
    "superuser_reserved_connections": "3",
    "wal_level": "replica",
    "hot_standby": "on",
    "wal_receiver_status_interval": "1s",
    "max_wal_size": "128MB",
    "log_min_messages": "fatal",
}


def wait_until(condition, what: str, seconds: float = START_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


class Server:
    """One postmaster, and how to reach it."""

    def __init__(self, folder: Path, port: int, options: dict[str, str]) -> None:
        self.folder, self.port = folder, port
        service = postgres.service(folder, folder / "log", port)
        more = [f"-c{name}={value}" for name, value in {**OPTIONS, **options}.items()]
        self._argv = [*service.argv, *more]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> Server:
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._argv, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )
        wait_until(self.answers, f"PostgreSQL starts:\n{self._log()}")
        return self

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self.signal(signal.SIGCONT)
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(START_SECONDS)

    def signal(self, number: int) -> None:
        """To the postmaster and its children, each of which leads a group of its own."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        for pid in (self.pid, *map(int, children)):
            os.kill(pid, number)

    def url(self, role: str = APP, password: str | None = None, database: str = DATABASE,
            options: str = "", host: str = "127.0.0.1") -> str:
        password = password or (ADMIN_PASSWORD if role == ADMIN else APP_PASSWORD)
        return f"postgresql://{role}:{password}@{host}:{self.port}/{database}{options}"

    def answers(self) -> bool:
        return postgres.answers(self.url(ADMIN, database="postgres"))

    def query(self, statement: str, database: str = DATABASE) -> list[tuple]:
        return postgres.query(self.url(ADMIN, database=database), statement)

    def session(self, role: str = APP, application: str = "test", **more):
        """A connection that stays, in a transaction from its first statement on."""
        url = self.url(role)
        return psycopg2.connect(url, application_name=application, connect_timeout=5, **more)

    def _log(self) -> str:
        path = self.folder / "server.log"
        return path.read_text()[-2000:] if path.exists() else ""


class Stage:
    """A folder that PostgreSQL's user may enter, and ports of its own."""

    NAMES = ("primary", "standby", "pooler", "spare", "closed")

    def __init__(self, folder: Path) -> None:
        self.folder, self.ports = folder, Ports(self.NAMES)
        self.ca, self.other_ca = folder / "ca.pem", folder / "other.pem"
        self._running: list[Server | subprocess.Popen] = []

    def primary(self) -> Server:
        self._certificates()
        passwords = config.Passwords(admin=ADMIN_PASSWORD, app=APP_PASSWORD)
        process = postgres.start_initdb(self.folder / "primary", passwords)
        postgres.finish_initdb(process)
        tls = {"ssl": "on", "ssl_cert_file": f"{self.folder}/server.pem",
               "ssl_key_file": f"{self.folder}/server.key"}
        made = self._keep(Server(self.folder / "primary", self.ports["primary"], tls)).start()
        made.query(f"CREATE ROLE {APP} LOGIN PASSWORD '{APP_PASSWORD}'", "postgres")
        made.query(f"CREATE DATABASE {DATABASE} OWNER {APP}", "postgres")
        return made

    def standby(self, primary: Server) -> Server:
        folder = self.folder / "standby"
        folder.mkdir()
        self._own(folder)
        command = [*postgres._as_owner(), "pg_basebackup", "--no-sync", "-R", "-X", "stream",
                   "-c", "fast", "-d", primary.url(ADMIN, database="postgres"),
                   "-D", str(folder / "data")]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return self._keep(Server(folder, self.ports["standby"], {})).start()

    def pooler(self, primary: Server, mode: str = "transaction") -> int:
        """A real pgbouncer; returns its port."""
        folder = self.folder / "pooler"
        folder.mkdir()
        self._own(folder)
        (folder / "users").write_text(f'"{APP}" "{APP_PASSWORD}"\n')
        (folder / "ini").write_text(
            f"[databases]\n{DATABASE} = host=127.0.0.1 port={primary.port}\n"
            f"gone = host=127.0.0.1 port={self.ports['closed']}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.ports['pooler']}\n"
            f"auth_type = scram-sha-256\nauth_file = {folder}/users\npool_mode = {mode}\n"
            "default_pool_size = 1\nunix_socket_dir =\nserver_login_retry = 1\n"
        )
        argv = [*postgres._as_owner(), "/usr/sbin/pgbouncer", str(folder / "ini")]
        with (self.folder / "pooler.log").open("ab") as log:
            process = subprocess.Popen(argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                       start_new_session=True)
        self._keep(process)
        port = self.ports["pooler"]
        wait_until(lambda: listens(port), "pgbouncer starts")
        return port

    def take_down(self) -> None:
        for one in reversed(self._running):
            if isinstance(one, Server):
                one.stop()
            else:
                one.kill()
                one.wait()
        self.ports.close()

    def _keep(self, one):
        self._running.append(one)
        return one

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            shutil.chown(path, postgres.POSTGRES_USER, postgres.POSTGRES_USER)

    def _certificates(self) -> None:
        """A CA and a certificate of it for localhost (not for 127.0.0.1), and another CA."""
        def openssl(*words: str) -> None:
            subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

        for name in ("ca", "other"):
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", f"/CN=test {name}", "-keyout", f"{name}.key",
                    "-out", f"{name}.pem")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                "-keyout", "server.key", "-out", "server.csr")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-copy_extensions", "copy", "-days", "2", "-out", "server.pem")
        (self.folder / "server.key").chmod(0o600)
        self._own(self.folder / "server.key")


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def stage() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="triage-pg-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        made = Stage(folder)
        try:
            yield made
        finally:
            made.take_down()
