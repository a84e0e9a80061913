"""One private Mission Control: its folder, ports, configuration and services."""

from __future__ import annotations

import signal
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

from stack import config, front, keys, postgres, seed, web
from stack.config import Addresses, Passwords
from stack.errors import LabError
from stack.ports import Ports
from stack.process import PYTHON, Service, Warden
from stack.waiting import WaitTimeout, wait_until

HERE = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0
FOLDER_PREFIX = "triage-lab-"


class Lab:
    """Use as a context: leaving it takes everything down, whatever happened."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
        self._warden = Warden(self.folder)
        self.services: dict[str, Service] = {}
        self.held: list[socket.socket] = []  # connections that a fault keeps open
        self.board_id = ""  # of the one board that seed.py makes
        self.expected_exits: dict[str, int] = {}  # service → status with which a fault ends it

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # the way down is short, and is gone to its end
        for connection in self.held:
            connection.close()
        self._warden.take_down()

    def configure(self) -> None:
        """Choose ports, passwords and keys: what a fault may then change."""
        self.folder.chmod(0o711)  # PostgreSQL and nginx's worker go through as other users
        for name in ("clerk", "nginx", "logs"):
            (self.folder / name).mkdir()
        self.addresses = Addresses(Ports(Addresses.PORT_NAMES))
        self.passwords = Passwords()
        self.clerk = keys.make_instance(
            self.folder / "clerk", self.addresses.clerk_host, azp=self.addresses.ui
        )
        self.config = config.make(self.addresses, self.passwords, self.clerk)

    def start(self) -> None:
        """Start all services, each as soon as what it needs is there, and wait for the last."""
        initdb = postgres.start_initdb(self.folder / "postgres", self.passwords)
        self._warden.announce(initdb.pid, signal.SIGKILL)
        self._write_files()
        self._define_services()
        for name in ("redis", "nginx", "clerk", "gateway"):
            self.services[name].start(self._warden)
        postgres.finish_initdb(initdb)
        self.services["postgres"].start(self._warden)
        self._wait_for("postgres", lambda: postgres.answers(self._maintenance_url()))
        postgres.create_database(self.addresses, self.passwords)
        if "backend" in self.expected_exits:
            self._migrate()
        for name in ("backend", "worker"):
            self.services[name].start(self._warden)
        self._wait_all_ready()
        if "backend" not in self.expected_exits:
            seed.fill(self)

    def restart(self, name: str) -> None:
        """Start a service again, with what its `env` and `argv` now are; wait until ready."""
        self.services[name].stop()
        self.services[name].start(self._warden)
        self._wait_for(name, self._readiness()[name])

    def start_service(self, service: Service) -> None:
        """Start one that is not of the lab's own set; it is taken down with the lab."""
        service.start(self._warden)

    def announce(self, pid: int, stop_signal: int) -> None:
        """Have the guardian end this process too."""
        self._warden.announce(pid, stop_signal)

    def log(self, name: str) -> Path:
        return self.folder / "logs" / name

    def admin_url(self) -> str:
        return self.addresses.database(config.ADMIN_ROLE, self.passwords.admin)

    def app_url(self) -> str:
        """The app's role, as libpq understands it."""
        return self.addresses.database(config.APP_ROLE, self.passwords.app)

    @property
    def front_ca(self) -> Path:
        return front.ca_file(self.folder / "nginx")

    def authorization(self) -> dict[str, str]:
        """Headers of a signed-in person."""
        return {"Authorization": f"Bearer {self.clerk.token}"}

    def _migrate(self) -> None:
        """Leave the database as an earlier deployment did: the fault came with the next one."""
        log = self.log("migrate.log")
        migration = Service(
            "migration", [PYTHON, "-m", "app.db.migrate"], (log, log),
            {"DATABASE_URL": self.app_url()}, HERE / "backend",
        )
        migration.start(self._warden)
        if migration.wait_exit(START_SECONDS) != 0:
            raise LabError(f"the database cannot be migrated\n{migration.tail()}")

    def _maintenance_url(self) -> str:
        return self.admin_url().rpartition("/")[0] + "/postgres"

    def _write_files(self) -> None:
        config.write_env_file(self.folder / "root.env", self.config.root_env)
        config.write_env_file(self.folder / "backend.env", self.config.backend_env)
        config.write_env_file(self.folder / "frontend.env", self.config.frontend_env)
        web.write(self.folder / "nginx", self.addresses, self.config)

    def _define_services(self) -> None:
        ports = self.addresses.ports
        definitions = (
            postgres.service(self.folder / "postgres", self.log("postgres.log"), ports["postgres"]),
            web.service(self.folder / "nginx"),
            self._redis(),
            self._standin("clerk", str(self.folder / "clerk"), **self.config.clerk_env),
            self._standin(
                "gateway", self.config.gateway_behaviour, GATEWAY_TOKEN=self.passwords.gateway
            ),
            *self._backend_and_worker(),
        )
        self.services = {service.name: service for service in definitions}

    def _redis(self) -> Service:
        log = self.log("redis.log")
        port = str(self.addresses.ports["redis"])
        argv = ["/usr/bin/redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "",
                "--appendonly", "no", "--dir", str(self.folder)]
        return Service("redis", argv, (log, log))

    def _standin(self, name: str, argument: str, **env: str) -> Service:
        log = self.log(f"{name}.log")
        argv = [PYTHON, str(HERE / "standins" / f"{name}.py"),
                str(self.addresses.ports[name]), argument]
        return Service(name, argv, (log, log), env=env)

    def _backend_and_worker(self) -> tuple[Service, Service]:
        env = {
            **self.config.backend_environment(),
            "SSL_CERT_FILE": str(self.clerk.ca),
            "PYTHONUNBUFFERED": "1",
            "LAB_DIR": str(self.folder),
        }
        serve = [PYTHON, "-m", "uvicorn", "app.main:app", "--no-proxy-headers",
                 "--host", "127.0.0.1", "--port", str(self.addresses.ports["backend"])]
        work = [PYTHON, "-m", "app.worker"]
        backend_logs = self.log("backend.log"), self.log("backend.err")
        worker_log = self.log("worker.log")
        directory = HERE / "backend"
        return (
            Service("backend", serve, backend_logs, env, directory),
            Service("worker", work, (worker_log, worker_log), env, directory),
        )

    def _wait_all_ready(self) -> None:
        """A service that a fault ends is ready when it has ended."""
        for name, is_ready in self._readiness().items():
            if name in self.expected_exits:
                self.services[name].wait_exit(START_SECONDS)
            else:
                self._wait_for(name, is_ready)

    def _readiness(self) -> dict[str, Callable[[], bool]]:
        ports = self.addresses.ports
        return {
            "redis": lambda: _listens(ports["redis"]),
            "nginx": lambda: all(map(_listens, (ports["ui"], ports["api"], ports["front"]))),
            "clerk": lambda: _listens(ports["clerk"]),
            "gateway": lambda: _listens(ports["gateway"]),
            "backend": lambda: _listens(ports["backend"]),
            "worker": lambda: "queue.worker.started" in self.log("worker.log").read_text(),
        }

    def _wait_for(self, name: str, is_ready: Callable[[], bool]) -> None:
        service = self.services[name]

        def ready_or_dead() -> bool:
            service.raise_if_ended()
            return is_ready()

        try:
            wait_until(ready_or_dead, START_SECONDS, f"{name} is ready")
        except WaitTimeout as timeout:
            raise LabError(f"{timeout}\n{service.tail()}") from timeout


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
