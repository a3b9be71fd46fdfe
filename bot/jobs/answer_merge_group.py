"""Reports success on a merge group, so that the queue goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import templates
from bot.jobs.outcome import Done
from bot.plan.actions import ReportCheck
from bot.publish.publish import publish
from bot.review.model import CHECK_NAME

if TYPE_CHECKING:
    from bot.events.work import AnswerMergeGroup
    from bot.services import Services


def answer_merge_group(work: AnswerMergeGroup, services: Services) -> Done:
    """Does it, whether the App is paused or not. Raises ``bot.github.errors``."""
    check = ReportCheck(
        sha=work.head_sha,
        name=CHECK_NAME,
        external_id=f"merge-group-{work.head_sha}",
        conclusion="success",
        title="Checked one by one",
        summary=templates.render("check_merge_group.md.j2"),
    )
    with services.connect(work.repository) as client:
        lines = publish(client, [check])
    return Done(summary=f"answered the merge group at {work.head_sha[:10]}", actions=tuple(lines))
