"""One run of a job as a DBOS workflow: its steps in order, each answered once for all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import structlog
from dbos import DBOS

if TYPE_CHECKING:
    from bot.queue.steps import Steps

log = structlog.get_logger(__name__)
T = TypeVar("T")

NAME = "job"

MOST_RECOVERIES = 50
"""How often a run is taken up again after its process died, before it is a dead letter."""


class Workflow:
    """The steps put in order; counts how many runs are under way in this process."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._lock = threading.Lock()
        self.running = 0

    def register(self) -> None:
        """Make it known to DBOS, which must not have been launched yet."""

        def job(job_id: str, number: int) -> None:
            with self._lock:
                self.running += 1
            try:
                self._run(job_id, number)
            except Exception:
                log.exception("a job's workflow failed", job=job_id, run=number)
                raise
            finally:
                with self._lock:
                    self.running -= 1

        DBOS.workflow(name=NAME, max_recovery_attempts=MOST_RECOVERIES)(job)

    def _run(self, job: str, number: int) -> None:
        steps = self._steps
        decided = self._step("decide", lambda: steps.decide(job))
        if "dead" in decided:
            dead: dict[str, object] = {"kind": "dead", "reason": decided["dead"]}
            self._step("finish", lambda: steps.finish(job, number, dead))
            return
        begun = self._step("begin", lambda: steps.begin(job, number))
        if begun["cancel"]:
            DBOS.cancel_workflows(begun["cancel"])
        if begun["go"]:
            outcome = self._step("work", lambda: steps.work(job))
            self._step("finish", lambda: steps.finish(job, number, outcome))

    def _step(self, name: str, step: Callable[[], T]) -> T:
        return DBOS.run_step({"name": name}, lambda: self._steps.persistently(step))
