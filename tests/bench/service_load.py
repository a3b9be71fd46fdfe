"""Sends webhooks at a steady rate, from a process of its own: ``python -m tests.bench.service_load FOLDER URL RATE``.

``FOLDER`` holds ``deliveries.json``: a list of headers and body, sent in this order. What came of each is written to
``answers.json`` there: the status, and the seconds from when it was due until it was answered, so that a delivery
that had to wait for a slow one before it counts as slow, too.
"""

from __future__ import annotations

import http.client
import itertools
import json
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 16


def main() -> None:
    """Send them all."""
    folder, url, rate = Path(sys.argv[1]), urlsplit(sys.argv[2]), float(sys.argv[3])
    deliveries = [
        (headers, body.encode()) for headers, body in json.loads((folder / "deliveries.json").read_text())
    ]
    answers: list[tuple[int, float]] = [(0, 0.0)] * len(deliveries)
    following = itertools.count()
    began = time.perf_counter()

    def send() -> None:
        connection = http.client.HTTPConnection(url.hostname or "", url.port or 80, timeout=60)
        while (number := next(following)) < len(deliveries):
            due = began + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            headers, body = deliveries[number]
            connection.request("POST", "/webhooks/github", body, headers)
            answer = connection.getresponse()
            answer.read()
            answers[number] = (answer.status, time.perf_counter() - due)

    threads = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    (folder / "answers.json").write_text(json.dumps(answers))


if __name__ == "__main__":
    main()
