"""Reports success on a merge group, so that the queue goes on."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from bot import templates
from bot.jobs.outcome import Done
from bot.plan.actions import ReportCheck
from bot.publish.checks import report_again
from bot.publish.patience import PAUSES, with_patience
from bot.review.model import CHECK_NAME
from bot.watching.steps import step

if TYPE_CHECKING:
    from bot.events.work import AnswerMergeGroup
    from bot.github.client import RepositoryClient
    from bot.services import Services


def answer_merge_group(work: AnswerMergeGroup, services: Services) -> Done:
    """Does it, whether the App is paused or not. Raises ``bot.github.errors``."""
    with services.connect(work.repository) as client:
        return answered(client, work.head_sha)


def was_answered(client: RepositoryClient, head_sha: str) -> bool:
    """Whether a commit is the head of a merge group that the App answered."""
    runs = client.check_runs(head_sha, CHECK_NAME)
    return any(each.external_id == _external_id(head_sha) for each in runs)


def answered(client: RepositoryClient, head_sha: str) -> Done:
    """Reports success on this head, again if need be."""
    check = ReportCheck(
        sha=head_sha,
        name=CHECK_NAME,
        external_id=_external_id(head_sha),
        conclusion="success",
        title="Checked one by one",
        summary=templates.render("check_merge_group.md.j2"),
    )
    with step("publish"):
        line = with_patience(partial(report_again, client, check, ()), PAUSES, time.sleep)
    return Done(summary=f"answered the merge group at {head_sha[:10]}", actions=(line,))


def _external_id(head_sha: str) -> str:
    return f"merge-group-{head_sha}"
