"""Jobs that do not come to an end: dead, at work for too long, or waiting for too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.store.tables import JobState, jobs

if TYPE_CHECKING:
    from sqlalchemy import Connection

RUNNING_TOO_LONG = timedelta(minutes=30)
"""An analysis may take five minutes, if the operator does not say otherwise; a job publishes beside it."""

WAITING_TOO_LONG = timedelta(minutes=30)
"""A job waits for those before it of the same repository, and for a free worker."""

OVERDUE = timedelta(minutes=5)
"""After its pause a job is put into the queue within a second."""


class Why(StrEnum):
    """What is the matter with a job."""

    RUNNING = "running"
    WAITING = "waiting"
    OVERDUE = "overdue"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Stuck:
    """One such job. ``since``: when it began to run, to wait, was due, or died (UTC). ``reason`` may be None.

    ``kind`` is that of its work, None if nobody asked for it yet. A dead one can be put back (`Queue.retry`); the
    others go on by themselves, or tell of workers that do not.
    """

    id: str
    why: Why
    since: datetime
    repository_id: int | None
    delivery: str | None
    kind: str | None
    reason: str | None


def conditions(now: datetime) -> dict[Why, tuple[sa.ColumnElement[bool], sa.ColumnElement[datetime]]]:
    """For each kind of trouble, which rows of ``jobs`` have it, and the column that says since when."""
    return {
        Why.DEAD: (jobs.c.state == JobState.DEAD, jobs.c.finished_at),
        Why.RUNNING: (
            sa.and_(jobs.c.state == JobState.RUNNING, jobs.c.started_at < now - RUNNING_TOO_LONG),
            jobs.c.started_at,
        ),
        Why.WAITING: (
            sa.and_(jobs.c.state == JobState.WAITING, jobs.c.queued_at < now - WAITING_TOO_LONG),
            jobs.c.queued_at,
        ),
        Why.OVERDUE: (
            sa.and_(jobs.c.state == JobState.LATER, jobs.c.due_at < now - OVERDUE),
            jobs.c.due_at,
        ),
    }


def stuck(connection: Connection, most: int = 200, *, now: datetime | None = None) -> list[Stuck]:
    """The jobs that are stuck, the longest first within each kind of trouble; ``most`` of each kind."""
    found: list[Stuck] = []
    for why, (condition, since) in conditions(now or datetime.now(UTC)).items():
        chosen = (
            sa.select(
                jobs.c.id,
                since,
                jobs.c.repository_id,
                jobs.c.delivery,
                jobs.c.work["kind"].as_string(),
                jobs.c.reason,
            )
            .where(condition)
            .order_by(since)
            .limit(most)
        )
        found += [Stuck(row[0], why, *row[1:]) for row in connection.execute(chosen)]
    return found


def count_stuck(connection: Connection, *, now: datetime | None = None) -> dict[Why, int]:
    """How many there are of each kind."""
    found = conditions(now or datetime.now(UTC))
    chosen = [
        sa.select(sa.func.count()).where(condition).scalar_subquery() for condition, _ in found.values()
    ]
    return dict(zip(found, connection.execute(sa.select(*chosen)).one(), strict=True))
