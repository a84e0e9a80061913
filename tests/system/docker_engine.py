"""A Docker engine of the test's own: private folders and socket, a tiny image, taken down again."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DOCKER, DOCKERD, BUSYBOX = "/usr/bin/docker", "/usr/sbin/dockerd", "/bin/busybox"
IMAGE = "triage-test"
START_SECONDS = 60
APPLETS = ("sh", "httpd", "sleep", "cat", "echo")


class Engine:
    """What DOCKER_HOST names. Its containers have no network but what `run` is told."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.host = f"unix://{folder}/docker.sock"
        self.port = port
        self.env = {**os.environ, "DOCKER_HOST": self.host}

    def docker(self, *words: str, stdin: bytes = b"") -> str:
        done = subprocess.run([DOCKER, *words], env=self.env, input=stdin, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def run(self, *options: str, service: str, command: str, project: str = "test") -> str:
        """Starts a container of a Compose service; returns its id."""
        labels = [f"com.docker.compose.service={service}", f"com.docker.compose.project={project}"]
        words = [word for label in labels for word in ("--label", label)]
        return self.docker("run", "-d", *words, *options, IMAGE, "sh", "-c", command)


def _image() -> bytes:
    """A root folder: busybox, and a page to serve."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.add(BUSYBOX, "bin/busybox")
        for applet in APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        page = tarfile.TarInfo("www/healthz")
        page.size = len(b'{"ok":true}')
        tar.addfile(page, io.BytesIO(b'{"ok":true}'))
    return out.getvalue()


def _wait_until_up(engine: Engine, daemon: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while subprocess.run([DOCKER, "info"], env=engine.env, capture_output=True).returncode != 0:
        assert daemon.poll() is None, f"dockerd has ended:\n{log.read_text()[-3000:]}"
        assert time.monotonic() < end, f"dockerd is not up:\n{log.read_text()[-3000:]}"
        time.sleep(0.05)


def _unmount_below(folder: Path) -> None:
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for mount in sorted((m for m in mounts if m.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", "--lazy", mount], check=False)


@contextmanager
def engine(port: int | None = None) -> Iterator[Engine]:
    """Listens on that port of the loopback, too. Needs root: namespaces are the kernel's, there is
    no engine without."""
    assert os.geteuid() == 0, "a Docker engine can be started by root only: run the tests as root"
    folder = Path(tempfile.mkdtemp(prefix="triage-docker-"))
    folder.chmod(0o755)
    log = folder / "log"
    words = [
        DOCKERD, "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec",
        "--pidfile", f"{folder}/pid", "-H", f"unix://{folder}/docker.sock", "--bridge=none",
        "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false",
    ]
    if port is not None:
        words += ["-H", f"tcp://127.0.0.1:{port}", "--tls=false"]
    with log.open("w") as output:
        daemon = subprocess.Popen(words, stdout=output, stderr=output)
    made = Engine(folder, port)
    try:
        _wait_until_up(made, daemon, log)
        made.docker("import", "-", IMAGE, stdin=_image())
        yield made
    finally:
        if daemon.poll() is None:
            for container in made.docker("ps", "-aq").split():
                made.docker("rm", "-f", container)
            for network in made.docker("network", "ls", "-q", "--filter", "type=custom").split():
                made.docker("network", "rm", network)
            daemon.terminate()
            daemon.wait(START_SECONDS)
        _unmount_below(folder)
        shutil.rmtree(folder)
