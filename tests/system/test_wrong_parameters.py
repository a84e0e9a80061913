"""Parameters that are wrong by what plugins declare: found before anything runs, and why."""

from __future__ import annotations

from pathlib import Path

import pytest
from servers import Server

FORBIDDEN_HEADERS = """
    accept-charset accept-encoding access-control-request-headers access-control-request-method
    connection content-length cookie cookie2 date dnt expect host keep-alive origin referer
    set-cookie te trailer transfer-encoding upgrade via proxy-authorization Sec-Fetch-Mode
""".split()


def check(use: str, lines: str, more: str = "") -> str:
    return (
        f'[[step]]\nid = "s"\n[[step.check]]\nid = "it"\nuse = "{use}"\n{more}\n'
        f"[step.check.with]\n{lines}\n"
    )


def validate(triage, book: Path, *, code: int = 2) -> str:
    ran = triage("validate", book)
    assert ran.code == code, ran.out + ran.err
    return " ".join(ran.err.split())


HEALTH, PATTERN = 'url = "URL"\n', 'base = "URL"\n'
CORS, PAGE = 'api = ["URL"]\n', 'origins = ["https://app.example"]\n'
REFUSED = [
    ("health.endpoint", HEALTH + 'headers = { Content-Length = "3" }',
     "'headers': the key 'Content-Length' is refused: the host sets it: leave it out"),
    ("health.endpoint", HEALTH + 'secret-headers.transfer-encoding = "${secret.s}"',
     "'secret-headers': the key 'transfer-encoding' is refused: the host sets it"),
    ("health.endpoint", HEALTH + r'headers = { x = "a\r\nb: c" }',
     "is refused: the value of a header is one line"),
    ("health.pattern", PATTERN + 'secret-headers.content-length = "${secret.s}"',
     "'secret-headers': the key 'content-length' is refused: the host sets it"),
    ("cors.policy", CORS + PAGE + 'methods = ["GET", "Trace"]',
     "'methods': 'Trace' is refused: no page can send it"),
    ("cors.policy", CORS + PAGE + 'headers = ["x-a", "Cookie"]',
     "'headers': 'Cookie' is refused: browsers set it, pages cannot (for cookies say credentials "
     "= true)"),
    ("cors.policy", CORS + PAGE + 'headers = ["Host: x"]', "'headers': 'Host: x' is refused"),
    ("cors.policy", CORS + PAGE + 'expose = ["*"]',
     "'expose': '*' is refused: pages read headers by their names, and never set-cookie"),
    ("cors.policy", CORS + PAGE + 'expose = ["Set-Cookie"]', "'Set-Cookie' is refused: pages read"),
    ("cors.policy", CORS + 'origins = ["https://*.example.com"]',
     "'https://*.example.com' is refused: an origin is of http, https or an app's own scheme and "
     "has one host, a name in ASCII (xn--…) or an address as browsers write it (a.b.c.d), a port "
     "up to 65535, and no user"),
    ("cors.policy", CORS + 'origins = ["https://1.2.3/x"]', "'https://1.2.3/x' is refused: an"),
    ("cors.policy", CORS + 'origins = ["http://1.2.3.4.5:80"]', "is refused: an origin is"),
    ("cors.policy", CORS + 'origins = ["http://a:65536"]', "'http://a:65536' is refused: an"),
    ("cors.policy", CORS + 'origins = ["https://münchen.example/x"]', "is refused: an origin is"),
    ("cors.policy", CORS + 'origins = ["https://a:b"]',
     "'https://a:b' does not fit; expected something like \"https://app.example.com\""),
    ("cors.policy", CORS + PAGE + 'control-origin = "https://user@b.example"',
     "'control-origin': 'https://user@b.example' is refused: an origin is"),
    ("cors.policy", CORS + PAGE + 'control-origin = "https://APP.example:443/"',
     "'control-origin' ('https://APP.example:443/') is the same as one of 'origins'"),
    ("cors.policy", CORS + PAGE + 'control-origin = "URL/x"',
     "/x') is the same as one of 'api'; expected another"),
    *((use, need + 'ca-file = ["/a", "/b"]', "'ca-file' has 2 items; expected at most one")
      for use, need in (("clerk.keys", 'publishable-key = "pk"\n'), ("clerk.api", 'api = "URL"\n'),
                        ("clerk.redirect", 'ui = "URL"\nfrontend-api = "URL"\n'))),
    ("logs.scan", "errors = true", "logs.scan needs at least one of the parameters 'files', "
     "'docker', 'journal-units', 'journal-files'"),
    ("logs.requests", "files = []\ndocker = []", "logs.requests needs at least one of"),
    ("logs.scan", 'files = ["/x"]\nfollow = "5s"', "'follow' is not shorter than an attempt may "
     "take, which the check's own `timeout` says: 5 s"),
    ("logs.requests", 'files = ["/x"]\nfollow = "1h"', "'follow' is not shorter than an attempt"),
    ("logs.scan", 'files = ["/x"]\nzone = "+16:00"',
     "'+16:00' does not fit; expected something like \"+02:00\""),
    ("logs.requests", 'files = ["/x"]\nzone = "Europe/Berlin"', "'Europe/Berlin' is refused: zones "
     "have no names here: write the offset, such as +02:00, UTC or local"),
    ("logs.scan", 'files = ["/x"]\nzone = "CEST"', "'CEST' is refused: zones have no names here"),
    ("db.health", 'url = "${secret.s}"\nsample = "5s"', "'sample' is not shorter than an attempt"),
    ("deploy.containers", "containers = []", "'containers' has 0 items; expected at least 1"),
    ("deploy.containers", 'containers = ["a/b"]\ndocker-host = "ssh://h"',
     "'docker-host': 'ssh://h' does not fit; expected something like \"tcp://127.0.0.1:2375\""),
    *((use, f'{containers} = ["a/b"]\ndocker-host = "{host}"',
       f"'docker-host': '{host}' is refused: expected a port from 1 to 65535 after the host, then "
       "nothing or a path")
      for use, containers in (("deploy.containers", "containers"), ("logs.scan", "docker"))
      for host in ("tcp://h:99999", "tcp://h:0", "tcp://h:", "tcp://[::1]:65536/", "http://h:a",
                   "tcp://h?x", "http://h/under#x", "tcp://h :1", "tcp://u@h:65536")),
    ("deploy.containers", 'containers = ["a/b"]\nexpect = ["a/b"]',
     "'expect': 'a/b' does not fit; expected something like \"backend\""),
    ("cors.policy", CORS + PAGE + 'path = "api"',
     "'path': 'api' does not fit; expected something like \"/api/v1/things\""),
    *((use, f'{containers} = ["{name}"]',
       f"'{name}' is refused: * means all services of one project, PROJECT/*")
      for use, containers in (("deploy.containers", "containers"), ("logs.scan", "docker"))
      for name in ("*/x", "*", "a/b*", "a*/*", "a/*b", "container:*")),
]


@pytest.mark.parametrize(("use", "lines", "words"), REFUSED)
def test_what_is_wrong_is_told_before_anything_runs(
    triage, runbook, server: Server, use: str, lines: str, words: str
) -> None:
    secret = 'secrets.s = { from = ["env:S"] }\n'
    book = runbook(secret + check(use, lines.replace("URL", server.url())))
    for command in ("validate", "plan", "run"):
        ran = triage(command, book, env={"S": "0123456789"})
        assert ran.code == 2, ran.out + ran.err
        assert words in " ".join(ran.err.split())
        assert "book.toml:" in ran.err
    assert not server.requests


def test_no_header_that_only_browsers_set_is_let_through(triage, runbook) -> None:
    said = validate(triage, runbook(check(
        "cors.policy", f'api = ["https://a.example"]\n{PAGE}headers = {FORBIDDEN_HEADERS}'
    )))
    for name in FORBIDDEN_HEADERS:
        assert f"'{name}' is refused: browsers set it" in said


@pytest.mark.parametrize(
    ("use", "lines", "more"),
    [
        ("health.endpoint", 'url = "http://a.example"\nheaders = { x-content-length = "a b" }', ""),
        ("cors.policy", 'api = ["https://a.example"]\norigins = ["http://[::1]:3000/a", '
         '"HTTPS://a-b.example:8443?x", "http://10.0.0.1:65535", "https://A.example/@"]\n'
         'methods = ["TRACES"]\nheaders = ["cookies", "x: sec-a", "hosts"]\n'
         'expose = ["x-set-cookie"]\ncontrol-origin = "http://a.example"', ""),
        ("logs.scan", 'journal-units = ["a"]\nfollow = "4900ms"\nzone = "-0930"', ""),
        *[("logs.scan", f'files = ["/a"]\nzone = "{zone}"', "")
          for zone in ("UTC", "utc", "GMT", "Z", "+02", "-0930", "+14:00", "local")],
        ("logs.scan", 'docker = ["container:a"]\nfollow = "1m"\ndocker-host = "tcp://h:1/"',
         'timeout = "61s"'),
        *((use, f'{containers} = ["a/*", "container:b.c"]\ndocker-host = "{host}"', "")
          for use, containers in (("deploy.containers", "containers"), ("logs.scan", "docker"))
          for host in ("http://h/under/", "tcp://h:65535/a/b", "tcp://u:p@h:1", "https://[::1]",
                       "tcp://h:02375", "unix:///a b:c?d")),
    ],
)
def test_what_is_near_it_is_right(triage, runbook, use: str, lines: str, more: str) -> None:
    deadline = 'deadline = "10m"\n'
    assert validate(triage, runbook(deadline + check(use, lines, more)), code=0) == ""


def test_a_check_by_hand_is_held_to_the_same(triage) -> None:
    for arguments, words in (
        (["logs.scan"], "needs at least one of the parameters 'files'"),
        (["logs.scan", "files=/x", "follow=3s", "--timeout", "2s"], "is not shorter than an"),
        (["cors.policy", "api=http://a", "origins=http://b", "control-origin=http://b"],
         "is the same as one of 'origins'"),
        (["health.endpoint", "url=http://127.0.0.1:1", "headers.content-length=3"], "is refused"),
    ):
        ran = triage("check", *arguments)
        assert ran.code == 2, ran.out + ran.err
        assert words in " ".join(ran.err.split())


def test_a_value_that_may_be_a_secret_is_not_shown(triage, runbook) -> None:
    book = runbook(check("cors.policy", 'api = ["http://a"]\norigins = ["http://b"]\n'
                         'methods = ["${env.M}"]\ncontrol-origin = "${env.C}"'))
    ran = triage("validate", book, env={"M": "CONNECT", "C": "http://b/canary"})
    assert ran.code == 3, "on another machine it may be right"
    said = " ".join(ran.err.split())
    assert "is refused: no page can send it" in said
    assert "'control-origin' is the same as one of 'origins'" in said
    assert "canary" not in said and "CONNECT" not in said


def test_plugins_tells_of_it(triage) -> None:
    cors = " ".join(triage("plugins", "cors").out.split())
    assert "(some are refused: no page can send it)" in cors
    assert "(not the same as origins or api)" in cors
    scan = " ".join(triage("plugins", "logs.scan").out.split())
    assert "needs one of: files, docker, journal-units, journal-files" in scan
    assert "(shorter than the check's timeout)" in scan
    health = " ".join(triage("plugins", "health").out.split())
    assert "(some are refused: the host sets it: leave it out)" in health
