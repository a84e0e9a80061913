"""Faults of the https front: its certificate, its chain, its protocol, its redirects."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import datetime, timedelta

from cryptography import x509
from faults.registry import Fault, Step
from stack.client import fetch
from stack.health import expect
from stack.lab import Lab

FRONT = frozenset({"front"})
NGINX = frozenset({"nginx"})
OLD_TLS = ["ssl_protocols TLSv1.1;", "ssl_ciphers ALL:@SECLEVEL=0;"]
AGE = timedelta(days=80)
SOON = timedelta(days=10)


def set_front(**fields: object) -> Step:
    """Changes what the front shows of itself (stack/front.py)."""

    def prepare(lab: Lab) -> None:
        for name, value in fields.items():
            setattr(lab.config.front, name, value)

    return prepare


def _refused_with(words: str) -> Step:
    """A client that trusts the lab's root, and that alone, gives up for this reason."""

    def assert_present(lab: Lab) -> None:
        try:
            said: object = fetch(lab.addresses.front + "/", ca=lab.front_ca)
        except ssl.SSLError as error:
            said = error
        expect(words in str(said), f"'{words}'", said)

    return assert_present


def front_certificate(lab: Lab) -> tuple[datetime, datetime]:
    """Since when and until when it is valid, UTC."""
    pem = ssl.get_server_certificate(("127.0.0.1", lab.addresses.ports["front"]))
    certificate = x509.load_pem_x509_certificate(pem.encode())
    return certificate.not_valid_before, certificate.not_valid_after


def _ends_soon(lab: Lab) -> None:
    fetch(lab.addresses.front + "/", ca=lab.front_ca)  # it is good yet
    _, until = front_certificate(lab)
    expect(until < datetime.utcnow() + SOON, f"an end within {SOON}", until)


def _redirect(target: Callable[[Lab], str]) -> Step:
    def prepare(lab: Lab) -> None:
        lab.config.front.location += f"return 308 {target(lab)}/;\n"

    return prepare


def _redirected(target: Callable[[Lab], str]) -> Step:
    def assert_present(lab: Lab) -> None:
        answer = fetch(lab.addresses.front + "/", ca=lab.front_ca)
        expect(answer.header("location") == f"{target(lab)}/", f"a redirect to {target(lab)}/",
               answer)

    return assert_present


def _plain_ui(lab: Lab) -> str:
    return lab.addresses.ui


def _itself(lab: Lab) -> str:
    return lab.addresses.front


FAULTS = (
    Fault(
        "tls-expired",
        "the certificate of the https front ended a day ago",
        prepare=set_front(age=AGE, life=timedelta(days=-1)),
        assert_present=_refused_with("certificate has expired"),
        breaks=FRONT,
        needs=NGINX,
    ),
    Fault(
        "tls-not-yet-valid",
        "the certificate begins tomorrow: a clock is wrong",
        prepare=set_front(age=timedelta(days=-1)),
        assert_present=_refused_with("certificate is not yet valid"),
        breaks=FRONT,
        needs=NGINX,
    ),
    Fault(
        "tls-ends-soon",
        "the certificate is good for less than ten days: renewing it has failed",
        prepare=set_front(age=AGE, life=SOON - timedelta(hours=1)),
        assert_present=_ends_soon,
    ),
    Fault(
        "tls-wrong-name",
        "the certificate is that of another host",
        prepare=set_front(hosts=("app.example.com",)),
        assert_present=_refused_with("IP address mismatch"),
        breaks=FRONT,
        needs=NGINX,
    ),
    Fault(
        "tls-incomplete-chain",
        "the front does not send the intermediate certificate: browsers may know it, others not",
        prepare=set_front(sends_intermediate=False),
        assert_present=_refused_with("unable to get local issuer certificate"),
        breaks=FRONT,
        needs=NGINX,
    ),
    Fault(
        "tls-self-signed",
        "the front still has the certificate that it was installed with",
        prepare=set_front(self_signed=True, sends_intermediate=False),
        assert_present=_refused_with("self-signed certificate"),
        breaks=FRONT,
        needs=NGINX,
    ),
    Fault(
        "tls-too-old",
        "the front speaks TLS 1.1 at most",
        prepare=set_front(directives=OLD_TLS),
        assert_present=_refused_with("unsupported"),
        breaks=FRONT,
        needs=NGINX,
    ),
    Fault(
        "tls-missing",
        "the https front speaks plain http",
        prepare=set_front(listen=""),
        assert_present=_refused_with("wrong version number"),
        breaks=FRONT,
        needs=NGINX,
    ),
    Fault(
        "redirect-to-http",
        "what is behind the https front does not know that, and redirects to http",
        prepare=_redirect(_plain_ui),
        assert_present=_redirected(_plain_ui),
        breaks=FRONT,
        needs=NGINX,
    ),
    Fault(
        "redirect-loop",
        "what is behind the https front redirects to https for ever",
        prepare=_redirect(_itself),
        assert_present=_redirected(_itself),
        breaks=FRONT,
        needs=NGINX,
    ),
)
