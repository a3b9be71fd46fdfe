"""One rule in one repository: its findings that may be offered, divided over its pull requests, open and to come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.plan.body import Left, why_left
from bot.plan.branches import PREFIX
from bot.plan.digest import path_mark
from bot.plan.onboarding import asked
from bot.plan.parts import WHOLE, Division, Open, divide
from bot.plan.value import value
from bot.plan.wording import headline, subject
from codemods.engine.page import page_of
from codemods.engine.rule import traits

if TYPE_CHECKING:
    from bot.plan.situation import Situation
    from bot.plan.state import PullState, State
    from codemods.engine.run.report import Reported

_DECLINED = "A pull request that would have changed it was closed."
_FULL = "It follows when this one is merged, so that this one does not grow."


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pull request that could be opened. ``others`` are findings that it would leave, and why."""

    rule: str
    part: str
    title: str
    findings: tuple[Reported, ...]
    others: tuple[Left, ...]
    value: int

    @property
    def files(self) -> int:
        """In how many files its findings lie."""
        return len({each.path for each in self.findings})


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's pull requests. ``findings`` and ``others`` are by branch, for those that are open and the App's own.

    ``split`` are to be given up for smaller ones; ``persons`` were taken over by a person.
    """

    name: str
    pulls: tuple[PullState, ...]
    persons: tuple[PullState, ...]
    split: frozenset[str]
    findings: Mapping[str, tuple[Reported, ...]]
    others: Mapping[str, tuple[Left, ...]]
    candidates: tuple[Candidate, ...]


def divided(at: Situation) -> Iterator[Rule]:
    """Every rule that was run or has an open pull request into this base, by name."""
    found, state = at.found, at.state
    pulls: defaultdict[str, list[PullState]] = defaultdict(list)
    asking = asked(state.pulls, state.base)
    for pull in state.pulls:
        if pull in asking:
            continue
        if pull.open and pull.base == state.base and (rule := rule_of(pull, found.rules)):
            pulls[rule].append(pull)
    for name in sorted({*found.rules, *pulls}):
        oldest_first = sorted(pulls[name], key=lambda pull: pull.number)
        yield _rule(name, oldest_first, at)


def rule_of(pull: PullState, rules: Collection[str]) -> str:
    """The rule that a pull request is for: as its marker says, else as its branch is called; empty for none."""
    if pull.marker is not None:
        return pull.marker.rule
    name = pull.branch.removeprefix(PREFIX)
    fitting = [rule for rule in rules if name == rule or name.startswith(f"{rule}-")]
    return max(fitting, key=len, default="")


def _rule(name: str, pulls: list[PullState], at: Situation) -> Rule:
    found, state = at.found, at.state
    persons = [pull for pull in pulls if state.is_persons(pull)]
    own = [pull for pull in pulls if pull not in persons]
    taken = {
        mark: pull
        for pull in (*persons, *_led_away(name, state))
        if pull.marker
        for mark in pull.marker.findings
    }
    offered = [each for each in found.of(name) if found.offered(each)]
    declined = state.declined | _declined_unread(name, at)
    free = [each for each in offered if each.fingerprint not in declined and each.fingerprint not in taken]
    division = _division(own, free, at)
    by_path: defaultdict[str, list[Reported]] = defaultdict(list)
    for each in free:
        by_path[each.path].append(each)
    others: list[Left] = [(each, why_left(each)) for each in found.of(name) if not found.offered(each)]
    others += [(each, _DECLINED) for each in offered if each.fingerprint in declined]
    others += [
        (each, f"A person works on the pull request that changes it: {taken[each.fingerprint].url}.")
        for each in offered
        if each.fingerprint in taken and each.fingerprint not in declined
    ]
    later = [(each, _FULL) for path in division.later for each in by_path[path]]
    alone = len(division.kept) + len(division.new) == 1
    part_of = {pull.branch: pull.marker.part if pull.marker else WHOLE for pull in own}

    def left(part: str, paths: tuple[str, ...]) -> tuple[Left, ...]:
        """A whole rule tells of all that it leaves, a part only of what lies in its own files."""
        if part == WHOLE and alone:
            return (*others, *later)
        own = frozenset(paths)
        return tuple(pair for pair in others if pair[0].path in own)

    return Rule(
        name=name,
        pulls=tuple(own),
        persons=tuple(persons),
        split=frozenset(division.split),
        findings={
            branch: tuple(each for path in paths for each in by_path[path])
            for branch, paths in division.kept.items()
        },
        others={branch: left(part_of[branch], paths) for branch, paths in division.kept.items()},
        candidates=tuple(
            _candidate(name, part, [each for path in paths for each in by_path[path]], left(part, paths), at)
            for part, paths in division.new.items()
        ),
    )


def _led_away(name: str, state: State) -> Iterator[PullState]:
    """Open pull requests of this base's that a person gave another one: what they change is not offered twice."""
    return (
        pull
        for pull in state.pulls
        if pull.open
        and pull.marker
        and pull.marker.rule == name
        and pull.base != state.base == pull.marker.base
    )


def _declined_unread(name: str, at: Situation) -> frozenset[str]:
    """Findings of the rule in the files of pull requests that people closed after the marker was lost."""
    state, rules = at.state, at.found.rules
    lost = [
        pull
        for pull in state.pulls
        if pull.files and state.is_declined(pull) and rule_of(pull, rules) == name
    ]
    marks = frozenset(mark for pull in lost for mark in pull.files)
    return frozenset(each.fingerprint for each in at.found.of(name) if path_mark(each.path) in marks) - (
        state.undeclined
    )


def _division(own: list[PullState], free: list[Reported], at: Situation) -> Division:
    opened = [
        Open(
            branch=pull.branch,
            part=pull.marker.part if pull.marker else WHOLE,
            files=frozenset(pull.marker.files) if pull.marker else frozenset(),
        )
        for pull in own
    ]
    return divide([each.path for each in free], opened, at.config.split_above, at.owners)


def _candidate(
    name: str, part: str, findings: list[Reported], others: tuple[Left, ...], at: Situation
) -> Candidate:
    weight = next((traits(rule).weight for rule in at.found.report.rules if rule.name == name), 1)
    paths = {each.path for each in findings}
    words = subject(headline(name, page_of(name)), part, paths, style=at.conventional)
    return Candidate(name, part, words, tuple(findings), others, value(findings, weight))
