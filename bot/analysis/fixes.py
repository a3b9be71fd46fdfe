"""What an analysis process does for the fix button: the patches for what a pull request brings, as one change."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.analysis.analysed import Files, analysed

if TYPE_CHECKING:
    from pathlib import Path

    from bot.review.diff import Diff
    from codemods.engine.files.listed import Blobs
    from codemods.engine.run.report import Reported
    from codemods.engine.settings.config import Config


@dataclass(frozen=True, slots=True)
class FixesRequest:
    """Two commits of a pull request: its head, and the one that its changes are counted from.

    ``place`` tells repositories apart in the cache at ``cache``. ``rule`` is empty for all that are on.
    """

    place: str
    head: Files
    base: Files
    diff: Diff
    blobs: Blobs
    cache: Path | None
    config: Config
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A finding that the pull request brings; lines count from 1. ``why`` is empty where it is put right."""

    rule: str
    path: str
    line: int
    end_line: int
    message: str
    reason: str
    notes: tuple[str, ...]
    unsafe: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Fixes:
    """One change for all of them: ``files`` are whole contents by path, ``patch`` is its digest.

    ``left`` are those that it does not put right. ``seconds`` is what it took.
    """

    files: Mapping[str, bytes]
    patch: str
    applied: tuple[Place, ...]
    left: tuple[Place, ...]
    seconds: float


def fixes(request: FixesRequest) -> Fixes:
    """Analyses both commits and puts the allowed patches together. Raises MissingBlob, BrokenRule."""
    from bot.plan.body import why_left
    from bot.plan.digest import patch_digest
    from bot.plan.found import found_in
    from bot.review.introduced import introduced, known_before
    from codemods.engine.run.analyse import combined
    from codemods.engine.run.report import Combined

    started = time.perf_counter()
    rule, diff, config = request.rule, request.diff, request.config
    base, before = analysed(request.base, request.blobs, request.place, request.cache, config)
    head, report = analysed(request.head, request.blobs, request.place, request.cache, config)
    known = known_before(before, base.read, diff)
    if rule:
        # What is put right is found again in the result: only of this rule, so that no other is touched.
        own = tuple(each for each in report.findings if each.rule == rule)
        report = replace(
            report, findings=own, rules=tuple(each for each in report.rules if each.name == rule)
        )
    new = [each.finding for each in introduced(report.findings, known, diff, head.read)]
    marks = frozenset(each.fingerprint for each in new)
    found = found_in(head, report, config)
    done = Combined({}, (), ())
    if any(found.offered(each) for each in new):
        others = frozenset(each.fingerprint for each in report.findings) - marks
        done = combined(head, report, found.allowed, others)
    applied = tuple(each for each in done.applied if each.fingerprint in marks)
    settled = {each.fingerprint for each in applied}
    return Fixes(
        files={path: after for path, (_, after) in done.changed.items()},
        patch=patch_digest(done.changed),
        applied=tuple(_place(each) for each in _ordered(applied)),
        left=tuple(_place(each, why_left(each)) for each in _ordered(new) if each.fingerprint not in settled),
        seconds=time.perf_counter() - started,
    )


def _ordered(findings: tuple[Reported, ...] | list[Reported]) -> list[Reported]:
    return sorted(findings, key=lambda each: (each.path, each.line, each.column))


def _place(each: Reported, why: str = "") -> Place:
    return Place(
        rule=each.rule,
        path=each.path,
        line=each.line,
        end_line=each.end_line,
        message=each.message,
        reason=each.reason,
        notes=each.notes,
        unsafe=each.applicability == "unsafe",
        why=why,
    )
