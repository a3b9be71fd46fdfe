"""``rebase`` and ``recreate``: one of the App's pull requests, made anew on the tip of its base."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands.answer import Answer, done, failed, nothing
from bot.commands.bring_up_to_date import bring_up_to_date
from bot.plan.marker import read_marker
from bot.plan.state import Owner
from bot.publish.ownership import owner_of

if TYPE_CHECKING:
    from bot.commands.asked import Asked
    from bot.github.model import PullInfo
    from bot.jobs.outcome import Done
    from bot.plan.state import State


def rebase(asked: Asked) -> Answer:
    """Makes the branch anew even if the change is the same; never over a person's commits."""
    pull = asked.own_pull
    if (why := _not_possible(asked, pull)) is not None or pull is None:
        return why or failed("rebase", "not-ours")
    tip = asked.client.branch_tip(pull.branch)
    if tip is not None and owner_of(asked.client, asked.client.commit(tip)) is Owner.PERSON:
        return failed(
            "rebase", "persons", branch=pull.branch, tip=tip, url=asked.client.repository().html_url
        )
    return _made_anew(asked, pull, tip, left_behind="")


def recreate(asked: Asked) -> Answer:
    """As ``rebase``, and over what people committed there: its last commit is named, so that nothing is lost."""
    pull = asked.own_pull
    if (why := _not_possible(asked, pull)) is not None or pull is None:
        return why or failed("rebase", "not-ours")
    tip = asked.client.branch_tip(pull.branch)
    persons = tip is not None and owner_of(asked.client, asked.client.commit(tip)) is Owner.PERSON
    return _made_anew(asked, pull, tip, left_behind=tip or "" if persons else "")


def _not_possible(asked: Asked, pull: PullInfo | None) -> Answer | None:
    if pull is None:
        return failed("rebase", "not-ours")
    if not pull.open:
        return failed("rebase", "closed", merged=pull.merged)
    if asked.client.branch_tip(pull.branch) is None:
        return failed("rebase", "no-branch", branch=pull.branch)
    return None


def _made_anew(asked: Asked, pull: PullInfo, tip: str | None, left_behind: str) -> Answer:
    def forgotten(state: State) -> State:
        """The state in which the plan does not know this pull request's changes, and takes its branch as the App's."""
        branch = state.branches.get(pull.branch)
        if branch is None or branch.sha != tip:
            return state
        known = replace(branch, owner=Owner.BOT, patch="")
        pulls = tuple(
            replace(each, marker=replace(each.marker, patch="", before=(), stopped=False))
            if each.number == pull.number and each.marker
            else each
            for each in state.pulls
        )
        return replace(state, branches={**state.branches, pull.branch: known}, pulls=pulls)

    came_of_it = bring_up_to_date(asked, pull.base, forgotten)
    now = asked.client.pull(pull.number)
    url = asked.client.repository().html_url
    if not now.open:
        return done("rebase", "closed-now", left_behind=left_behind, url=url)
    moved = asked.client.branch_tip(pull.branch)
    if (
        moved is not None
        and moved != tip
        and owner_of(asked.client, asked.client.commit(moved)) is Owner.PERSON
    ):
        return failed("rebase", "persons", branch=pull.branch, tip=moved, url=url)
    if moved == tip and read_marker(now.body) is None:
        return nothing("rebase", "by-request")
    if moved is None or moved == tip:
        return nothing("rebase", "same", base=pull.base, said=_why_not(asked, pull, moved, came_of_it))
    return done("rebase", "made-anew", tip=moved, base=pull.base, left_behind=left_behind, url=url)


def _why_not(asked: Asked, pull: PullInfo, tip: str | None, came_of_it: Done) -> str:
    """Why the branch did not move; empty where it stands on the tip of the base already."""
    if tip is not None and asked.client.branch_tip(pull.base) in asked.client.commit(tip).parents:
        return ""
    lines = [
        each.removeprefix(f"#{pull.number}: ") for each in came_of_it.actions if f"#{pull.number}:" in each
    ]
    return "; ".join(lines) or came_of_it.summary
