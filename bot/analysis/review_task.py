"""What an analysis process does for one pull request: from the files of its merge base and head to its review."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.analysis.analysed import Files, analysed

if TYPE_CHECKING:
    from bot.review.diff import FileDiff
    from bot.review.model import PullView, ReviewPlan, Thread
    from codemods.engine.files.listed import Blobs
    from codemods.engine.settings.config import Config


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """One review: all that the process is told. ``base`` are the merge base's files, ``changes`` the pull request's.

    ``place`` tells repositories apart in the cache at ``cache``.
    """

    place: str
    head: Files
    base: Files
    blobs: Blobs
    cache: Path | None
    config: Config
    view: PullView
    changes: tuple[FileDiff, ...]
    threads: tuple[Thread, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What came of it. ``files`` were analysed in the head, ``findings`` are all that it has, old ones too.

    ``seconds`` is what it all took.
    """

    plan: ReviewPlan
    files: int
    findings: int
    seconds: float


def reviewed(request: ReviewRequest) -> Reviewed:
    """Analyses merge base and head, and plans the review. Raises MissingBlob, BrokenRule."""
    from bot.plan.found import found_in
    from bot.review.diff import Diff
    from bot.review.introduced import known_before
    from bot.review.plan import plan_review

    started = time.perf_counter()
    diff, config = Diff.of(request.changes), request.config
    before, base = analysed(request.base, request.blobs, request.place, request.cache, config)
    after, head = analysed(request.head, request.blobs, request.place, request.cache, config)
    plan = plan_review(
        found_in(after, head, config),
        known_before(base, before.read, diff),
        diff,
        request.view,
        request.threads,
        config,
    )
    return Reviewed(plan, head.files, len(head.findings), time.perf_counter() - started)
