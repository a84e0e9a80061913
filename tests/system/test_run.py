"""A runbook runs a real check through a plugin, end to end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import ROOT
from servers import answer

MINIMAL = ROOT / "config/minimal.toml"
BOTH_WAYS = pytest.mark.parametrize("way", [[], ["--in-process"]], ids=["isolated", "in-process"])


def check(identity: str, url: str, **extra: str) -> str:
    lines = [f'{key.replace("_", "-")} = {value}' for key, value in extra.items()]
    text = "\n".join(lines)
    head = f'[[step.check]]\nid = "{identity}"\nuse = "health.endpoint"\nwith.url = "{url}"'
    return f"{head}\n{text}\n"


def step(*checks: str) -> str:
    return '[[step]]\nid = "s"\n' + "".join(checks)


@BOTH_WAYS
def test_a_healthy_endpoint_passes(triage, server, way) -> None:
    ran = triage("run", MINIMAL, "--var", f"url={server.url()}", "--format", "json", *way)
    assert ran.code == 0, ran.err
    result = ran.results()["healthz"]
    assert result["verdict"] == "pass"
    assert "200" in result["summary"], "a pass says what was measured"
    assert result["evaluated"], "a pass says what was looked for"
    assert len(server.requests) == 1
    assert server.requests[0].startswith(b"GET /healthz HTTP/1.1\r\n")


@BOTH_WAYS
def test_a_dead_endpoint_fails(triage, server, way) -> None:
    url = server.url()
    server.__exit__()
    ran = triage("run", MINIMAL, "--var", f"url={url}", "--format", "json", *way)
    assert ran.code == 1
    result = ran.results()["healthz"]
    assert result["verdict"] == "fail"
    assert [f["code"] for f in result["findings"]] == ["health.refused"]
    assert result["findings"][0]["remedy"]


def test_json_has_the_documented_keys(triage, server) -> None:
    run = triage("run", MINIMAL, "--var", f"url={server.url()}", "-f", "json").json()
    top = "schema_version runbook started_at duration_ms verdict exit_code results".split()
    assert set(top) <= run.keys()
    of_result = (
        "id step use layer vantage verdict summary findings evaluated facts metrics attempts "
        "duration_ms"
    ).split()
    assert set(of_result) <= run["results"][0].keys()
    assert (run["schema_version"], run["runbook"], run["verdict"]) == (1, "minimal", "pass")


def test_both_ways_say_the_same(triage, runbook, server) -> None:
    server.on("/bad", answer(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"))
    book = runbook(step(check("good", server.url("/good")), check("bad", server.url("/bad"))))

    def without_times(way: list[str]) -> list[dict]:
        results = triage("run", book, "-f", "json", *way).json()["results"]
        for result in results:
            for key in ("duration_ms", "metrics", "attempts"):
                del result[key]
            result["summary"] = result["summary"].split(" in ")[0]
        return results

    assert without_times([]) == without_times(["--in-process"])


def test_results_come_in_the_runbooks_order(triage, runbook, server) -> None:
    names = [f"c{i}" for i in range(40)]
    book = runbook(step(*(check(name, server.url(f"/{name}")) for name in names)))
    run = triage("run", book, "-f", "json").json()
    assert [result["id"] for result in run["results"]] == names
    assert len(server.requests) == len(names), "none lost, none doubled"


def test_several_formats_at_once(triage, server, tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    ran = triage(
        "run", MINIMAL, "--var", f"url={server.url()}", "-f", "console", "-f", f"json={file}"
    )
    assert ran.code == 0
    assert "healthz" in ran.out
    assert json.loads(file.read_text())["verdict"] == "pass"
    assert list(tmp_path.iterdir()) == [file], "no temporary is left"


def test_an_unwritable_report_is_refused_before_anything_runs(triage, server, tmp_path) -> None:
    ran = triage(
        "run", MINIMAL, "--var", f"url={server.url()}", "-f", f"json={tmp_path}/no/such/folder.json"
    )
    assert ran.code == 2
    assert "no/such/folder.json" in ran.err
    assert server.requests == []


def test_needs_block_and_the_rest_goes_on(triage, runbook, server) -> None:
    server.on("/bad", answer(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"))
    book = runbook(
        step(
            check("bad", server.url("/bad")),
            check("child", server.url("/child"), needs='["bad"]'),
            check("other", server.url("/other")),
        )
    )
    ran = triage("run", book, "-f", "json")
    results = ran.results()
    assert ran.code == 1
    assert results["child"]["verdict"] == "blocked"
    assert "bad" in results["child"]["summary"]
    assert results["other"]["verdict"] == "pass"


def test_retries_report_flapping(triage, runbook, server) -> None:
    seen: list[int] = []

    def second_time_lucky(connection, _request) -> None:
        seen.append(1)
        status = b"200 OK" if len(seen) > 1 else b"503 No"
        connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")

    server.on("/flaky", second_time_lucky)
    attempts = '{ count = 3, interval = "10ms" }'
    book = runbook(step(check("flaky", server.url("/flaky"), attempts=attempts)))
    ran = triage("run", book, "-f", "json")
    result = ran.results()["flaky"]
    assert ran.code == 0
    assert result["verdict"] == "warn"
    assert [attempt["verdict"] for attempt in result["attempts"]] == ["fail", "pass"]


def test_for_each_makes_one_check_a_value(triage, runbook, server) -> None:
    book = runbook(
        f'vars.paths = ["a", "b"]\n[[step]]\nid = "s"\n[[step.check]]\nid = "p"\n'
        'use = "health.endpoint"\nfor-each = "${var.paths}"\n'
        f'with.url = "{server.url("/")}${{each}}"\n'
    )
    results = triage("run", book, "-f", "json").results()
    assert list(results) == ["p[a]", "p[b]"]


def test_facts_feed_other_checks(triage, runbook, server) -> None:
    book = runbook(
        step(
            check("first", server.url("/first")),
            '[[step.check]]\nid = "second"\nuse = "health.endpoint"\n'
            f'with.url = "{server.url("/status-")}${{fact.first.http_status}}"\n',
        )
    )
    ran = triage("run", book, "-f", "json")
    assert ran.code == 0, ran.err
    assert server.requests[1].startswith(b"GET /status-200 ")


def test_only_selects_and_says_so(triage, runbook, server) -> None:
    book = runbook(step(check("a", server.url("/a")), check("b", server.url("/b"))))
    results = triage("run", book, "--only", "a", "-f", "json").results()
    assert results["b"]["verdict"] == "skip"
    assert "--only" in results["b"]["summary"]
    assert len(server.requests) == 1


def test_one_check_without_a_runbook(triage, server) -> None:
    ran = triage("check", "health.endpoint", f"url={server.url()}")
    assert ran.code == 0, ran.err
    assert "200" in ran.out
    wrong = triage("check", "health.endpoint", f"urll={server.url()}")
    assert wrong.code == 2
    assert "url" in wrong.err


def test_plan_touches_nothing(triage, runbook, server) -> None:
    book = runbook(step(check("a", server.url("/a")), check("b", server.url("/b"), needs='["a"]')))
    ran = triage("plan", book)
    assert ran.code == 0, ran.err
    assert server.requests == []
    assert f"http://127.0.0.1:{server.port}" in ran.out
    assert ran.out.index("a ") < ran.out.index("b ")
