"""Every write of every action fails once, in every way: doing the work again ends where it would have ended."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Passing
from bot.publish.publish import PAUSES, publish
from bot.publish.state import read_state
from tests.bot.publish.interruptions import Died, dying, failing_after, failing_before
from tests.bot.publish.situation import BRANCH, OLD, Situation
from tests.bot.publish.stories import STORIES, Plan

if TYPE_CHECKING:
    from bot.plan.actions import Action

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
