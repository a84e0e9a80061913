"""The bundled runbook against the lab: healthy, and with each fault that it can see by now."""

from __future__ import annotations

import json
import sys

import pytest
from conftest import LAB, TRIAGE, in_lab

sys.path.insert(0, str(LAB.parent))
from faults.truth import TRUTH  # noqa: E402

RUN_JSON = ["sh", "-c", 'exec "$0" run "$LAB_RUNBOOK" --format json', TRIAGE]

# What an API says that has not started.
NO_BACKEND = {
    "api": {"health.proxy-error"},
    "healthz": {"health.refused"},
    "readyz": {"health.refused"},
    "cors": {"cors.server-error", "cors.no-answer"},  # by the proxy, and directly
    "clerk-api": {"clerk.api-unexpected"},
    "log-requests": set(),  # an error: no line tells of a request
}

# What its proxy says in place of an API that is well.
BEHIND_PROXY = {"api": {"health.proxy-error"}, "clerk-api": {"clerk.api-unexpected"}}
# What nginx logs of this very run's requests to a backend that does not answer, if soon enough.
OWN_TRACES = {"logs.upstream-refused", "logs.upstream-timeout", "logs.upstream-closed"}

# fault → the checks that must see it, each with the findings that say so. All others stay
# green, or are blocked by one of these.
EXPECTED = {
    "db-down": {
        "api": {"health.db-probe-5xx"},
        "db": {"db.refused"},
        "logs": {"logs.db-refused", "logs.db-closed"},
    },
    "db-wrong-password": {
        **NO_BACKEND,
        "db": {"db.password"},
        "logs": {"logs.db-auth", "logs.start-failed"},
    },
    "db-missing-database": {
        **NO_BACKEND,
        "db": {"db.other-target", "db.no-database"},
        "logs": {"logs.db-missing", "logs.start-failed"},
    },
    "db-wrong-host": {
        **NO_BACKEND,
        "db": {"db.other-target", "db.refused"},
        "logs": {"logs.db-refused", "logs.start-failed"},
    },
    "db-max-connections": {
        "db": {"db.too-many-connections"},
        "logs": {"logs.db-too-many-connections"},
    },
    "db-hung": {"api": {"health.db-probe-hung"}, "db": {"db.no-reply"}},
    "db-lock-blocks-migration": {
        "api": {"health.db-probe-hung"},
        "db-sessions": {"db.blocked"},
    },
    "db-idle-in-transaction": {"db-sessions": {"db.idle-in-transaction"}},
    "db-behind": {
        "api": {"health.db-probe-5xx"},
        "db-migrations": {"db.not-at-head"},
        "logs": {"logs.schema"},
    },
    "pool-exhausted": {
        "api": {"health.db-probe-hung"},
        "db-sessions": {"db.idle-in-transaction"},
    },
    "clerk-secret-key-empty": {
        "logs": {"logs.config-invalid"},
        **NO_BACKEND,
        "clerk-pairing": set(),  # an error: there is no key to ask with
    },
    "cors-origin-missing": {"cors": {"cors.origin-not-allowed"}},
    "cors-trailing-slash": {"cors": {"cors.origin-near-miss"}},
    "cors-localhost": {"cors": {"cors.origin-near-miss"}},
    "cors-empty": {
        "cors": {"cors.disabled"},
        "logs": {"logs.cors-disabled"},
    },
    "cors-not-restarted": {"cors": {"cors.settings-not-used"}},
    "cors-doubled": {"cors": {"cors.several-origins"}},
    "cors-preflight-401": {"cors": {"cors.preflight-status"}},
    "cors-preflight-redirect": {"cors": {"cors.preflight-redirect"}},
    "clerk-keys-mismatched": {"clerk-pairing": {"clerk.keys-mismatched"}},
    "clerk-secret-key-revoked": {"clerk-pairing": {"clerk.secret-key-revoked"}},
    "clerk-jwks-hung": {
        "clerk-keys": {"clerk.no-answer"},
        "clerk-pairing": {"clerk.no-answer"},
        "clerk-redirect": {"clerk.no-answer"},
        "clerk-api": {"clerk.api-hangs-verifying"},
    },
    "clerk-jwks-unreachable": {
        "clerk-keys": {"clerk.refused"},
        "clerk-pairing": {"clerk.refused"},
        "clerk-redirect": {"clerk.refused"},
        "clerk-api": {"clerk.api-hangs-verifying"},
    },
    "clerk-publishable-key-malformed": {
        "clerk-keys": {"clerk.publishable-key-malformed"},
        "clerk-redirect": {"clerk.ui-without-clerk"},
    },
    "clerk-kinds-mixed": {"clerk-pairing": {"clerk.key-kinds-differ"}},
    "clerk-wrong-redirect-host": {"clerk-redirect": {"clerk.redirect-host"}},
    "clerk-wrong-return": {"clerk-redirect": {"clerk.redirect-return"}},
    "clerk-redirect-loop": {"clerk-redirect": {"clerk.redirect-loop"}},
    "clerk-ui-key-missing": {
        "ui": {"health.status", "health.body"},
        "clerk-redirect": {"clerk.ui-key-missing"},
    },
    "clerk-clock-skew": {"clerk-keys": {"clerk.clock-wrong"}},
    "pool-exhausted-long": {
        "api": {"health.db-probe-hung"},
        "db-sessions": {"db.idle-in-transaction"},
        "logs": {"logs.pool-exhausted"},
    },
    "tls-expired": {"https": {"health.tls"}},
    "tls-not-yet-valid": {"https": {"health.tls"}},
    "tls-wrong-name": {"https": {"health.tls"}},
    "tls-incomplete-chain": {"https": {"health.tls"}},
    "tls-self-signed": {"https": {"health.tls"}},
    "tls-too-old": {"https": {"health.tls"}},
    "tls-missing": {"https": {"health.tls"}},
    "redirect-loop": {"https": {"health.redirect"}},
    "redirect-to-http": {"https": {"health.downgrade"}},
    "proxy-upstream-wrong": {**BEHIND_PROXY, "cors": {"cors.server-error"}},
    "proxy-timeout": {**BEHIND_PROXY, "cors": {"cors.server-error"}},
    "proxy-maintenance": {**BEHIND_PROXY, "cors": {"cors.server-error"}},
    "proxy-forbids": {
        "api": {"health.proxy-error"},
        "cors": {"cors.preflight-status"},
        "clerk-api": set(),  # an error: not the API refuses
        "logs": {"logs.errors"},
    },
    "proxy-to-the-ui": {
        "api": {"health.foreign-service"},
        "cors": {"cors.disabled"},
        "clerk-api": {"clerk.api-unexpected"},  # a page: that says nothing of the API
    },
    "proxy-strips-prefix": {
        "api": {"health.no-such-path"},
        "clerk-api": {"clerk.api-unexpected"},
    },
    "proxy-redirects-to-https": {
        "api": {"health.api-redirected"},
        "cors": {"cors.preflight-redirect"},
        "clerk-api": {"clerk.api-unexpected"},
    },
    "ui-api-url-wrong": {"ui-build": {"ui.api-url-other"}},
    "ui-api-url-auto": {"ui-build": {"ui.api-url-other"}},
    "ui-api-url-internal": {"ui-build": {"ui.api-url-internal"}},
    "ui-api-url-path": {"ui-build": {"ui.api-url-path"}},
    "ui-auth-mode-local": {
        "ui-build": {"ui.setting-differs"},
        "clerk-redirect": {"clerk.ui-without-clerk"},
    },
    "ui-assets-are-pages": {"ui-build": {"ui.file-is-page"}},
    "ui-assets-missing": {"ui-build": {"ui.file-missing"}, "logs": {"logs.errors"}},
    "clerk-api-url-wrong": {"clerk-pairing": {"clerk.backend-api-error"}},
    "backend-frozen": {
        "api": {"health.api-hung"},
        "healthz": {"health.no-answer"},
        "readyz": {"health.no-answer"},
        "cors": {"cors.no-answer"},
        "clerk-api": {"clerk.no-answer"},
    },
}


def test_a_healthy_stack_is_green() -> None:
    ran = in_lab(command=RUN_JSON)
    run = json.loads(ran.out)
    bad = {r["id"]: r["summary"] for r in run["results"] if r["verdict"] != "pass"}
    assert (ran.code, bad) == (0, {})
    assert (run["answer"], run["causes"]) == ("healthy", [])
    assert run["manual"], "what is not automated is shown as manual"


def broken_by(*faults: str) -> dict:
    ran = in_lab(*faults, command=RUN_JSON)
    assert ran.code == 1, ran.err
    return json.loads(ran.out)


def found_in(report: dict) -> dict[str, set[str]]:
    """check → codes, of the checks that do not pass."""
    found = {
        result["id"]: {f["code"] for f in result["findings"] if f["weight"] != "info"} - OWN_TRACES
        for result in report["results"]
        if result["verdict"] not in ("pass", "blocked")
    }
    if found.get("logs") == set():
        del found["logs"]
    return found


@pytest.mark.parametrize("fault", EXPECTED)
def test_a_fault_is_seen_by_the_responsible_checks_only(fault: str) -> None:
    report = broken_by(fault)
    assert found_in(report) == EXPECTED[fault]
    causes = report["causes"]
    assert causes[0]["id"] in TRUTH[fault], "the cause is named first"
    assert [c for c in causes[1:] if c["certainty"] == "confirmed"] == [], "and no other for sure"


def test_what_changed_when_the_database_went_away_is_no_deploy() -> None:
    ran = in_lab("db-down", command=RUN_JSON, how="--then")
    well, broken = (json.loads(text) for text in ran.out.replace("}\n{", "}\n\0{").split("\0"))
    assert (ran.code, well["exit_code"], broken["exit_code"]) == (1, 0, 1), ran.err
    assert broken["baseline_at"] == well["started_at"]
    kinds = {change["kind"] for change in broken["changes"]}
    assert {"finding", "lost"} <= kinds <= {"finding", "lost", "latency"}, broken["changes"]
    assert well["started_at"] <= broken["first_sign_at"] <= broken["started_at"]


@pytest.mark.parametrize(
    "faults",
    [
        ("db-down", "tls-expired"),
        ("db-down", "ui-api-url-wrong"),
        ("cors-trailing-slash", "redirect-to-http", "clerk-kinds-mixed"),
        ("proxy-upstream-wrong", "db-idle-in-transaction"),
        ("backend-frozen", "tls-incomplete-chain"),
    ],
    ids="+".join,
)
def test_faults_together_are_each_seen(faults: tuple[str, ...]) -> None:
    expected = {check: codes for fault in faults for check, codes in EXPECTED[fault].items()}
    report = broken_by(*faults)
    assert found_in(report) == expected
    named = {cause["id"] for cause in report["causes"][:3]}
    assert all(named & TRUTH[fault] for fault in faults), "each cause is named"


@pytest.mark.parametrize(
    ("fault", "check", "code"),
    [
        ("cors-any-origin", "cors", "cors.any-origin"),
        ("tls-ends-soon", "https", "health.certificate-ends"),
        ("proxy-strips-header", "api", "health.mark-lost"),
        ("proxy-slow", "api", "health.slow"),
    ],
)
def test_a_risk_is_a_warning(fault: str, check: str, code: str) -> None:
    ran = in_lab(fault, command=RUN_JSON)
    assert ran.code == 0, ran.err
    results = json.loads(ran.out)["results"]
    assert {r["id"]: r["verdict"] for r in results if r["verdict"] != "pass"} == {check: "warn"}
    [warned] = [r for r in results if r["id"] == check]
    assert {f["code"] for f in warned["findings"]} == {code}


def logs_of(run: dict) -> dict:
    return next(result for result in run["results"] if result["id"] == "logs")


def test_a_route_that_raises_is_a_warning_with_its_cause() -> None:
    ran = in_lab("route-raises", command=RUN_JSON)
    assert ran.code == 0, ran.err
    logs = logs_of(json.loads(ran.out))
    assert (logs["verdict"], {f["code"] for f in logs["findings"]} - {"logs.db-not-ready"}) == (
        "warn", {"logs.errors"}
    )
    assert "badly formed hexadecimal UUID string" in json.dumps(logs["findings"])


def test_how_requests_have_ended_is_said() -> None:
    """A healthy lab has few, mostly this run's own; of a hundred more the logs tell."""
    ran = in_lab(command=RUN_JSON)
    few = next(r for r in json.loads(ran.out)["results"] if r["id"] == "log-requests")
    assert (few["verdict"], [f["code"] for f in few["findings"]]) == ("pass", ["logs.few-requests"])
    uuid = "00000000-0000-4000-8000-000000000000"
    url = f"$LAB_API_DIRECT/api/v1/boards/{uuid}/webhooks/{uuid}"
    ask = f'curl -s -o /dev/null -X POST -d "{{}}" "{url}?n=[1-120]"; '
    ran = in_lab("db-down", command=["sh", "-c", ask + RUN_JSON[2], TRIAGE])
    many = next(r for r in json.loads(ran.out)["results"] if r["id"] == "log-requests")
    assert (many["verdict"], {f["code"] for f in many["findings"]}) == ("fail", {"logs.route-5xx"})
    [failed] = many["findings"]
    assert "POST /api/v1/boards/{id}/webhooks/{id}: 12" in failed["evidence"]["by route"]


def test_a_flood_of_tracebacks_is_one_finding() -> None:
    ran = in_lab("worker-floods", command=RUN_JSON)
    assert ran.code == 1, ran.err
    logs = logs_of(json.loads(ran.out))
    [refused] = [f for f in logs["findings"] if f["code"] == "logs.redis-refused"]
    assert "a second" in refused["evidence"]["rate"]
    # Its first words are of the connection that broke.
    assert {f["code"] for f in logs["findings"] if f["weight"] == "fail"} <= {
        "logs.redis-refused", "logs.redis-unreachable"
    }


def test_a_log_that_cannot_be_read_is_said() -> None:
    ran = in_lab("log-cut", command=RUN_JSON)
    assert ran.code == 3, ran.err
    logs = logs_of(json.loads(ran.out))
    assert logs["verdict"] == "error"
    assert "backend.log.1.gz: it is cut off: the gzip data has no end" in logs["summary"]


def test_a_log_that_nobody_writes_is_silent() -> None:
    command = 'exec "$0" check logs.scan files="$LAB_BACKEND_LOG" expect-lines=true -f json'
    ran = in_lab("log-silent", command=["sh", "-c", command, TRIAGE])
    assert ran.code == 1, ran.err
    [result] = json.loads(ran.out)["results"]
    assert {f["code"] for f in result["findings"]} == {"logs.silent"}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("proxy-upstream-wrong", "HTTP 502 for all paths: made by a proxy (nginx: its error page)"),
        ("proxy-maintenance", "not made by the API, as it has no x-request-id"),
        ("proxy-to-the-ui", 'with an HTML page titled "Mission Control"'),
        ("db-down", "db probe answers HTTP 500"),
    ],
)
def test_who_answered_is_said(fault: str, words: str) -> None:
    ran = in_lab(fault, command=RUN_JSON)
    [api] = [r for r in json.loads(ran.out)["results"] if r["id"] == "api"]
    assert [words in f["message"] for f in api["findings"]] == [True], api["findings"]


def test_the_console_report_fits_80_columns() -> None:
    ran = in_lab("db-down", command=["sh", "-c", 'COLUMNS=80 exec "$0" run "$LAB_RUNBOOK"', TRIAGE])
    assert ran.code == 1
    assert max(map(len, ran.out.splitlines())) <= 80
