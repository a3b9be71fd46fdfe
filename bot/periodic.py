"""Something that is done again and again beside the service's work, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


class Periodic:
    """Calls ``task`` at once, and then every so many seconds as the task answers, until stopped.

    What the task raises goes to the log, and it is called again after ``again`` seconds.
    """

    def __init__(self, name: str, task: Callable[[], float], again: float = 60.0) -> None:
        self._task, self._again = task, again
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Does not begin another round; one that is under way ends with the process at the latest."""
        self._stopped.set()

    def _run(self) -> None:
        wait = 0.0
        while not self._stopped.wait(wait):
            try:
                wait = self._task()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next round may work
                log.warning("a regular task failed", task=self._thread.name, error=type(error).__name__)
                wait = self._again
