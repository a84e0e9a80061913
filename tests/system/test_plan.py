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


def test_it_says_where_checks_look_that_have_no_url_in_the_runbook(triage, runbook) -> None:
    book = runbook(
        '[secrets]\ndsn = { from = ["env:DSN"] }\n'
        '[allow]\ndb = { reveal = ["dsn"] }\n'
        '[[step]]\nid = "s"\n'
        '[[step.check]]\nid = "session"\nuse = "db.reachable"\nattempts = 3\n'
        'with.url = "${secret.dsn}"\n'
        '[[step.check]]\nid = "containers"\nuse = "deploy.containers"\n'
        'with.containers = ["shop/*"]\nwith.docker-host = "tcp://127.0.0.1:2375"\n'
        '[[step.check]]\nid = "lines"\nuse = "logs.scan"\n'
        'with.docker = ["shop/api"]\nwith.files = ["/var/log/app.log"]\n'
    )
    dsn = "postgresql://me:hunter2-and-more@db.example/shop"
    ran = triage("plan", book, env={"DSN": dsn, "COLUMNS": "300"})
    assert ran.code == 0
    rows = {line.split()[0]: " ".join(line.split()) for line in ran.out.splitlines() if line}
    assert "→ the secret 'dsn'; up to 3 attempts, 1 must pass; at most 5 s each" in rows["session"]
    assert "→ shop/* of tcp://127.0.0.1:2375; at most 5 s" in rows["containers"]
    assert rows["lines"].count("→ /var/log/app.log, shop/api of unix:///var/run/docker.sock") == 1
    assert "hunter2" not in ran.out and "db.example" not in ran.out


def test_an_unknown_tag_selects_nothing_and_leaves_nothing_out(triage, runbook) -> None:
    book = runbook('[[step]]\nid = "s"\n' + CHECK.format("a", "http://x/", 'tags = ["quick"]'))
    for command in ("plan", "run"):
        for option in ("--tag", "--skip-tag"):
            ran = triage(command, book, option, "quikc")
            assert (ran.code, ran.out) == (2, "")
            assert ran.err == (
                "triage: no check has the tag 'quikc'. Did you mean 'quick'?\n"
                "  This runbook has: quick.\n"
            )
