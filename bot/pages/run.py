"""One job: what it was for, how it went step by step, what it found, and what it did on GitHub."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 - FastAPI reads the annotations

from bot.jobs.outcome import Done, Superseded
from bot.pages.context import Context  # noqa: TC001
from bot.pages.markdown_html import spans
from bot.pages.rendering import render
from bot.pages.work import STATES, STEPS, file_url, in_words, linked, place
from bot.signin import SignedIn  # noqa: TC001
from bot.store import jobs, repositories
from bot.store.tables import JobState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.signin import Viewer
    from bot.store.jobs import JobRow, LogLine, RunOfJob, Step

router = APIRouter(include_in_schema=False)

Id = Annotated[str, Path(pattern=r"^[!-~]{1,128}$")]
"""A job's or delivery's id in an address; what can't be one is not looked for."""
DRAWN = 1000
"""How wide the bars of all steps together are, in the units that they are drawn in."""
_THINNEST = 6
_MOST_SKIPPED = 30
"""So many paths are shown for each reason."""
_SAID_ELSEWHERE = frozenset({"job", "delivery", "repository", "logger"})


@dataclass(frozen=True, slots=True)
class Bar:
    """A step as it is drawn, its name in words: from ``start`` on, ``width`` wide, of `DRAWN`."""

    name: str
    seconds: float
    start: int
    width: int


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of the log. ``at`` is the time of day in UTC, empty where the line tells none."""

    at: str
    level: str
    event: str
    also: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Files that were left out for the same reason: the first of them, and how many more there are."""

    reason: str
    paths: tuple[str, ...]
    more: int


@router.get("/runs/{job_id}")
def run(request: Request, job_id: Id, pages: Context, viewer: SignedIn) -> HTMLResponse:
    """The page; 404 for a job of a repository that the viewer does not see. Jobs of none are the operators'."""
    with pages.database.read() as connection:
        job = jobs.read(connection, job_id)
        if job is None or not may_see(viewer, job.repository_id):
            raise HTTPException(404)
        found = jobs.runs_of(connection, job_id)
        stored = None if job.repository_id is None else repositories.read(connection, job.repository_id)
    name = f"{stored.owner}/{stored.name}" if stored else ""
    url = f"{pages.settings.github_url}/{name}" if name else ""
    done = job.outcome if isinstance(job.outcome, Done) else None
    kind, words = STATES[job.state]
    return render(
        request,
        "pages/run.j2",
        active="repositories" if name else "deliveries",
        job=job,
        title=in_words(job.work),
        kind=kind,
        words=words,
        why=job.work.reason if job.work is not None else "",
        repository=name,
        url=url,
        superseded_by=job.outcome.by if isinstance(job.outcome, Superseded) else None,
        summary=done.summary if done else "",
        trouble=job.reason if job.state in {JobState.DEAD, JobState.LATER} else None,
        actions=[linked(line, url) for line in done.actions] if done else [],
        waited=_seconds(job.queued_at, job.started_at),
        worked=_seconds(job.started_at, job.finished_at),
        bars=bars(job.steps),
        total=_together(job.steps),
        drawn=DRAWN,
        log=[_line(each) for each in job.log],
        runs=[
            {
                "it": each,
                "findings": [
                    (
                        finding,
                        place(finding.path, finding.line),
                        spans(finding.message),
                        _address(url, each, finding.path, finding.line),
                    )
                    for finding in each.findings
                ],
                "skipped": skipped(each),
            }
            for each in found
        ],
        may_retry=job.state is JobState.DEAD and may_change(viewer, job),
    )


def may_see(viewer: Viewer, repository_id: int | None) -> bool:
    """Whether the viewer sees what is about this repository; what is about none, operators see."""
    return viewer.operator if repository_id is None else viewer.sees(repository_id)


def may_change(viewer: Viewer, job: JobRow) -> bool:
    """Whether the viewer may have a job retried."""
    return viewer.operator if job.repository_id is None else viewer.may_change(job.repository_id)


def bars(steps: Sequence[Step]) -> list[Bar]:
    """The steps on one scale, from when the first began to when the last ended."""
    if not steps:
        return []
    first, whole = min(each.at for each in steps), _together(steps) or 1.0
    drawn = []
    for each in steps:
        start = int(DRAWN * (each.at - first).total_seconds() / whole)
        width = max(_THINNEST, round(DRAWN * each.seconds / whole))
        drawn.append(
            Bar(
                STEPS.get(each.name, each.name),
                each.seconds,
                min(start, DRAWN - _THINNEST),
                min(width, DRAWN),
            )
        )
    return drawn


def skipped(run: RunOfJob) -> list[Skipped]:
    """Files that were left out, by the reason; the most frequent one first."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for path, reason in run.skipped:
        by_reason[reason].append(path)
    return [
        Skipped(reason, tuple(paths[:_MOST_SKIPPED]), max(0, len(paths) - _MOST_SKIPPED))
        for reason, paths in sorted(by_reason.items(), key=lambda each: (-len(each[1]), each[0]))
    ]


def _together(steps: Sequence[Step]) -> float:
    if not steps:
        return 0.0
    first = min(each.at for each in steps)
    return max((each.at - first).total_seconds() + each.seconds for each in steps)


def _seconds(begun: datetime | None, ended: datetime | None) -> float | None:
    return None if begun is None or ended is None else max(0.0, (ended - begun).total_seconds())


def _address(url: str, run: RunOfJob, path: str, line: int) -> str:
    return file_url(url, run.sha, path, line) if url else ""


def _line(line: LogLine) -> ShownLine:
    also = tuple(each for each in line.also if each[0] not in _SAID_ELSEWHERE)
    return ShownLine(_time_of_day(line.at), line.level, line.event, also)


def _time_of_day(at: str) -> str:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return at
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03}"
