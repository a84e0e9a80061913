"""The https front: what it shows of itself. UI and API lie behind it, at one origin."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from stack import certificates

HOSTS = ("localhost", "127.0.0.1")


@dataclass
class Front:
    """What a fault may change before the start."""

    hosts: tuple[str, ...] = HOSTS
    life: timedelta = certificates.LIFE
    age: timedelta = certificates.AGE
    sends_intermediate: bool = True
    self_signed: bool = False
    listen: str = "ssl"  # after nginx's `listen`: "" speaks plain http
    directives: list[str] = field(default_factory=list)  # more for nginx's server block
    location: str = ""  # more of it for the UI's pages behind the front


def write(folder: Path, front: Front) -> None:
    """Certificates as an operator has them: front.pem with its chain, and the key."""
    root = certificates.authority("triage lab root")
    intermediate = certificates.authority("triage lab intermediate", root)
    leaf = certificates.server(
        None if front.self_signed else intermediate, front.hosts, life=front.life, age=front.age
    )
    chain = leaf.pem + (intermediate.pem if front.sends_intermediate else b"")
    (folder / "front-ca.pem").write_bytes(root.pem)
    (folder / "front.pem").write_bytes(chain)
    (folder / "front.key").write_bytes(leaf.key_pem)


def ca_file(folder: Path) -> Path:
    """Whom clients of the front trust."""
    return folder / "front-ca.pem"
