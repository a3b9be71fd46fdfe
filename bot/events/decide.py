"""What a delivery asks to be done: pure, so that every case can be read as a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bot.events.authorization import decide_authorization
from bot.events.checks import decide_check_run, decide_check_suite, decide_merge_group
from bot.events.comments import decide_issue_comment, decide_review_comment
from bot.events.installations import decide_installation, decide_installation_repositories, decide_repository
from bot.events.pulls import decide_pull
from bot.events.pushes import decide_delete, decide_push
from bot.events.work import Ignored, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.events.known import Known

_DECIDERS: dict[str, Callable[[Mapping[str, Any], Known], list[Work]]] = {
    "push": decide_push,
    "delete": decide_delete,
    "pull_request": decide_pull,
    "check_run": decide_check_run,
    "check_suite": decide_check_suite,
    "merge_group": decide_merge_group,
    "issue_comment": decide_issue_comment,
    "pull_request_review_comment": decide_review_comment,
    "installation": decide_installation,
    "installation_repositories": decide_installation_repositories,
    "repository": decide_repository,
    "github_app_authorization": decide_authorization,
}

HANDLED = frozenset(_DECIDERS)
"""The events that can ask for anything; the receiver counts others and does not keep them."""

_ACTIONS: dict[str, frozenset[str]] = {
    "github_app_authorization": frozenset({"revoked"}),
    "check_run": frozenset({"rerequested", "requested_action"}),
    "check_suite": frozenset({"rerequested"}),
    "merge_group": frozenset({"checks_requested"}),
    "issue_comment": frozenset({"created"}),
    "pull_request_review_comment": frozenset({"created"}),
}
"""Of events that come in great numbers, the actions that can ask for anything."""


def asks_nothing(event: str, action: str | None) -> str | None:
    """Why no delivery of this kind asks for anything, whatever is in it; None where one may."""
    if event not in HANDLED:
        return f"{event} is not an event that the App acts on"
    if action not in _ACTIONS.get(event, {action}):
        return f"{event}.{action} is not one that the App acts on"
    return None


def decide(event: str, payload: Mapping[str, Any], known: Known) -> list[Work]:
    """The work, at least one; `Ignored` with its reason where nothing is to be done. Raises nothing."""
    decider = _DECIDERS.get(event)
    if decider is None:
        return [Ignored(reason=f"{event} is not an event that the App acts on")]
    try:
        return decider(payload, known)
    except ValidationError as error:
        where = ".".join(str(each) for each in error.errors(include_input=False)[0]["loc"])
        return [
            Ignored(reason=f"the payload can't be understood: {where or event} is not as GitHub describes it")
        ]
