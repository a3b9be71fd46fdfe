"""Whether anything may be opened yet, where the operator wants to ask first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.plan.actions import UpdatePull
from bot.plan.branches import ONBOARDING, free_name
from bot.plan.comments import HANDED_OVER, Settled, close, handed_over
from bot.plan.marker import behind_marker, read_marker
from bot.plan.onboarding import Coming, asked, onboarding
from bot.plan.state import Owner

if TYPE_CHECKING:
    from bot.plan.actions import Action, OpenPull
    from bot.plan.rule import Candidate
    from bot.plan.situation import Situation
    from bot.plan.state import PullState, State

_ASKED = "until the pull request that adds the configuration is merged"
_DECLINED = "the pull request that adds the configuration was closed without merging: nothing is opened"


@dataclass(frozen=True, slots=True)
class Gate:
    """``shut`` says what everything waits for; empty where pull requests may be opened."""

    shut: str = ""
    actions: tuple[Action, ...] = ()
    log: tuple[str, ...] = ()


def gate(at: Situation, candidates: Sequence[Candidate]) -> Gate:
    """Open without onboarding, where there is a configuration, and once the pull request that asked is merged."""
    state = at.state
    pulls = asked(state.pulls, state.base)
    opened = [pull for pull in pulls if pull.open]
    if not state.onboarding or state.configured:
        own = [pull for pull in opened if not state.is_persons(pull)]
        return Gate(
            actions=tuple(
                close(pull, state.branches.get(pull.branch), state, Settled.ONBOARDING, 0) for pull in own
            )
        )
    if at.other_base:
        return Gate(_ASKED, log=(f"{state.base} waits for the configuration on {state.default}",))
    if any(pull.merged for pull in pulls):
        return Gate()
    wanted = onboarding(at, [Coming(each.title, len(each.findings), each.files) for each in candidates])
    if opened:
        return Gate(_ASKED, actions=_kept(opened[0], wanted, state))
    if pulls and not (pulls[0].marker and pulls[0].marker.settled):
        return Gate(_DECLINED, log=(f"#{pulls[0].number}, {_DECLINED}",))
    taken = {branch.name for branch in state.branches.values() if branch.owner is Owner.PERSON}
    branch = free_name(ONBOARDING, taken)
    left_behind = state.branches.get(branch)
    return Gate(
        _ASKED,
        actions=(replace(wanted, branch=branch, expected=left_behind.sha if left_behind else None),),
    )


def _kept(pull: PullState, wanted: OpenPull, state: State) -> tuple[Action, ...]:
    if state.is_persons(pull):
        return () if pull.handed_over or HANDED_OVER in pull.told else (handed_over(pull, state),)
    branch = state.branches.get(pull.branch)
    new = read_marker(wanted.body)
    old = pull.marker
    if branch is None or new is None:
        return ()
    moves = new.patch != (branch.patch or (old.patch if old else "")) or branch.astray
    if old is not None and not moves and old.said == new.said:
        return ()
    added = behind_marker(pull.body)
    return (
        UpdatePull(
            number=pull.number,
            branch=pull.branch,
            title=wanted.title,
            body=f"{wanted.body}\n{added}\n" if added else wanted.body,
            expected=branch.sha,
            commit=wanted.commit if moves else None,
            diff=wanted.diff,
        ),
    )
