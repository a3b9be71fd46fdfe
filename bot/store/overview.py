"""What happened in some days, and what waits: the figures of the overview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.store.newest_runs import newest_runs
from bot.store.stuck import Why, conditions
from bot.store.tables import (
    DeliveryState,
    JobState,
    deliveries,
    findings,
    jobs,
    pull_requests,
    repositories,
    runs,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.scope import Scope


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull request that was opened or closed in the time asked for. ``state`` as in ``bot.store.history.PullRow``."""

    repository_id: int
    repository: str
    number: int
    rule: str
    title: str
    state: str
    opened_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class RuleFindings:
    """A rule's findings in the newest run over each branch, and in how many repositories they are."""

    rule: str
    findings: int
    repositories: int


@dataclass(frozen=True, slots=True)
class Work:
    """How many runs ended in the time asked for, over how many repositories and files."""

    runs: int
    repositories: int
    files: int


@dataclass(frozen=True, slots=True)
class Queue:
    """Jobs by what they wait for; ``oldest`` is since when the first of those that could begin waits."""

    waiting: int
    running: int
    later: int
    dead: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class StuckJob:
    """A job that does not come to an end, and since when; its repository is None where it has none that is known."""

    id: str
    repository_id: int | None
    repository: str | None
    reason: str | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Known:
    """How many repositories there are, how many are paused, and those whose newest configuration is not in force."""

    repositories: int
    paused: int
    in_trouble: tuple[tuple[int, str], ...]


def pulls_since(connection: Connection, scope: Scope, since: datetime) -> list[Pull]:
    """The pull requests that were opened or closed from then on, the newest event first."""
    event = sa.func.coalesce(pull_requests.c.closed_at, pull_requests.c.opened_at)
    chosen = (
        sa.select(
            pull_requests.c.repository_id,
            _name().label("repository"),
            pull_requests.c.number,
            pull_requests.c.rule,
            pull_requests.c.title,
            pull_requests.c.state,
            pull_requests.c.opened_at,
            pull_requests.c.closed_at,
        )
        .join(repositories, repositories.c.id == pull_requests.c.repository_id)
        .where(
            scope.holds(pull_requests.c.repository_id),
            sa.or_(pull_requests.c.opened_at >= since, pull_requests.c.closed_at >= since),
        )
        .order_by(event.desc(), pull_requests.c.repository_id, pull_requests.c.number.desc())
    )
    return [Pull(*row) for row in connection.execute(chosen)]


def findings_by_rule(connection: Connection, scope: Scope) -> list[RuleFindings]:
    """What is found now, the rule with the most findings first."""
    newest = newest_runs(scope)
    count = sa.func.count()
    chosen = (
        sa.select(findings.c.rule, count, sa.func.count(newest.c.repository_id.distinct()))
        .join(newest, newest.c.id == findings.c.run_id)
        .group_by(findings.c.rule)
        .order_by(count.desc(), findings.c.rule)
    )
    return [RuleFindings(*row) for row in connection.execute(chosen)]


def work_since(connection: Connection, scope: Scope, since: datetime) -> Work:
    """The runs that ended from then on."""
    chosen = sa.select(
        sa.func.count(),
        sa.func.count(runs.c.repository_id.distinct()),
        sa.func.coalesce(sa.func.sum(runs.c.files), 0),
    ).where(scope.holds(runs.c.repository_id), runs.c.finished_at >= since)
    ended, seen, files = connection.execute(chosen).one()
    return Work(ended, seen, int(files))


def queue(connection: Connection, scope: Scope) -> Queue:
    """What is in the queue now."""
    chosen = (
        sa.select(jobs.c.state, sa.func.count(), sa.func.min(jobs.c.queued_at))
        .where(
            scope.holds(jobs.c.repository_id),
            jobs.c.state.in_((JobState.WAITING, JobState.RUNNING, JobState.LATER, JobState.DEAD)),
        )
        .group_by(jobs.c.state)
    )
    found = {row[0]: (row[1], row[2]) for row in connection.execute(chosen)}
    nothing = (0, None)
    return Queue(
        waiting=found.get(JobState.WAITING, nothing)[0],
        running=found.get(JobState.RUNNING, nothing)[0],
        later=found.get(JobState.LATER, nothing)[0],
        dead=found.get(JobState.DEAD, nothing)[0],
        oldest=found.get(JobState.WAITING, nothing)[1],
    )


def stuck_jobs(connection: Connection, scope: Scope, now: datetime, most: int) -> dict[Why, list[StuckJob]]:
    """The newest dead jobs, and the oldest of those that take too long; at most so many of each kind."""
    found = {}
    for why, (condition, since) in conditions(now).items():
        order = jobs.c.queued_at.desc() if why is Why.DEAD else jobs.c.queued_at
        chosen = (
            sa.select(jobs.c.id, jobs.c.repository_id, _name(), jobs.c.reason, since)
            .join(repositories, repositories.c.id == jobs.c.repository_id, isouter=True)
            .where(scope.holds(jobs.c.repository_id), condition)
            .order_by(order, jobs.c.id)
            .limit(most)
        )
        found[why] = [StuckJob(*row) for row in connection.execute(chosen)]
    return found


def dead_deliveries(connection: Connection, scope: Scope) -> int:
    """How many deliveries could not be worked on."""
    chosen = sa.select(sa.func.count()).where(
        scope.holds(deliveries.c.repository_id), deliveries.c.state == DeliveryState.DEAD
    )
    return connection.execute(chosen).scalar_one()


def known(connection: Connection, scope: Scope, most: int) -> Known:
    """The repositories; at most so many of those in trouble."""
    within = scope.holds(repositories.c.id)
    chosen = sa.select(
        sa.func.count(), sa.func.coalesce(sa.func.sum(sa.cast(repositories.c.paused, sa.Integer)), 0)
    ).where(within)
    count, paused = connection.execute(chosen).one()
    trouble = (
        sa.select(repositories.c.id, _name())
        .where(within, repositories.c.config_trouble.is_not(None))
        .order_by(repositories.c.owner, repositories.c.name)
        .limit(most)
    )
    return Known(count, int(paused), tuple((row[0], row[1]) for row in connection.execute(trouble)))


def _name() -> sa.ColumnElement[str]:
    return repositories.c.owner + "/" + repositories.c.name
