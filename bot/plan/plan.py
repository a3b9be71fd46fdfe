"""From what was found and what is on GitHub to what should become true there. Pure.

One pull request for each rule (or part of one), the most valuable first (``bot.plan.value``), and never more open
than ``max-open-pull-requests``. All that are open count, those that a person has taken over and those for other base
branches too: the limit is about how much a maintainer finds waiting for them. What is open stays open when the limit
is lowered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.plan.actions import ClosePull, DeleteBranch, OpenPull, UpdatePull
from bot.plan.branches import branch_name, free_name
from bot.plan.config_check import check_base
from bot.plan.draft import draft
from bot.plan.gate import gate
from bot.plan.keeping import keep
from bot.plan.rule import divided
from bot.plan.situation import Situation
from bot.plan.state import Owner

if TYPE_CHECKING:
    from bot.plan.actions import Action
    from bot.plan.found import Found
    from bot.plan.gate import Gate
    from bot.plan.rule import Candidate
    from bot.plan.state import State
    from codemods.engine.settings.config import Config


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pull request that is not opened yet; ``reason`` says what it waits for."""

    rule: str
    part: str
    title: str
    findings: int
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, in this order; what waits, the most valuable first; and sentences for the log."""

    actions: tuple[Action, ...]
    waiting: tuple[Waiting, ...] = ()
    log: tuple[str, ...] = ()


def plan(found: Found, state: State, config: Config) -> list[Action]:
    """What should become true on GitHub, in the order in which it is to be done.

    Carried out, and asked again with nothing else changed, it gives nothing more to do.
    """
    return list(decide(found, state, config).actions)


def decide(found: Found, state: State, config: Config) -> Plan:
    """The plan with its reasons."""
    at = Situation(found, state, config)
    if state.paused:
        return Plan((), log=("paused: nothing is written to this repository",))
    check = check_base(state.config_problems, state.base_sha)
    actions: list[Action] = [check] if check else []
    log: list[str] = []
    candidates: list[Candidate] = []
    for rule in divided(at):
        kept = keep(rule, at)
        actions += kept.actions
        log += kept.log
        candidates += rule.candidates
    candidates.sort(key=lambda each: (-each.value, each.rule, each.part))
    entrance = gate(at, candidates)
    actions += entrance.actions
    log += entrance.log
    opened, waiting = _opened(at, candidates, entrance, actions)
    actions += _deleted(at, [*actions, *opened], candidates)
    return Plan((*actions, *opened), tuple(waiting), tuple(log))


def _opened(
    at: Situation, candidates: Sequence[Candidate], entrance: Gate, before: Sequence[Action]
) -> tuple[list[OpenPull], list[Waiting]]:
    """Those that may be opened now, and those that wait."""
    state, config = at.state, at.config
    pulls = [pull for pull in state.pulls if pull.open]
    room = config.max_open_pull_requests - len(pulls)
    room += sum(isinstance(action, ClosePull) for action in before)
    taken = {pull.branch for pull in pulls}
    taken |= {branch.name for branch in state.branches.values() if branch.owner is Owner.PERSON}
    # GitHub reopens no pull request whose branch was made anew: what people closed must stay theirs to reopen.
    taken |= {pull.branch for pull in state.pulls if state.is_declined(pull)}
    opened: list[OpenPull] = []
    waiting: list[Waiting] = []
    for each in candidates:
        reason = entrance.shut or (
            "" if room > len(opened) else "until one of the others is merged or closed"
        )
        if reason:
            waiting.append(Waiting(each.rule, each.part, each.title, len(each.findings), reason))
            continue
        made = draft(at, each.rule, each.part, each.findings, each.others)
        if made is None:
            continue
        name = branch_name(each.rule, each.part, at.other_base, at.found.rules)
        branch = free_name(name, taken)
        taken.add(branch)
        left_behind = state.branches.get(branch)
        opened.append(
            OpenPull(
                branch=branch,
                base=state.base,
                title=made.title,
                body=made.body(),
                commit=made.commit,
                diff=made.diff,
                rule=each.rule,
                part=each.part,
                labels=config.labels,
                reviewers=config.reviewers,
                expected=left_behind.sha if left_behind else None,
            )
        )
    return opened, waiting


def _deleted(at: Situation, planned: Sequence[Action], candidates: Sequence[Candidate]) -> list[DeleteBranch]:
    """Branches of the App's own that nothing needs: of merged and closed pull requests, or left by a crash.

    One that is called as a pull request to come stays unless its own is known to be closed: lists of pull requests
    lag behind, and deleting the branch of an open one would close that.
    """
    state = at.state
    closed = {pull.branch for pull in state.pulls if not pull.open}
    needed = {pull.branch for pull in state.pulls if pull.open}
    needed |= {
        branch_name(each.rule, each.part, at.other_base, at.found.rules) for each in candidates
    } - closed
    needed |= {each.branch for each in planned if isinstance(each, (OpenPull, UpdatePull, ClosePull))}
    return [
        DeleteBranch(branch.name, branch.sha)
        for branch in sorted(state.branches.values(), key=lambda branch: branch.name)
        if branch.owner is Owner.BOT and branch.name not in needed
    ]
