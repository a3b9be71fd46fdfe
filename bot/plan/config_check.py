"""What a check run says of the repository's configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot import templates
from bot.plan.actions import Annotation, ReportCheck

if TYPE_CHECKING:
    from codemods.engine.settings.config import Problem

NAME = "Patchwright configuration"
_MOST_ANNOTATIONS = 50
"""What one request takes [docs.github.com, REST, check runs]; the summary lists the rest."""


def config_check(problems: Sequence[Problem], sha: str) -> ReportCheck:
    """The check on ``sha``, the head of a pull request that changes the configuration; ``problems`` are its mistakes.

    A configuration that is right gets one too, if it is asked for: so its author sees that it was read.
    """
    return _check(tuple(problems), sha, in_force=False)


def check_base(problems: Sequence[Problem], sha: str) -> ReportCheck | None:
    """The check on a commit of the base branch: a failing one while an older configuration is in force, else none.

    A later commit that puts it right needs none: checks belong to commits.
    """
    return _check(tuple(problems), sha, in_force=True) if problems else None


def _check(problems: tuple[Problem, ...], sha: str, *, in_force: bool) -> ReportCheck:
    mistakes = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
    return ReportCheck(
        sha=sha,
        name=NAME,
        external_id=f"config-{sha}",
        conclusion="failure" if problems else "success",
        title=f"The configuration has {mistakes}" if problems else "The configuration is right",
        summary=templates.render("config_check.md.j2", problems=list(problems), in_force=in_force),
        annotations=tuple(
            Annotation(each.path, max(each.line, 1), each.message) for each in problems[:_MOST_ANNOTATIONS]
        ),
    )
