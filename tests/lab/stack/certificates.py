"""Certificates: authorities, and what they sign for servers."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LIFE = timedelta(days=90)
AGE = timedelta(hours=1)


@dataclass(frozen=True)
class Identity:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def authority(name: str, signed_by: Identity | None = None) -> Identity:
    """One that may sign; its own root unless another one has signed it."""
    ca = x509.BasicConstraints(ca=True, path_length=None)
    return _sign(name, signed_by, ca, critical=True)


def server(
    signed_by: Identity | None, hosts: Sequence[str], *, life: timedelta = LIFE,
    age: timedelta = AGE,
) -> Identity:
    """For these names and addresses; by nobody: self-signed. A negative life has ended."""
    names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
    return _sign(hosts[0], signed_by, names, critical=False, life=life, age=age)


def _sign(
    name: str, signed_by: Identity | None, extension: x509.ExtensionType, *, critical: bool,
    life: timedelta = LIFE, age: timedelta = AGE,
) -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.utcnow()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signed_by.certificate.subject if signed_by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - age)
        .not_valid_after(now + life)
        .add_extension(extension, critical=critical)
        .sign(signed_by.key if signed_by else key, hashes.SHA256())
    )
    return Identity(certificate, key)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
