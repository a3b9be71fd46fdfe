"""Comments: those of people that may hold a command for the App."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.events.payload import IssueCommentEvent, ReviewCommentEvent
from bot.events.repository import acting_on, is_bot
from bot.events.work import Ignored, RunCommand, Work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.events.known import Known

_BOT = "[bot]"


def decide_issue_comment(payload: Mapping[str, Any], known: Known) -> list[Work]:
    """A comment below an issue or a pull request."""
    event = IssueCommentEvent.model_validate(payload)
    return [_decided(event, event.issue.number, known, is_pull=event.issue.pull_request is not None)]


def decide_review_comment(payload: Mapping[str, Any], known: Known) -> list[Work]:
    """A comment in the thread of a review."""
    event = ReviewCommentEvent.model_validate(payload)
    return [_decided(event, event.pull_request.number, known, is_pull=True, review=True)]


def _decided(
    event: IssueCommentEvent | ReviewCommentEvent,
    number: int,
    known: Known,
    *,
    is_pull: bool,
    review: bool = False,
) -> Work:
    """Only what is new: a command that was changed afterwards is not run again."""
    if event.action != "created":
        return Ignored(reason=f"a comment on #{number} was {event.action or 'changed'}")
    if is_bot(event.sender, known) or event.sender is None:
        by = event.sender.login if event.sender and event.sender.login else "nobody who is known"
        return Ignored(reason=f"the comment on #{number} is by {by}")
    if not _may_command(event.comment.body, known):
        return Ignored(reason=f"the comment on #{number} does not speak to the App")
    repository = acting_on(event, event.repository, known, forks=True)
    if isinstance(repository, Ignored):
        return repository
    return RunCommand(
        repository=repository,
        number=number,
        comment=event.comment.id,
        review=review,
        is_pull=is_pull,
        body=event.comment.body,
        sender=event.sender.login,
        reason=f"{event.sender.login} commented on #{number}",
    )


def _may_command(body: str, known: Known) -> bool:
    """Whether reading it closer is worth while. Not knowing its own name yet, the App looks at every mention."""
    text = body.lower()
    return "/patchwright" in text or f"@{known.bot.lower().removesuffix(_BOT)}" in text
