"""What the database knows, as metrics: read when it is asked for, and kept for a few seconds.

Every process of a service answers the same here: take the maximum over them, not the sum.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy.exc import SQLAlchemyError

from bot.store.stuck import count_stuck
from bot.store.tables import DeliveryState, JobState, deliveries, findings, jobs, pull_requests, runs

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric
    from sqlalchemy import Connection

    from bot.store.database import Database

log = structlog.get_logger(__name__)

SOON, SELDOM = 5.0, 60.0
"""Seconds that the queue's figures are kept, and those that are read from whole tables."""

MOST_RULES = 200
"""An operator may add rules; of more than so many, the ones with the fewest findings are left out."""

STATEMENT_SECONDS = 3
_STATES = (JobState.WAITING, JobState.RUNNING, JobState.LATER, JobState.DEAD)


class DatabaseGauges:
    """Gives the figures of one database; safe for several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._kept: dict[Callable[[Connection], list[Metric]], tuple[float, list[Metric]]] = {}

    def collect(self) -> Iterator[Metric]:
        """The figures; only ``patchwright_database_up`` is there whatever happens."""
        up = True
        with self._lock:
            for read, seconds in ((_queue, SOON), (_whole, SELDOM)):
                at, families = self._kept.get(read, (-seconds, []))
                if time.monotonic() - at >= seconds:
                    try:
                        families = self._read(read)
                    except SQLAlchemyError as error:
                        log.warning("metrics could not be read", error=type(error).__name__)
                        families, up = [], False
                    else:
                        self._kept[read] = (time.monotonic(), families)
                yield from families
        yield GaugeMetricFamily("patchwright_database_up", "1 if the database answers", value=float(up))

    def _read(self, read: Callable[[Connection], list[Metric]]) -> list[Metric]:
        with self._database.read() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'"))
            return read(connection)


def _queue(connection: Connection) -> list[Metric]:
    now = datetime.now(UTC)
    depth = GaugeMetricFamily(
        "patchwright_jobs", "Jobs that have not come to an end, and dead ones", labels=["state"]
    )
    oldest = GaugeMetricFamily(
        "patchwright_oldest_job_seconds",
        "Since when the oldest waits (waiting), is at work (running), should have gone on (later), or is dead",
        labels=["state"],
    )
    since = {
        JobState.WAITING: jobs.c.queued_at,
        JobState.RUNNING: jobs.c.started_at,
        JobState.LATER: jobs.c.due_at,
        JobState.DEAD: jobs.c.finished_at,
    }
    for state in _STATES:
        chosen = sa.select(sa.func.count(), sa.func.min(since[state])).where(jobs.c.state == state)
        count, first = connection.execute(chosen).one()
        depth.add_metric([state.value], count)
        oldest.add_metric([state.value], max(0.0, (now - first).total_seconds()) if first else 0.0)
    stuck = GaugeMetricFamily(
        "patchwright_stuck_jobs", "Jobs that do not come to an end, as the pages show them", labels=["why"]
    )
    for why, number in count_stuck(connection, now=now).items():
        stuck.add_metric([why.value], number)
    dead_ones = sa.select(sa.func.count()).where(deliveries.c.state == DeliveryState.DEAD)
    dead = GaugeMetricFamily(
        "patchwright_dead_deliveries",
        "Deliveries whose work could not be done",
        value=connection.execute(dead_ones).scalar_one(),
    )
    return [depth, oldest, stuck, dead]


def _whole(connection: Connection) -> list[Metric]:
    return [_findings(connection), _pulls(connection)]


def _findings(connection: Connection) -> Metric:
    newest = sa.select(sa.func.max(runs.c.id)).group_by(runs.c.repository_id, runs.c.branch)
    counted = sa.func.count()
    chosen = (
        sa.select(findings.c.rule, findings.c.applicability, counted)
        .where(findings.c.run_id.in_(newest))
        .group_by(findings.c.rule, findings.c.applicability)
        .order_by(counted.desc())
        .limit(4 * MOST_RULES)
    )
    family = GaugeMetricFamily(
        "patchwright_findings",
        "Open findings: those of the newest run over each branch",
        labels=["rule", "applicability"],
    )
    return _labelled(family, connection.execute(chosen))


def _pulls(connection: Connection) -> Metric:
    counted = sa.func.count()
    chosen = (
        sa.select(pull_requests.c.rule, pull_requests.c.state, counted)
        .group_by(pull_requests.c.rule, pull_requests.c.state)
        .order_by(counted.desc())
        .limit(4 * MOST_RULES)
    )
    family = GaugeMetricFamily(
        "patchwright_pull_requests",
        "The App's pull requests that are kept; state: open, merged, declined (by a person), settled (by the App)",
        labels=["rule", "state"],
    )
    rows = connection.execute(chosen)
    return _labelled(
        family, ((rule or "none", "declined" if state == "closed" else state, n) for rule, state, n in rows)
    )


def _labelled(family: GaugeMetricFamily, rows: Iterable[tuple[str, str, int]]) -> Metric:
    for first, second, number in rows:
        family.add_metric([first, second], number)
    return family
