"""Rows that are old, deleted. What waits stays, and so does what is true now, however long it has been."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.queue.records import OPEN
from bot.store.forgetting import forget_uninstalled
from bot.store.tables import DeliveryState, deliveries, jobs, pull_requests, redeliveries, runs, sessions

if TYPE_CHECKING:
    from sqlalchemy import Connection

ASKED_DAYS = 8
"""GitHub repeats deliveries for three days, an Enterprise Server for seven: afterwards it need not be known."""


def clean_up(connection: Connection, days: int, *, now: datetime | None = None) -> dict[str, int]:
    """Deletes what ended more than so many days ago; how much of what.

    Deliveries and jobs that ended, dead ones too, with payload, steps and log; runs with their findings; pull requests
    that were merged, or closed by the App. Those that people closed stay: what they declined holds on. Sessions that
    have expired and deliveries of installations that are gone are deleted whatever their age.
    """
    now = now or datetime.now(UTC)
    before = now - timedelta(days=days)
    closed = sa.func.coalesce(pull_requests.c.closed_at, pull_requests.c.opened_at)
    old = {
        "deliveries": sa.delete(deliveries).where(
            deliveries.c.state != DeliveryState.WAITING, deliveries.c.finished_at < before
        ),
        "jobs": sa.delete(jobs).where(
            jobs.c.delivery.is_(None), jobs.c.state.not_in(OPEN), jobs.c.finished_at < before
        ),
        "runs": sa.delete(runs).where(runs.c.finished_at < before),
        "pull_requests": sa.delete(pull_requests).where(
            pull_requests.c.state.in_(("merged", "settled")), closed < before
        ),
        "sessions": sa.delete(sessions).where(sessions.c.expires_at < now),
        "redeliveries": sa.delete(redeliveries).where(
            redeliveries.c.asked_at < now - timedelta(days=ASKED_DAYS)
        ),
    }
    gone = {what: connection.execute(statement).rowcount for what, statement in old.items()}
    gone["deliveries"] += forget_uninstalled(connection)
    return gone
