"""What the App says below a pull request when something becomes of it."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from bot import templates
from bot.plan.actions import ClosePull, Comment
from bot.plan.marker import comment_marker, with_marker
from bot.plan.place import commit_link

if TYPE_CHECKING:
    from bot.plan.state import BranchState, PullState, State

HANDED_OVER = "handed-over"
GONE = "findings-gone"
CLOSED = "closed"
BACK_AND_FORTH = "back-and-forth"


class Settled(StrEnum):
    """Why the App closes one of its pull requests; none of these declines its findings."""

    GONE = "gone"
    OFF = "off"
    SILENCED = "silenced"
    WITHHELD = "withheld"
    SPLIT = "split"
    ELSEWHERE = "elsewhere"
    ONBOARDING = "onboarding"


def handed_over(pull: PullState, state: State) -> Comment:
    """A person's commits ended the App's writing there; said once."""
    return _comment(pull, HANDED_OVER, state, "handed_over")


def gone(pull: PullState, state: State) -> Comment:
    """Nothing is left to change, but a person works on it; said once."""
    return _comment(pull, GONE, state, "gone")


def back_and_forth(pull: PullState, state: State) -> Comment:
    """The branch went back and forth between two changes and is not moved any more; said once for each time."""
    key = f"{BACK_AND_FORTH}-{state.base_sha.lower()}"
    return _comment(pull, key, state, "back_and_forth")


def close(
    pull: PullState, branch: BranchState | None, state: State, settled: Settled, limit: int
) -> ClosePull:
    """Closes a pull request of the App's own and deletes its branch; ``limit`` is ``split-above``."""
    marker = pull.marker
    text = templates.render(
        "comments/closed.md.j2",
        settled=settled.value,
        rule=marker.rule if marker else "",
        limit=limit,
        base=state.base,
        at=_at(state),
        marker=comment_marker(CLOSED),
    )
    body = with_marker(pull.body, replace(marker, settled=settled.value)) if marker else pull.body
    return ClosePull(pull.number, pull.branch, body, text, branch.sha if branch else None)


def _comment(pull: PullState, key: str, state: State, name: str) -> Comment:
    marker = comment_marker(key)
    text = templates.render(f"comments/{name}.md.j2", base=state.base, at=_at(state), marker=marker)
    return Comment(pull.number, key, text)


def _at(state: State) -> str:
    link = commit_link(state)
    return f" at {link}" if link else ""
