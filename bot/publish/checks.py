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
    from bot.github.client import RepositoryClient
    from bot.plan.actions import ReportCheck

_LEVELS = ("failure", "warning", "notice")


def report_check(client: RepositoryClient, action: ReportCheck) -> str:
    """Carries out ``ReportCheck``; one line on what came of it.

    GitHub adds annotations to those that a check run has: only those behind them are given, for a run that was
    stopped in between wrote the first ones.
    """
    title, summary = shortened_title(action.title), shortened_bytes(action.summary, LONGEST_SUMMARY)
    annotations = [
        CheckAnnotation(
            path=each.path,
            start_line=max(each.line, 1),
            end_line=max(each.line, 1),
            level=each.level if each.level in _LEVELS else "failure",
            message=shortened_bytes(each.message, LONGEST_MESSAGE) or "see the summary",
        )
        for each in action.annotations
    ]
    line = f"check {action.name} on {action.sha[:10]}: {action.conclusion}"
    runs = client.check_runs(action.sha, action.name)
    same = [each for each in runs if each.external_id == action.external_id]
    if not same:
        client.create_check(
            action.sha,
            action.name,
            external_id=action.external_id,
            conclusion=action.conclusion,
            title=title,
            summary=summary,
            annotations=annotations,
        )
        return line
    there = max(same, key=lambda each: each.id)
    missing = annotations[there.annotations :]
    said = (there.status, there.conclusion, there.title.strip(), there.summary.strip())
    if not missing and said == ("completed", action.conclusion, title.strip(), summary.strip()):
        return f"{line} (was there already)"
    client.update_check(
        there.id, conclusion=action.conclusion, title=title, summary=summary, annotations=missing
    )
    return line
