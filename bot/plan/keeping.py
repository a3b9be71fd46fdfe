"""What becomes of a rule's open pull requests: brought up to date, closed, left to a person, or left as they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.plan.actions import UpdatePull
from bot.plan.comments import GONE, HANDED_OVER, Settled, back_and_forth, close, gone, handed_over
from bot.plan.digest import path_mark
from bot.plan.draft import draft, title_mark
from bot.plan.marker import behind_marker, with_marker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.plan.actions import Action, Comment
    from bot.plan.draft import Draft
    from bot.plan.found import Found
    from bot.plan.rule import Rule
    from bot.plan.situation import Situation
    from bot.plan.state import BranchState, Marker, PullState, State

_REMEMBERED = 3
"""How many changes a branch held before the present one are remembered."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is to be done about open pull requests, and sentences for the log."""

    actions: tuple[Action, ...] = ()
    log: tuple[str, ...] = ()


def keep(rule: Rule, at: Situation) -> Kept:
    """What the open pull requests of one rule need, those of people first."""
    actions: list[Action] = []
    log: list[str] = []
    for pull in rule.persons:
        log.append(f"#{pull.number} is left to the person who committed to {pull.branch}")
        actions += told(pull, rule, at)
    for pull in rule.pulls:
        if _unseen(pull, rule, at.found):
            log.append(f"#{pull.number} stays as it is: not all of its files could be looked at")
            continue
        one = _kept(pull, rule, at)
        actions += one.actions
        log += one.log
    return Kept(tuple(actions), tuple(log))


def told(pull: PullState, rule: Rule, at: Situation) -> Iterator[Comment]:
    """What has not yet been said below a pull request that a person took over. Nothing else is done to it."""
    if not pull.handed_over and HANDED_OVER not in pull.told:
        yield handed_over(pull, at.state)
    found = at.found
    if pull.marker is None or GONE in pull.told or rule.name not in found.rules or _unseen(pull, rule, found):
        return
    if not {each.fingerprint for each in found.of(rule.name)}.intersection(pull.marker.findings):
        yield gone(pull, at.state)


def _kept(pull: PullState, rule: Rule, at: Situation) -> Kept:
    state, limit = at.state, at.config.split_above
    branch = state.branches.get(pull.branch)
    if pull.branch in rule.split and not (pull.marker and pull.marker.settled):
        return Kept((close(pull, branch, state, Settled.SPLIT, limit),))
    findings = rule.findings.get(pull.branch, ())
    made = None
    if findings:
        part = pull.marker.part if pull.marker else ""
        made = draft(at, rule.name, part, findings, rule.others[pull.branch])
    if made is None and pull.marker is not None and pull.marker.settled:
        return Kept(log=(f"#{pull.number} stays open: a person reopened it after the App had closed it",))
    if made is None:
        return Kept((close(pull, branch, state, _why(pull, rule, at), limit),))
    if branch is None:
        return Kept(log=(f"#{pull.number} stays as it is: its branch {pull.branch} is not there",))
    if pull.marker is not None and pull.marker.stopped:
        return Kept(log=(f"#{pull.number} stays as it is until a person asks: it went back and forth",))
    if _flips(pull, branch, made):
        return _stopped(pull, branch, state)
    updated = update(pull, branch, made)
    return Kept((updated,) if updated else ())


def update(pull: PullState, branch: BranchState, made: Draft) -> UpdatePull | None:
    """What brings a pull request to what it should be; None where it is that already.

    The branch moves only for another change than its commit makes (by digest, so not when lines have merely moved), or
    where the base lost the commit below it, and the text is written only when it says something else. A title that a person gave it stays.
    """
    marker = pull.marker
    known = branch.patch or (marker.patch if marker else "")
    moves = made.marker.patch != known or branch.astray
    if marker is not None:
        made = replace(made, marker=replace(made.marker, before=_before(marker, made)))
    wanted = made.marker
    if marker is not None and not moves:
        same = (marker.said, marker.patch, marker.findings, marker.files, marker.settled)
        if same == (wanted.said, wanted.patch, wanted.findings, wanted.files, ""):
            return None
    renamed = marker is not None and bool(marker.title) and title_mark(pull.title) != marker.title
    return UpdatePull(
        number=pull.number,
        branch=pull.branch,
        title=pull.title if renamed else made.title,
        body=made.body(behind_marker(pull.body)),
        expected=branch.sha,
        commit=made.commit if moves else None,
        diff=made.diff,
    )


def _before(marker: Marker, made: Draft) -> tuple[str, ...]:
    """What the branch held before the change that it is to hold."""
    if marker.patch in ("", made.marker.patch):
        return marker.before
    return (*marker.before, marker.patch)[-_REMEMBERED:]


def _flips(pull: PullState, branch: BranchState, made: Draft) -> bool:
    """Whether the branch went from one change to another, back, and there again, and would now go back once more."""
    marker = pull.marker
    if marker is None or len(marker.before) < _REMEMBERED:
        return False
    now, wanted = branch.patch or marker.patch, made.marker.patch
    return wanted != now == marker.patch and marker.before == (wanted, now, wanted)


def _stopped(pull: PullState, branch: BranchState, state: State) -> Kept:
    assert pull.marker is not None
    body = with_marker(pull.body, replace(pull.marker, stopped=True))
    return Kept(
        (
            back_and_forth(pull, state),
            UpdatePull(pull.number, pull.branch, pull.title, body, expected=branch.sha),
        ),
        (f"#{pull.number} is not moved any more: it went back and forth between two changes",),
    )


def _why(pull: PullState, rule: Rule, at: Situation) -> Settled:
    found = at.found
    if rule.name not in found.rules or not at.config.enabled(rule.name):
        return Settled.OFF
    marks = frozenset(pull.marker.findings) if pull.marker else frozenset()
    others = [*rule.findings.values(), *(each.findings for each in rule.candidates)]
    if marks & {each.fingerprint for findings in others for each in findings}:
        return Settled.ELSEWHERE
    if marks & {each.fingerprint for each in found.of(rule.name)}:
        return Settled.WITHHELD
    if marks & {each.fingerprint for each in found.report.suppressed if each.rule == rule.name}:
        return Settled.SILENCED
    return Settled.GONE


def _unseen(pull: PullState, rule: Rule, found: Found) -> bool:
    """Whether something that it is about could not be looked at: then nothing is known of what it settles."""
    if rule.name not in found.rules:
        return False
    unseen = found.unseen(rule.name)
    if unseen is None:
        return True
    marks = {path_mark(path) for path in unseen}
    return pull.marker is not None and not marks.isdisjoint(pull.marker.files)
