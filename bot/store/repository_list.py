"""The repositories as a list: a page at a time, with what is open in each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.store.newest_runs import newest_runs
from bot.store.tables import JobState, findings, jobs, pull_requests, repositories, runs

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.scope import Scope

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """One repository.

    ``installed``: an installation of the App acts on it. ``trouble``: its newest configuration is not in force.
    ``findings`` are those of the newest run over each branch. ``failed``: a job there was given up, and no run came to
    its end.
    """

    id: int
    owner: str
    name: str
    installed: bool
    paused: bool
    trouble: bool
    open_pulls: int
    findings: int
    last_run: datetime | None
    failed: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Part of the list; ``number`` counts from 1, ``total`` is how many there are on all pages."""

    rows: tuple[Listed, ...]
    number: int
    pages: int
    total: int


def page(connection: Connection, scope: Scope, text: str = "", number: int = 1) -> Page:
    """The repositories whose ``owner/name`` has ``text`` in it, by name; the last page for a number beyond it."""
    name = repositories.c.owner + "/" + repositories.c.name
    conditions = [scope.holds(repositories.c.id)]
    if text:
        conditions.append(name.icontains(text, autoescape=True))
    total = connection.execute(
        sa.select(sa.func.count()).select_from(repositories).where(*conditions)
    ).scalar_one()
    pages = max(1, -(-total // PER_PAGE))
    number = min(max(1, number), pages)
    chosen = (
        sa.select(
            repositories.c.id,
            repositories.c.owner,
            repositories.c.name,
            repositories.c.installation_id.is_not(None),
            repositories.c.paused,
            repositories.c.config_trouble.is_not(None),
        )
        .where(*conditions)
        .order_by(sa.func.lower(repositories.c.owner), sa.func.lower(repositories.c.name), repositories.c.id)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    )
    rows = connection.execute(chosen).all()
    ids = [row[0] for row in rows]
    pulls, found, last = _open(connection, ids), _findings(connection, scope, ids), _last(connection, ids)
    given_up = _given_up(connection, ids)
    listed = tuple(
        Listed(
            id=row[0],
            owner=row[1],
            name=row[2],
            installed=row[3],
            paused=row[4],
            trouble=row[5],
            open_pulls=pulls.get(row[0], 0),
            findings=found.get(row[0], 0),
            last_run=last.get(row[0]),
            failed=row[0] in given_up and row[0] not in last,
        )
        for row in rows
    )
    return Page(listed, number, pages, total)


def _open(connection: Connection, ids: list[int]) -> dict[int, int]:
    chosen = (
        sa.select(pull_requests.c.repository_id, sa.func.count())
        .where(pull_requests.c.repository_id.in_(ids), pull_requests.c.state == "open")
        .group_by(pull_requests.c.repository_id)
    )
    return {row[0]: row[1] for row in connection.execute(chosen)}


def _findings(connection: Connection, scope: Scope, ids: list[int]) -> dict[int, int]:
    newest = newest_runs(scope, runs.c.repository_id.in_(ids))
    chosen = (
        sa.select(newest.c.repository_id, sa.func.count())
        .join(findings, findings.c.run_id == newest.c.id)
        .group_by(newest.c.repository_id)
    )
    return {row[0]: row[1] for row in connection.execute(chosen)}


def _given_up(connection: Connection, ids: list[int]) -> set[int]:
    chosen = sa.select(jobs.c.repository_id).where(
        jobs.c.repository_id.in_(ids), jobs.c.state == JobState.DEAD
    )
    return set(connection.execute(chosen).scalars())


def _last(connection: Connection, ids: list[int]) -> dict[int, datetime]:
    chosen = (
        sa.select(runs.c.repository_id, sa.func.max(runs.c.finished_at))
        .where(runs.c.repository_id.in_(ids))
        .group_by(runs.c.repository_id)
    )
    return {row[0]: row[1] for row in connection.execute(chosen)}
