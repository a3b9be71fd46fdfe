"""The four steps of one run: decide what is to be done, begin, do the work, finish.

Each is idempotent: DBOS runs a step again if the process died before it noted down the step's answer.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, TypedDict, TypeVar

import sqlalchemy as sa
import structlog

from bot.events.work import WORK, Ignored, Work
from bot.jobs.outcome import OUTCOME, Dead, Done, Later, Outcome, Retry, Superseded
from bot.queue import records
from bot.queue.pauses import pause
from bot.queue.port import Handler, Job
from bot.queue.records import Run
from bot.store.tables import JobState
from bot.watching import metrics

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from bot.store.database import Database

log = structlog.get_logger(__name__)
T = TypeVar("T")

LOOK_AHEAD = 20
"""How many of a repository's waiting jobs are looked at to see whether they make an older one needless."""

Enqueue = Callable[["Connection", Run, float | None], None]
"""Enqueues a run in the caller's transaction, at once or after so many seconds."""


class Begun(TypedDict):
    """Whether the run is to go on, and the workflows that are needless as well."""

    go: bool
    cancel: list[str]


Decide = Callable[["Connection", str], Sequence[Work]]
"""What the delivery with this id asks for; reads the delivery in the given transaction."""


@dataclass(frozen=True)
class Steps:
    """The steps, for one process's queue."""

    database: Database
    enqueue: Enqueue
    decide_delivery: Decide
    handler: Handler

    def decide(self, job: str) -> dict[str, str]:
        """Find out what the job is for and write it down; several repositories become a job each.

        ``{"dead": reason}`` where the delivery cannot be understood, else nothing.
        """
        with self.database.write() as connection:
            row = records.read(connection, job)
            if row is None or row["state"] not in records.OPEN or row["work"] is not None:
                return {}
            try:
                works = self.decide_delivery(connection, row["delivery"])
            except sa.exc.SQLAlchemyError:
                raise
            except Exception as error:
                log.exception("a delivery could not be understood", job=job)
                return {"dead": f"the delivery could not be understood ({type(error).__name__})"}
            if not self._write_down(connection, row, works):
                self._split(connection, row, works)
                return {}
            if row["repository_id"] is not None:
                self._look_ahead(connection, row["repository_id"])
        return {}

    def begin(self, job: str, number: int) -> Begun:
        """Take the run up, unless a newer job makes it needless."""
        with self.database.write() as connection:
            row = records.read(connection, job)
            if row is None or row["run"] != number or row["state"] not in records.OPEN:
                return {"go": False, "cancel": []}
            newest = records.successor(connection, row)
            if newest is not None:
                needless = records.supersede_older(connection, newest)
                records.end(connection, row, Superseded(by=newest))
                others = [run.workflow for run in needless if run.job != job]
                _count(row, "superseded", 1 + len(others))
                return {"go": False, "cancel": others}
            records.hold_partition(connection, row["partition"])
            other = records.other_running(connection, row)
            if other is not None and connection.dialect.name == "postgresql":
                self._later(connection, row, 1.0, f"{other} is at work on the same repository", row["failed"])
                return {"go": False, "cancel": []}
            records.change(connection, job, state=JobState.RUNNING, started_at=records.now(), due_at=None)
        return {"go": True, "cancel": []}

    def work(self, job: str) -> dict[str, object]:
        """Hand the job to the handler; what it raises, by its type only, makes it one to be tried again."""
        with self.database.read() as connection:
            row = records.read(connection, job, lock=False)
        if row is None:
            return _dumped(Dead(reason="the job's row is gone"))
        try:
            handed = Job(job, row["delivery"], row["failed"] + 1, WORK.validate_python(row["work"]))
            return _dumped(self.handler(handed))
        except Exception as error:
            log.exception("a job failed unexpectedly", job=job, attempt=row["failed"] + 1)
            return _dumped(Retry(reason=f"unexpected {type(error).__name__}"))

    def finish(self, job: str, number: int, answer: dict[str, object]) -> None:
        """Record how the run ended and, where that is to be, enqueue the next one."""
        outcome = OUTCOME.validate_python(answer)
        with self.database.write() as connection:
            row = records.read(connection, job)
            if row is None or row["run"] != number or row["state"] not in records.OPEN:
                return
            match outcome:
                case Later(at=at, reason=reason):
                    due = at if at.tzinfo else at.replace(tzinfo=UTC)
                    seconds = (due - records.now()).total_seconds()
                    self._later(connection, row, seconds, reason, row["failed"])
                case Retry(reason=reason):
                    failed = row["failed"] + 1
                    wait = pause(failed, random.random)
                    if wait is None:
                        outcome = Dead(reason=f"gave up after {failed} attempts; the last: {reason}")
                        records.end(connection, row, outcome, failed=failed)
                    else:
                        self._later(connection, row, wait, reason, failed)
                case Done() | Superseded() | Dead():
                    records.end(connection, row, outcome)
        _count(row, outcome.kind)
        log.info("a job's run has ended", job=job, run=number, **outcome.model_dump(mode="json"))

    def persistently(self, step: Callable[[], T]) -> T:
        """``step()``, again and again while the database is not to be had: a job must not end by that."""
        wait = 0.5
        while True:
            try:
                return step()
            except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError) as error:
                log.warning("the database is not to be had", error=type(error).__name__, again_in=wait)
            time.sleep(wait)
            wait = min(2 * wait, 10.0)

    def _later(
        self, connection: Connection, row: RowMapping, seconds: float, reason: str, failed: int
    ) -> None:
        seconds = max(seconds, 1.0)
        due = records.now() + timedelta(seconds=seconds)
        following = Run(row["id"], row["run"] + 1, row["partition"])
        records.change(
            connection,
            row["id"],
            state=JobState.LATER,
            run=following.number,
            failed=failed,
            reason=reason,
            due_at=due,
        )
        self.enqueue(connection, following, seconds)

    def _write_down(self, connection: Connection, row: RowMapping, works: Sequence[Work]) -> bool:
        """Note what the job is for, if that is one thing in its own partition."""
        if len(works) != 1 or _partition(works[0]) not in {None, row["partition"]}:
            return False
        records.change(connection, row["id"], **records.decided(works[0]))
        return True

    def _look_ahead(self, connection: Connection, repository: int) -> None:
        for row in records.undecided(connection, repository, LOOK_AHEAD):
            try:
                works = self.decide_delivery(connection, row["delivery"])
            except sa.exc.SQLAlchemyError:
                raise
            except Exception:  # noqa: BLE001, S112 - it will be said when its own turn comes
                continue
            self._write_down(connection, row, works)

    def _split(self, connection: Connection, row: RowMapping, works: Sequence[Work]) -> None:
        seen: dict[str, int] = {}
        for work in works:
            partition = _partition(work) or row["partition"]
            seen[partition] = seen.get(partition, 0) + 1
            name = f"{row['id']}-{partition}" + (f"-{seen[partition]}" if seen[partition] > 1 else "")
            run = Run(name, 1, partition)
            if records.add(connection, run, row["delivery"], work):
                self.enqueue(connection, run, None)
        records.end(connection, row, Done(summary=f"{len(works)} jobs were enqueued"))


def _count(row: RowMapping, outcome: str, times: int = 1) -> None:
    metrics.RUNS.labels((row["work"] or {}).get("kind", "unknown"), outcome).inc(times)


def _partition(work: Work) -> str | None:
    return None if isinstance(work, Ignored) else str(work.repository.id)


def _dumped(outcome: Outcome) -> dict[str, object]:
    dumped: dict[str, object] = OUTCOME.dump_python(outcome, mode="json")
    return dumped
