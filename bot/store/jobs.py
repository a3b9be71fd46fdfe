"""Jobs as pages show them: one with its steps, its log and what came of it, and those of one delivery."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.events.work import WORK
from bot.jobs.outcome import OUTCOME
from bot.store.history import FindingRow
from bot.store.tables import JobState, findings, jobs, runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from bot.events.work import Work
    from bot.jobs.outcome import Outcome

MOST_FINDINGS = 300
"""So many findings of a run are read; all of them are counted."""
MOST_RUNS = 20
_ALSO_OF = ("-base", "-command-")
"""What follows a job's id in the names of further runs that it made: over other branches, or for a command."""


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a job's newest attempt. ``at`` is when it began (UTC), ``seconds`` how long it took."""

    name: str
    at: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a job's log. ``at`` is empty where it tells no time; ``also`` are its further values, by name."""

    at: str
    level: str
    event: str
    also: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job. ``work`` is None as long as nobody asked what it is for, or where it is of another version."""

    id: str
    delivery: str | None
    repository_id: int | None
    branch: str | None
    work: Work | None
    state: JobState
    run: int
    failed: int
    reason: str | None
    outcome: Outcome | None
    due_at: datetime | None
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    steps: tuple[Step, ...]
    log: tuple[LogLine, ...]


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job in a list."""

    id: str
    repository_id: int | None
    work: Work | None
    state: JobState
    reason: str | None
    queued_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunOfJob:
    """One run over a branch. ``count`` is how many findings it had, of which ``findings`` are the first."""

    branch: str
    sha: str
    files: int
    seconds: float
    summary: str
    actions: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    finished_at: datetime
    findings: tuple[FindingRow, ...]
    count: int


def read(connection: Connection, job_id: str) -> JobRow | None:
    """The job with this id, or None."""
    row = connection.execute(sa.select(jobs).where(jobs.c.id == job_id)).mappings().one_or_none()
    if row is None:
        return None
    return JobRow(
        id=row["id"],
        delivery=row["delivery"],
        repository_id=row["repository_id"],
        branch=row["branch"],
        work=_work(row["work"]),
        state=JobState(row["state"]),
        run=row["run"],
        failed=row["failed"],
        reason=row["reason"],
        outcome=_outcome(row["outcome"]),
        due_at=row["due_at"],
        queued_at=row["queued_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        steps=tuple(_steps(row["steps"] or [])),
        log=tuple(_log(row["log"] or b"")),
    )


def of_delivery(connection: Connection, guid: str, most: int = 500) -> list[JobLine]:
    """The jobs that a delivery asked for, in their order."""
    chosen = (
        sa.select(
            jobs.c.id,
            jobs.c.repository_id,
            jobs.c.work,
            jobs.c.state,
            jobs.c.reason,
            jobs.c.queued_at,
            jobs.c.finished_at,
        )
        .where(jobs.c.delivery == guid)
        .order_by(jobs.c.place, jobs.c.id)
        .limit(most)
    )
    return [
        JobLine(
            row.id,
            row.repository_id,
            _work(row.work),
            JobState(row.state),
            row.reason,
            row.queued_at,
            row.finished_at,
        )
        for row in connection.execute(chosen)
    ]


def runs_of(connection: Connection, job_id: str) -> list[RunOfJob]:
    """What a job looked at and did, branch by branch, in the order in which that ended."""
    also = [runs.c.job_id.startswith(f"{job_id}{each}", autoescape=True) for each in _ALSO_OF]
    chosen = sa.select(runs).where(sa.or_(runs.c.job_id == job_id, *also))
    found = connection.execute(chosen.order_by(runs.c.finished_at, runs.c.id).limit(MOST_RUNS)).mappings()
    return [
        RunOfJob(
            branch=row["branch"],
            sha=row["sha"],
            files=row["files"],
            seconds=row["seconds"],
            summary=row["summary"],
            actions=tuple(row["actions"]),
            skipped=tuple((str(each["path"]), str(each["reason"])) for each in row["skipped"] or ()),
            finished_at=row["finished_at"],
            findings=_findings(connection, row["id"]),
            count=_count(connection, row["id"]),
        )
        for row in found.all()
    ]


def _findings(connection: Connection, run_id: int) -> tuple[FindingRow, ...]:
    chosen = (
        sa.select(
            findings.c.fingerprint,
            findings.c.rule,
            findings.c.path,
            findings.c.line,
            findings.c.applicability,
            findings.c.message,
        )
        .where(findings.c.run_id == run_id)
        .order_by(findings.c.rule, findings.c.path, findings.c.line)
    )
    return tuple(FindingRow(*row) for row in connection.execute(chosen.limit(MOST_FINDINGS)))


def _count(connection: Connection, run_id: int) -> int:
    chosen = sa.select(sa.func.count()).select_from(findings).where(findings.c.run_id == run_id)
    return connection.execute(chosen).scalar_one()


def _work(value: Any) -> Work | None:
    try:
        return None if value is None else WORK.validate_python(value)
    except ValueError:
        return None


def _outcome(value: Any) -> Outcome | None:
    try:
        return None if value is None else OUTCOME.validate_python(value)
    except ValueError:
        return None


def _steps(value: Iterable[dict[str, Any]]) -> Iterable[Step]:
    for each in value:
        yield Step(str(each["name"]), datetime.fromisoformat(each["at"]), float(each["seconds"]))


def _log(value: bytes) -> Iterable[LogLine]:
    for line in value.decode("utf-8", "replace").splitlines():
        if not line.strip():
            continue
        try:
            said = json.loads(line)
        except ValueError:
            said = line
        if not isinstance(said, dict):
            yield LogLine("", "", line, ())
            continue
        at = said.pop("timestamp", None) or said.pop("at", "")
        level, event = str(said.pop("level", "")), str(said.pop("event", ""))
        yield LogLine(str(at), level, event, tuple((str(key), _word(it)) for key, it in said.items()))


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
