"""What a run would do, as far as it is known before."""

from __future__ import annotations

CHECK = '[[step.check]]\nid = "{}"\nuse = "health.endpoint"\nwith.url = "{}"\n{}\n'


def test_the_headline_counts_what_cannot_run(triage, runbook) -> None:
    book = runbook(
        'vars.unset = { from = ["env:TRIAGE_TEST_UNSET"] }\n[[step]]\nid = "s"\n'
        + CHECK.format("a", "http://x/", 'tags = ["t"]')
        + CHECK.format("b", "${var.unset}", 'tags = ["t"]')
        + CHECK.format("c", "http://x/", "")
    )
    ran = triage("plan", book)
    assert ran.code == 0
    assert ran.out.startswith("test: 2 of 3 checks would run, 1 cannot, 0 by hand;")
    only = triage("plan", book, "--only", "c")
    assert only.out.startswith("test: 1 of 3 checks would run, 0 by hand;")


def test_a_secret_that_may_not_go_where_its_check_looks_is_shown(triage, runbook) -> None:
    book = runbook(
        '[secrets]\ntoken = { from = ["env:TOKEN"], send-to = ["https://good.example"] }\n'
        '[[step]]\nid = "s"\n'
        + "".join(
            CHECK.format(name, f"https://{name}.example/", "")
            + 'with.secret-headers.authorization = "Bearer ${secret.token}"\n'
            for name in ("good", "bad")
        )
    )
    ran = triage("plan", book, env={"TOKEN": "sk-0123456789abcdef"})
    told = " ".join(ran.out.split())
    assert "the secret 'token' may not go to https://bad.example: send-to leaves it out" in told
    assert "may not go to https://good.example" not in told


def test_a_long_id_does_not_push_the_rest_off_the_page(triage, runbook) -> None:
    long = "https://" + "x" * 150 + ".example/"
    book = runbook(
        f'[[step]]\nid = "s"\n[[step.check]]\nid = "c"\nuse = "health.endpoint"\n'
        f'for-each = ["{long}", "https://short/"]\nwith.url = "${{each}}"\n'
    )
    lines = triage("plan", book, env={"COLUMNS": "100"}).out.splitlines()
    assert all(len(line) <= 100 or "x" * 150 in line for line in lines)
    alone = lines.index(f"  c[{long}]")
    assert lines[alone + 1].split()[0] == "health.endpoint"
    short = next(line for line in lines if "c[https://short/]" in line)
    assert "health.endpoint" in short


def test_a_waiver_of_a_check_that_is_left_out_is_not_mentioned(triage, runbook, server) -> None:
    book = runbook(
        '[[step]]\nid = "s"\n'
        + CHECK.format("a", server.url(), "")
        + CHECK.format("b", server.url(), 'waive = [{ reason = "old", until = "2020-01-01" }]')
    )
    assert "waiver of b expired" in triage("run", book).out
    assert "waiver of" not in triage("run", book, "--only", "a").out
