"""One repository as its page shows it: configuration, findings, pull requests, runs."""

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

RUNS_PER_PAGE = 20
MOST_FINDINGS = 500
"""Of one branch, no more findings than these are listed; all are counted."""
MOST_PULLS = 200
MOST_FAILED = 10


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository.

    ``config_source`` is the file in force, None for the defaults (or where none was read yet: then ``config_sha`` is
    None, too); ``config_trouble`` why a newer one is not in force. ``undeclined`` are the fingerprints that people
    asked for again. ``waiting``: how many jobs of it wait or run.
    """

    id: int
    owner: str
    name: str
    installed: bool
    default_branch: str | None
    base_branches: tuple[str, ...]
    paused: bool
    undeclined: frozenset[str]
    config_source: str | None
    config_sha: str | None
    config_text: str | None
    config_trouble: str | None
    waiting: int

    @property
    def full_name(self) -> str:
        """``owner/name``."""
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class Found:
    """One finding; ``line`` counts from 1."""

    rule: str
    path: str
    line: int
    applicability: str
    message: str


@dataclass(frozen=True, slots=True)
class Branch:
    """The newest run over a branch: ``counts`` are findings by rule, ``found`` the first of them by rule and place."""

    name: str
    sha: str
    job_id: str | None
    finished_at: datetime
    counts: tuple[tuple[str, int], ...]
    found: tuple[Found, ...]

    @property
    def total(self) -> int:
        """All findings."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request; ``state`` as in ``bot.store.history.PullRow``, ``declined``: closed, and not asked for again."""

    number: int
    rule: str
    part: str
    base: str
    state: str
    title: str
    url: str
    findings: int
    opened_at: datetime | None
    closed_at: datetime | None
    declined: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A run; ``findings`` counts what it found, ``skipped`` what it left out."""

    job_id: str | None
    branch: str
    sha: str
    files: int
    seconds: float
    findings: int
    skipped: int
    actions: tuple[str, ...]
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class Failed:
    """A job that was given up, and when (UTC). ``reason`` is None where none was kept."""

    id: str
    reason: str | None
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Runs:
    """Some of the runs, the newest first; ``number`` counts from 1."""

    rows: tuple[Run, ...]
    number: int
    pages: int
    total: int


def repository(connection: Connection, scope: Scope, repository_id: int) -> Repository | None:
    """The repository with this number; None for one that is not known, or not within the scope."""
    if not 0 < repository_id < 2**63:
        return None
    chosen = sa.select(repositories).where(scope.holds(repositories.c.id), repositories.c.id == repository_id)
    row = connection.execute(chosen).one_or_none()
    if row is None:
        return None
    busy = sa.select(sa.func.count()).where(
        jobs.c.repository_id == repository_id,
        jobs.c.state.in_((JobState.WAITING, JobState.RUNNING, JobState.LATER)),
    )
    return Repository(
        id=row.id,
        owner=row.owner,
        name=row.name,
        installed=row.installation_id is not None,
        default_branch=row.default_branch,
        base_branches=tuple(row.base_branches or ()),
        paused=row.paused,
        undeclined=frozenset(row.undeclined),
        config_source=row.config_source,
        config_sha=row.config_sha,
        config_text=row.config_text,
        config_trouble=row.config_trouble,
        waiting=connection.execute(busy).scalar_one(),
    )


def branches(connection: Connection, scope: Scope, of: Repository) -> list[Branch]:
    """What is found now: the default branch first, the others by name."""
    newest = newest_runs(scope, runs.c.repository_id == of.id)
    chosen = sa.select(runs).join(newest, newest.c.id == runs.c.id)
    made = [_branch(connection, row) for row in connection.execute(chosen)]
    return sorted(made, key=lambda each: (each.name != of.default_branch, each.name))


def pulls(connection: Connection, scope: Scope, of: Repository) -> list[Pull]:
    """The App's pull requests there, the newest first; at most `MOST_PULLS`."""
    chosen = (
        sa.select(pull_requests)
        .where(scope.holds(pull_requests.c.repository_id), pull_requests.c.repository_id == of.id)
        .order_by(pull_requests.c.number.desc())
        .limit(MOST_PULLS)
    )
    return [
        Pull(
            number=row.number,
            rule=row.rule,
            part=row.part,
            base=row.base,
            state=row.state,
            title=row.title,
            url=row.url,
            findings=len(row.findings),
            opened_at=row.opened_at,
            closed_at=row.closed_at,
            declined=row.state == "closed" and (not row.findings or not of.undeclined >= set(row.findings)),
        )
        for row in connection.execute(chosen)
    ]


def failed(connection: Connection, scope: Scope, repository_id: int) -> list[Failed]:
    """The jobs there that were given up, the newest first; at most `MOST_FAILED`."""
    chosen = (
        sa.select(jobs.c.id, jobs.c.reason, jobs.c.finished_at)
        .where(
            scope.holds(jobs.c.repository_id),
            jobs.c.repository_id == repository_id,
            jobs.c.state == JobState.DEAD,
        )
        .order_by(jobs.c.queued_at.desc(), jobs.c.id)
        .limit(MOST_FAILED)
    )
    return [Failed(*row) for row in connection.execute(chosen)]


def page_of_runs(connection: Connection, scope: Scope, repository_id: int, number: int = 1) -> Runs:
    """The runs there, the newest first; the last page for a number beyond it."""
    within = (scope.holds(runs.c.repository_id), runs.c.repository_id == repository_id)
    total = connection.execute(sa.select(sa.func.count()).select_from(runs).where(*within)).scalar_one()
    pages = max(1, -(-total // RUNS_PER_PAGE))
    number = min(max(1, number), pages)
    found = sa.select(sa.func.count()).where(findings.c.run_id == runs.c.id).scalar_subquery()
    chosen = (
        sa.select(runs, found.label("found"))
        .where(*within)
        .order_by(runs.c.finished_at.desc(), runs.c.id.desc())
        .limit(RUNS_PER_PAGE)
        .offset((number - 1) * RUNS_PER_PAGE)
    )
    rows = tuple(
        Run(
            job_id=row.job_id,
            branch=row.branch,
            sha=row.sha,
            files=row.files,
            seconds=row.seconds,
            findings=row.found,
            skipped=len(row.skipped),
            actions=tuple(row.actions),
            finished_at=row.finished_at,
        )
        for row in connection.execute(chosen)
    )
    return Runs(rows, number, pages, total)


def _branch(connection: Connection, run: sa.Row[tuple[object, ...]]) -> Branch:
    of_run = findings.c.run_id == run.id
    count = sa.func.count()
    counts = (
        sa.select(findings.c.rule, count)
        .where(of_run)
        .group_by(findings.c.rule)
        .order_by(count.desc(), findings.c.rule)
    )
    listed = (
        sa.select(
            findings.c.rule, findings.c.path, findings.c.line, findings.c.applicability, findings.c.message
        )
        .where(of_run)
        .order_by(findings.c.rule, findings.c.path, findings.c.line)
        .limit(MOST_FINDINGS)
    )
    return Branch(
        name=run.branch,
        sha=run.sha,
        job_id=run.job_id,
        finished_at=run.finished_at,
        counts=tuple((row[0], row[1]) for row in connection.execute(counts)),
        found=tuple(Found(*row) for row in connection.execute(listed)),
    )
