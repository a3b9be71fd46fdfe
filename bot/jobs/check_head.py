"""Looks again at what a commit is the head of: open pull requests, or a merge group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.jobs.answer_merge_group import answered, was_answered
from bot.jobs.check_pull import check_open_pull
from bot.jobs.left_alone import left_alone
from bot.jobs.outcome import Done

if TYPE_CHECKING:
    from bot.events.work import CheckHead
    from bot.services import Services


def check_head(work: CheckHead, services: Services, *, last: bool = False) -> Done:
    """Does it, and says what was done. ``last`` as for ``check_pull``.

    Raises ``bot.github.errors`` and AnalysisCrashed.
    """
    with services.connect(work.repository) as client:
        repository = client.repository()
        if (reason := left_alone(repository)) is not None:
            return Done(summary=f"left alone: {reason}")
        found = client.pulls_with_head(work.head_sha)
        if not found and was_answered(client, work.head_sha):
            return answered(client, work.head_sha)
        done = [
            check_open_pull(client, repository, client.pull(each.number), work.head_sha, services, last=last)
            for each in found
        ]
    if not done:
        return Done(summary=f"left alone: no open pull request has {work.head_sha[:10]} as its head")
    return Done(
        summary="; ".join(each.summary for each in done),
        actions=tuple(line for each in done for line in each.actions),
    )
