"""Closing a pull request: said first, then settled and closed in one edit, then its branch deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.plan.marker import comment_key, read_marker
from bot.publish.branches import delete, pushed
from bot.publish.comments import say_once
from bot.publish.labels_and_reviewers import without_note
from bot.publish.lengths import LONGEST_BODY, shortened

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from bot.plan.actions import ClosePull

_KEY = "closed"


def close_pull(client: RepositoryClient, action: ClosePull) -> str:
    """Carries out ``ClosePull``; one line on what came of it.

    The marker and the state change together: a pull request that is closed and not settled is one that a person
    closed. One that somebody pushed to, merged or closed in between is theirs and left alone.
    """
    pull = client.pull(action.number)
    if pull.open:
        if action.expected is not None:
            tip = client.branch_tip(action.branch)
            if tip is not None and tip != action.expected:
                return f"#{action.number}: left open: {pushed(client, action.branch, tip, action.expected)}"
        say_once(client, action.number, comment_key(action.comment) or _KEY, action.comment)
        body = shortened(without_note(action.body), LONGEST_BODY)
        client.edit_pull(action.number, body=body, state="closed")
    else:
        marker = read_marker(pull.body)
        if pull.merged or marker is None or not marker.settled:
            return f"#{action.number}: left alone, it was {'merged' if pull.merged else 'closed'} in between"
    done = f"#{action.number}: closed"
    return done if action.expected is None else f"{done}, {delete(client, action.branch, action.expected)}"
