"""Check runs: one for each thing that is said of a commit, made when it can be completed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.github.model import CheckAnnotation
from bot.publish.lengths import (
    LONGEST_MESSAGE,
    LONGEST_SUMMARY,
    shortened_bytes,
    shortened_title,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.github.client import RepositoryClient
    from bot.github.model import CheckAction, CheckInfo
    from bot.plan.actions import Annotation, ReportCheck

_LEVELS = ("failure", "warning", "notice")


def report_check(client: RepositoryClient, action: ReportCheck) -> str:
    """Carries out ``ReportCheck``; one line on what came of it. A run that says the same already is left as it is.

    GitHub adds annotations to those that a check run has: only those behind them are given, for a run that was
    stopped in between wrote the first ones.
    """
    return _report(client, action, (), again=False)


def report_again(client: RepositoryClient, action: ReportCheck, buttons: Sequence[CheckAction]) -> str:
    """As ``report_check``, with buttons, and a run that is there is written in any case.

    Where a person asked for it again, GitHub shows the whole suite as waiting until one of its runs is written. A
    run with annotations that are not said any more can't lose them: a new run of the same name takes its place.
    """
    return _report(client, action, buttons, again=True)


def _report(
    client: RepositoryClient, action: ReportCheck, buttons: Sequence[CheckAction], *, again: bool
) -> str:
    title, summary = shortened_title(action.title), shortened_bytes(action.summary, LONGEST_SUMMARY)
    annotations = [_annotation(each) for each in action.annotations]
    line = f"check {action.name} on {action.sha[:10]}: {action.conclusion}"
    runs = client.check_runs(action.sha, action.name)
    same = [each for each in runs if each.external_id == action.external_id]
    there = max(same, key=lambda each: each.id, default=None)
    if there is None or (again and not _goes_on(client, there, annotations)):
        client.create_check(
            action.sha,
            action.name,
            external_id=action.external_id,
            conclusion=action.conclusion,
            title=title,
            summary=summary,
            annotations=annotations,
            actions=buttons,
        )
        return line
    missing = annotations[there.annotations :]
    said = (there.status, there.conclusion, there.title.strip(), there.summary.strip())
    if not (again or missing) and said == ("completed", action.conclusion, title.strip(), summary.strip()):
        return f"{line} (was there already)"
    client.update_check(
        there.id,
        conclusion=action.conclusion,
        title=title,
        summary=summary,
        annotations=missing,
        actions=buttons if again else None,
    )
    return line


def _goes_on(client: RepositoryClient, there: CheckInfo, annotations: list[CheckAnnotation]) -> bool:
    """Whether what a run points at is what it is to point at, or the beginning of it."""
    if not there.annotations:
        return True
    shown = [_place(each) for each in client.annotations(there.id)]
    return shown == [_place(each) for each in annotations[: len(shown)]]


def _place(annotation: CheckAnnotation) -> tuple[str, int, int, str]:
    return annotation.path, annotation.start_line, annotation.end_line, annotation.message.strip()


def _annotation(annotation: Annotation) -> CheckAnnotation:
    line = max(annotation.line, 1)
    return CheckAnnotation(
        path=annotation.path,
        start_line=line,
        end_line=line,
        level=annotation.level if annotation.level in _LEVELS else "failure",
        message=shortened_bytes(annotation.message, LONGEST_MESSAGE) or "see the summary",
    )
