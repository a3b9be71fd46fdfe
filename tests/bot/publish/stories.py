"""What the bot has to do in these tests, from the start of the job to its last write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.plan.actions import Annotation, Comment, ReportCheck
from tests.bot.publish.situation import NEW, NEWER, Situation, opening, planned

if TYPE_CHECKING:
    from bot.plan.actions import Action
    from bot.plan.state import State

Plan = Callable[["State"], "list[Action]"]


@dataclass
class Story:
    """What was there before, and what the work is."""

    before: Callable[[Situation], object]
    plan: Plan
    writes: int


def _opened(situation: Situation) -> None:
    situation.publish([opening(situation.repo.tip)])


def _moved_on(situation: Situation) -> None:
    _opened(situation)
    situation.push({"other.py": b"x = 1\n"}, "main")


def _left_behind(situation: Situation) -> None:
    """A branch of an earlier run, for another change."""
    _moved_on(situation)
    situation.repo.issues.clear()


def _handed_over(situation: Situation) -> None:
    _opened(situation)
    situation.push({"app.py": NEWER})


def _check(count: int) -> Plan:
    notes = tuple(Annotation("config.yml", line + 1, f"mistake {line}") for line in range(count))
    return lambda state: [
        ReportCheck(state.base_sha, "patchwright", "config-1", "failure", "Wrong", "See the lines.", notes)
    ]


def _comment(state: State) -> list[Action]:
    return [Comment(state.pulls[0].number, "hello", "Hello.")]


_more: dict[str, Any] = {"labels": ("fix", "bot"), "reviewers": ("reviewer",)}
STORIES = {
    "open": Story(lambda _: None, lambda state: planned(state, NEW, "aaaa"), 4),
    "open with labels and reviewers": Story(
        lambda _: None, lambda state: planned(state, NEW, "aaaa", **_more), 7
    ),
    "open on a branch that was left behind": Story(
        _left_behind, lambda state: planned(state, NEWER, "bbbb"), 4
    ),
    "update": Story(_moved_on, lambda state: planned(state, NEWER, "bbbb"), 4),
    "close": Story(_opened, lambda state: planned(state, None, ""), 3),
    "comment": Story(_opened, _comment, 1),
    "hand over": Story(_handed_over, lambda state: planned(state, NEW, "aaaa"), 1),
    "check": Story(lambda _: None, _check(2), 1),
    "check with 120 annotations": Story(lambda _: None, _check(120), 3),
}
