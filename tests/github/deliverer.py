"""The thread that sends webhooks, one after another."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from tests.github.exchanges import Delivery
    from tests.github.server import StandIn


class Deliverer:
    """Sends deliveries one after another to ``github.webhook_url``, else to the App's own; without they stay pending."""

    def __init__(self, github: StandIn) -> None:
        self._github = github
        self._queue: queue.Queue[Delivery | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._client = httpx.Client(timeout=10, verify=False)  # loading certificates takes 50 ms

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Send no more."""
        self._queue.put(None)
        self._thread.join(timeout=15)
        self._client.close()

    def add(self, delivery: Delivery) -> None:
        """Send this one when its turn comes."""
        self._queue.put(delivery)

    def wait(self) -> None:
        """Come back when everything so far was answered."""
        self._queue.join()

    def _run(self) -> None:
        while True:
            delivery = self._queue.get()
            try:
                if delivery is None:
                    return
                self._send(delivery)
            finally:
                self._queue.task_done()

    def _send(self, delivery: Delivery) -> None:
        app = self._github.apps.get(delivery.app_id)
        url = self._github.webhook_url or (app.hook_url if app is not None else None)
        if url is None:
            return
        started = time.monotonic()
        delivery.delivered_at = self._github.clock.iso()
        try:
            answer = self._client.post(url, content=delivery.body, headers=delivery.headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            delivery.status, delivery.response_body = "failed to connect", type(error).__name__
        else:
            delivery.status_code = answer.status_code
            delivery.status = "OK" if answer.is_success else f"Invalid HTTP Response: {answer.status_code}"
            delivery.response_headers = dict(answer.headers)
            delivery.response_body = answer.text[:2000]
        delivery.duration = time.monotonic() - started
