"""Pushes and deletions: which of them change what the App's pull requests are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.events.known import PREFIX
from bot.events.payload import Account, Deletion, Push
from bot.events.repository import acting_on, is_base, own
from bot.events.work import Ignored, UpdateBranch, Work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.events.known import Known

_HEADS = "refs/heads/"


def decide_push(payload: Mapping[str, Any], known: Known) -> list[Work]:
    """A push to a branch that pull requests go into asks for those to be brought up to date."""
    push = Push.model_validate(payload)
    sender = push.sender or Account()
    if not push.ref.startswith(_HEADS):
        return [Ignored(reason=f"{push.ref} is no branch")]
    branch = push.ref.removeprefix(_HEADS)
    if push.deleted or (push.after and not push.after.strip("0")):
        return _deleted(push, branch, known)
    if own(sender.login, known):
        return [Ignored(reason=f"the App itself pushed to {branch}")]
    if branch.startswith(PREFIX):
        return [Ignored(reason=f"{branch} is the App's own branch; its pull request tells of commits on it")]
    base = is_base(branch, push.repository, known)
    if base is False:
        return [Ignored(reason=f"{branch} is not a branch that pull requests are opened for")]
    if base is None and sender.type == "Bot":
        return [Ignored(reason=f"{branch} is a branch of {sender.login or 'another bot'}")]
    repository = acting_on(push, push.repository, known)
    if isinstance(repository, Ignored):
        return [repository]
    reason = f"push to {branch}" if base else f"push to {branch}, which the configuration may name as a base"
    return [
        UpdateBranch(
            repository=repository,
            branch=branch,
            sha=push.after or None,
            reason=reason,
        )
    ]


def decide_delete(payload: Mapping[str, Any], known: Known) -> list[Work]:
    """The same as the push that deletes a branch, where only this event is subscribed to."""
    deletion = Deletion.model_validate(payload)
    if deletion.ref_type != "branch":
        return [Ignored(reason=f"a {deletion.ref_type} was deleted")]
    return _deleted(deletion, deletion.ref, known)


def _deleted(delivery: Push | Deletion, branch: str, known: Known) -> list[Work]:
    if not branch.startswith(PREFIX):
        return [Ignored(reason=f"{branch} was deleted")]
    if own(delivery.sender.login if delivery.sender else "", known):
        return [Ignored(reason=f"the App itself deleted {branch}")]
    repository = acting_on(delivery, delivery.repository, known)
    if isinstance(repository, Ignored):
        return [repository]
    # GitHub closes the pull request, if there is one, and tells of that as well; this is for branches without one
    return [UpdateBranch(repository=repository, reason=f"{branch} was deleted")]
