#!/usr/bin/python3
"""Asks a lab's API as a busy morning does, until it is told to end, and at most for a minute.

usage: load.py THREADS      (in a lab: needs LAB_API and LAB_CLERK_TOKEN)

Ends with the number of answers, and the number of those that were 5xx or none, on stdout.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter

SECONDS = 60.0
PATHS = ("/healthz", "/readyz", "/api/v1/boards", "/api/v1/gateways")

end = threading.Event()
answers: Counter[str] = Counter()


def ask(url: str) -> str:
    request = urllib.request.Request(url)
    request.add_header("Authorization", f"Bearer {os.environ['LAB_CLERK_TOKEN']}")
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            response.read()
            return str(response.status)
    except urllib.error.HTTPError as error:
        return str(error.code)
    except OSError:
        return "none"


def work(number: int) -> None:
    until = time.monotonic() + SECONDS
    while not end.is_set() and time.monotonic() < until:
        answers[ask(os.environ["LAB_API"] + PATHS[number % len(PATHS)])] += 1
        number += 1


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: end.set())
    threads = [threading.Thread(target=work, args=(n,)) for n in range(int(sys.argv[1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bad = sum(n for status, n in answers.items() if not status.startswith(("2", "3", "4")))
    print(sum(answers.values()), bad)
    return 0


if __name__ == "__main__":
    sys.exit(main())
