"""What an analysis process does for one branch: from its files to the actions that bring GitHub up to date."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.analysis.analysed import Files, analysed

if TYPE_CHECKING:
    from bot.plan.actions import Action
    from bot.plan.plan import Waiting
    from bot.plan.state import State
    from codemods.engine.files.listed import Blobs, ListedFile
    from codemods.engine.finding import Applicability
    from codemods.engine.run.report import Report
    from codemods.engine.settings.config import Config


@dataclass(frozen=True, slots=True)
class Request:
    """One analysis: all that the process is told.

    ``place`` tells repositories apart in the cache at ``cache``; ``skipped`` pairs the paths that the snapshot left
    out with the reasons.
    """

    place: str
    files: tuple[ListedFile, ...]
    skipped: tuple[tuple[str, str], ...]
    blobs: Blobs
    cache: Path | None
    config: Config
    state: State


@dataclass(frozen=True, slots=True)
class Seen:
    """One finding as history keeps it; ``line`` counts from 1."""

    rule: str
    path: str
    line: int
    fingerprint: str
    message: str
    applicability: Applicability
    reason: str


@dataclass(frozen=True, slots=True)
class Planned:
    """What came of it.

    ``skipped`` pairs paths with reasons; ``log`` says what is not done, and why; ``seconds`` is what it all took.
    ``waiting`` are the titles of pull requests to come, each with what it waits for.
    """

    actions: tuple[Action, ...]
    findings: tuple[Seen, ...]
    skipped: tuple[tuple[str, str], ...]
    files: int
    log: tuple[str, ...]
    seconds: float
    waiting: tuple[tuple[str, str], ...] = ()


def planned(request: Request) -> Planned:
    """Analyses the files and plans. Raises MissingBlob, BrokenRule."""
    from bot.plan.found import found_in
    from bot.plan.plan import decide

    started = time.perf_counter()
    config = request.config
    files = Files(request.files, request.skipped)
    snapshot, report = analysed(files, request.blobs, request.place, request.cache, config)
    decided = decide(found_in(snapshot, report, config), request.state, config)
    return Planned(
        actions=decided.actions,
        findings=_seen(report),
        skipped=tuple((each.path, each.reason) for each in report.skipped),
        files=report.files,
        log=(*decided.log, *(_waits(each) for each in decided.waiting)),
        seconds=time.perf_counter() - started,
        waiting=tuple((each.title, each.reason) for each in decided.waiting),
    )


def _waits(waiting: Waiting) -> str:
    return f"{waiting.title}: waits {waiting.reason}"


def _seen(report: Report) -> tuple[Seen, ...]:
    return tuple(
        Seen(each.rule, each.path, each.line, each.fingerprint, each.message, each.applicability, each.reason)
        for each in report.findings
    )
