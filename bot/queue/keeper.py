"""The queue's housekeeping, in a thread of its own: signs of life, taking over, ends nobody recorded, retention."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog
from dbos import DBOS

from bot.jobs.outcome import Dead
from bot.queue import executors, records
from bot.queue.records import OPEN
from bot.watching import metrics

if TYPE_CHECKING:
    from bot.store.database import Database

log = structlog.get_logger(__name__)

EVERY_MINUTE, EVERY_HOUR = 60.0, 3600.0
AT_ONCE = 500
"""How many of DBOS's rows are deleted in one transaction."""

_GOING = ["PENDING", "ENQUEUED", "DELAYED"]
_WHY = {
    "ERROR": "an internal error, which the log says more about",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "its process died too often while it ran",
}
_LOST = "it was not known to the job queue any more"
_FAILED = [*_WHY]
_OVER = ["SUCCESS", "CANCELLED", *_FAILED]


class Keeper:
    """Keeps house for one process's queue until `stop`."""

    def __init__(self, database: Database, executor: str, queue: str, keep: timedelta) -> None:
        self._database, self._executor, self._queue, self._keep = database, executor, queue, keep
        self._alone = database.url.get_backend_name() != "postgresql"
        self._stopped = threading.Event()
        self._only_beat = False
        self._reached = time.monotonic()
        self._thread = threading.Thread(target=self._live, name="queue-keeper", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def only_beat(self) -> None:
        """From now on give signs of life and nothing else."""
        self._only_beat = True

    def stop(self, *, leave: bool) -> None:
        """End; with ``leave``, others need not wait to take over what was left to be run."""
        self._stopped.set()
        self._thread.join(timeout=10)
        if leave and not self._alone:
            with self._database.write() as connection:
                executors.leave(connection, self._executor)

    def healthy(self) -> str | None:
        """None, or since when the database has not been reached."""
        seconds = time.monotonic() - self._reached
        if seconds > executors.GIVEN_UP:
            return f"the job queue's database has not been reached for {seconds:.0f} seconds"
        return None

    def _live(self) -> None:
        minute = hour = -EVERY_HOUR
        while not self._stopped.is_set():
            started = time.monotonic()
            try:
                self._beat()
                if self._only_beat:
                    continue
                if not self._alone:
                    self._take_over()
                if started - minute >= EVERY_MINUTE:
                    self._record_ends()
                    minute = started
                if started - hour >= EVERY_HOUR:
                    self._delete_old()
                    hour = started
            except Exception as error:  # noqa: BLE001 - housekeeping goes on when the database is back
                log.warning("the queue's housekeeping failed", error=type(error).__name__)
            finally:
                self._stopped.wait(executors.BEAT)

    def _beat(self) -> None:
        if self._alone:
            with self._database.read() as connection:
                connection.execute(sa.select(1))
        else:
            with self._database.write() as connection:
                executors.beat(connection, self._executor)
        self._reached = time.monotonic()

    def _take_over(self) -> None:
        pending = DBOS.list_workflows(
            status="PENDING", queue_name=self._queue, load_input=False, load_output=False
        )
        others = {each.executor_id for each in pending if each.executor_id} - {self._executor}
        if not others:
            return
        with self._database.write() as connection:
            gone = executors.silent(connection, others)
        if gone:
            log.warning("jobs of processes that are gone are taken over", executors=gone)
            # Underscored in DBOS, and the only way: its own recovery looks for its own executor id.
            DBOS._recover_pending_workflows(gone)

    def _record_ends(self) -> None:
        """Make dead letters of jobs whose workflow ended without an outcome: it failed, or was taken up too often."""
        failed = DBOS.list_workflows(status=_FAILED, load_input=False, load_output=False)
        with self._database.read() as connection:
            runs = records.open_runs(connection, [each.workflow_id for each in failed])
            running = records.running(connection)
        known = []
        if running:  # DBOS takes an empty list for every workflow
            known = DBOS.list_workflows(
                workflow_ids=[run.workflow for run in running], load_input=False, load_output=False
            )
        ended = {each.workflow_id: each.status for each in (*failed, *known)}
        going = {each.workflow_id for each in known if each.status in _GOING}
        runs += [run for run in running if run.workflow not in going]
        for run in runs:
            with self._database.write() as connection:
                row = records.read(connection, run.job)
                if row is None or row["run"] != run.number or row["state"] not in OPEN:
                    continue  # it has moved on since
                records.end(connection, row, Dead(reason=_WHY.get(ended.get(run.workflow, ""), _LOST)))
                metrics.RUNS.labels((row["work"] or {}).get("kind", "unknown"), "dead").inc()
                log.error("a job ended without an outcome", job=run.job, run=run.number, kind="dead")

    def _delete_old(self) -> None:
        before = (records.now() - self._keep).isoformat()
        while not self._stopped.is_set():
            old = DBOS.list_workflows(
                status=_OVER, completed_before=before, limit=AT_ONCE, load_input=False, load_output=False
            )
            DBOS.delete_workflows([each.workflow_id for each in old])
            if len(old) < AT_ONCE:
                break
        with self._database.write() as connection:
            records.delete_ended(connection, records.now() - self._keep)
            if not self._alone:
                executors.forget_silent(connection)
