"""Every write of every action fails once, in every way: doing the work again ends where it would have ended."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from bot.github.errors import Passing
from bot.plan.actions import Annotation, Comment, ReportCheck
from bot.publish.publish import PAUSES, publish
from bot.publish.state import read_state
from tests.bot.publish.interruptions import Died, dying, failing_after, failing_before
from tests.bot.publish.situation import BRANCH, NEW, NEWER, OLD, Situation, opening, planned

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


more: dict[str, Any] = {"labels": ("fix", "bot"), "reviewers": ("reviewer",)}
STORIES = {
    "open": Story(lambda _: None, lambda state: planned(state, NEW, "aaaa"), 4),
    "open with labels and reviewers": Story(
        lambda _: None, lambda state: planned(state, NEW, "aaaa", **more), 7
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
WAYS = [
    ("died after", "the same plan"),
    ("died after", "a fresh plan"),
    ("502 after", "at once"),
    ("500 before", "a fresh plan"),
]
"""How it fails, and how it goes on. Dying before a write leaves GitHub as dying after the one before did."""


def _work(
    situation: Situation, plan: Plan, number: int | None, way: str, pauses: tuple[float, ...]
) -> list[Action]:
    """One job, with a fault at its write with this number; what it was to do."""
    with situation.client() as client:
        state = read_state(client, client.repository(), "main")
        actions = plan(state)
        if number is None:
            publish(client, actions, state=state, pauses=pauses, sleep=situation.pauses.append)
        elif way == "died after":
            with pytest.raises(Died):
                publish(dying(client, number), actions, state=state, pauses=pauses)
        else:
            fault = failing_after(number) if way == "502 after" else failing_before(number)
            situation.github.faults.add(fault)
            with contextlib.suppress(Passing):
                publish(client, actions, state=state, pauses=pauses, sleep=situation.pauses.append)
            assert fault.hits == 1
            situation.github.faults.clear()
        return actions


@pytest.mark.parametrize("name", STORIES)
def test_a_fault_at_any_write_changes_nothing_in_the_end(name: str, situation: Situation) -> None:
    story = STORIES[name]
    story.before(situation)
    restore = situation.saved()
    situation.forget()
    _work(situation, story.plan, None, "", ())
    assert len(situation.writes()) == story.writes
    wanted = situation.outcome()
    restore()
    for number in range(story.writes):
        for way, again in WAYS:
            pauses = PAUSES if again == "at once" else ()
            actions = _work(situation, story.plan, number, way, pauses)
            if again == "the same plan":
                situation.publish(actions)
            elif again == "a fresh plan":
                _work(situation, story.plan, None, "", ())
            assert situation.outcome() == wanted, (number, way, again)
            restore()
    assert len(wanted["pulls"]) <= 1


@pytest.mark.parametrize("name", STORIES)
def test_done_twice_is_done_once(name: str, situation: Situation) -> None:
    story = STORIES[name]
    story.before(situation)
    actions = _work(situation, story.plan, None, "", ())
    wanted = situation.outcome()
    situation.forget()
    situation.publish(actions)
    assert situation.outcome() == wanted
    left = [str(each) for each in situation.writes()]
    # Deleting a branch that is gone is asked of GitHub, which alone knows.
    assert left == [] or name == "close"
    assert BRANCH in situation.repo.branches() or name in {"close", "check", "check with 120 annotations"}
    assert situation.repo.file("app.py") == OLD
