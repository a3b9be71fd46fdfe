"""One attempt of a job with all eyes on it: its log lines bound to it, steps and log kept, time counted, traced."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.store import history
from bot.watching import metrics, traces
from bot.watching.steps import Record, recorded

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.jobs.outcome import Outcome
    from bot.queue.port import Job
    from bot.store.database import Database

log = structlog.get_logger(__name__)


def watched(job: Job, database: Database, run: Callable[[], Outcome]) -> Outcome:
    """What ``run`` gives. Steps and log of this attempt take the place of those before, also where ``run`` raises."""
    work = job.work
    repository = None if work.kind == "ignored" else work.repository.full_name
    bound = structlog.contextvars.bound_contextvars(job=job.id, delivery=job.delivery, repository=repository)
    started = time.perf_counter()
    with bound, recorded(work.kind) as record, traces.job(job, repository) as traced:
        log.info("a job's run begins", kind=work.kind, attempt=job.attempt, reason=work.reason)
        try:
            outcome = run()
            traced.ended(outcome.kind)
        finally:
            metrics.JOB_SECONDS.labels(work.kind).observe(time.perf_counter() - started)
            _keep(job.id, database, record)
    return outcome


def _keep(job: str, database: Database, record: Record) -> None:
    """The record is for people to look at: without it the job has been done all the same."""
    try:
        with database.write() as connection:
            history.record_attempt(connection, job, record.steps, record.log())
    except SQLAlchemyError as error:
        log.warning("steps and log of a job could not be kept", error=type(error).__name__)
