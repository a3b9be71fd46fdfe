"""What happened: runs with what they found, and the App's pull requests. For the operator's pages, never for decisions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.tables import findings, jobs, pull_requests, runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from bot.watching.steps import Step


MOST_SKIPPED = 1_000
"""Of one run, no more files that were left out are kept."""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding of a run; ``line`` counts from 1."""

    fingerprint: str
    rule: str
    path: str
    line: int
    applicability: str
    message: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run over a branch at commit ``sha``; ``actions`` is one line for each thing done on GitHub.

    ``skipped`` pairs the paths of files that were left out with the reasons.
    """

    job_id: str
    repository_id: int
    branch: str
    sha: str
    files: int
    seconds: float
    summary: str
    actions: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LastRun:
    """When a run ended (UTC), over what, and what it said."""

    branch: str
    sha: str
    summary: str
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class PullRow:
    """One of the App's pull requests; ``findings`` are fingerprints.

    ``state`` is open, merged, closed (by a person: its findings are declined) or settled (closed by the App itself).
    ``opened_at`` and ``closed_at`` are GitHub's times, the latter of the merge, too.
    """

    repository_id: int
    number: int
    rule: str
    part: str
    base: str
    state: str
    title: str
    url: str
    findings: tuple[str, ...]
    opened_at: datetime | None = None
    closed_at: datetime | None = None


def record_run(connection: Connection, run: RunRow, found: Sequence[FindingRow]) -> None:
    """Keep a run; the same job again replaces what it said before."""
    connection.execute(sa.delete(runs).where(runs.c.job_id == run.job_id))
    values = {
        **asdict(run),
        "actions": list(run.actions),
        "skipped": [{"path": path, "reason": why} for path, why in run.skipped[:MOST_SKIPPED]],
        "finished_at": datetime.now(UTC),
    }
    key = connection.execute(sa.insert(runs).values(**values)).inserted_primary_key
    if found and key is not None:
        connection.execute(sa.insert(findings), [{**asdict(each), "run_id": key[0]} for each in found])


def last_run(connection: Connection, repository_id: int) -> LastRun | None:
    """The newest run over a branch of the repository, None for none."""
    chosen = sa.select(runs.c.branch, runs.c.sha, runs.c.summary, runs.c.finished_at)
    newest = chosen.where(runs.c.repository_id == repository_id).order_by(runs.c.finished_at.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    return LastRun(*row) if row is not None else None


def branches_with_runs(connection: Connection, repository_id: int) -> set[str]:
    """The repository's branches that runs are kept of."""
    chosen = sa.select(runs.c.branch).where(runs.c.repository_id == repository_id).distinct()
    return set(connection.execute(chosen).scalars())


def pull_state(*, is_open: bool, merged: bool, settled: bool) -> str:
    """What ``PullRow.state`` says of a pull request; ``settled``: the App closed it itself."""
    if is_open:
        return "open"
    if merged:
        return "merged"
    return "settled" if settled else "closed"


def record_pull(connection: Connection, pull: PullRow) -> None:
    """Keep a pull request as it is now."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {**asdict(pull), "findings": list(pull.findings)}
    insert = dialect.insert(pull_requests).values(**values)
    connection.execute(insert.on_conflict_do_update(index_elements=["repository_id", "number"], set_=values))


def record_attempt(connection: Connection, job: str, steps: Sequence[Step], log: bytes | None) -> None:
    """Keep the steps and the log (lines, each JSON) of a job's newest attempt."""
    values = {"steps": list(steps), "log": log}
    connection.execute(sa.update(jobs).where(jobs.c.id == job).values(**values))
