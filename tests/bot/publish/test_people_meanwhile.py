"""People work on the same branches at the same time: nothing of theirs is lost, nothing of the App's is doubled."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Passing
from bot.plan.actions import UpdatePull
from bot.plan.marker import comment_key
from bot.publish.publish import PAUSES, publish
from bot.publish.state import read_state
from tests.bot.publish.interruptions import Died, dying, failing_after, failing_before, meanwhile
from tests.bot.publish.situation import BRANCH, NEW, NEWER, Situation, planned
from tests.bot.publish.stories import STORIES, Plan

if TYPE_CHECKING:
    from bot.plan.actions import Action

BRANCH_STORIES = [name for name in STORIES if name.startswith(("open", "update", "close"))]


def _job(situation: Situation, plan: Plan) -> None:
    with situation.client() as client:
        state = read_state(client, client.repository(), "main")
        publish(client, plan(state), state=state, sleep=situation.pauses.append)


def _holds(situation: Situation, sha: str) -> bool:
    tip = situation.repo.branches().get(BRANCH)
    return tip is not None and situation.repo.git.is_ancestor(sha, tip)


@pytest.mark.parametrize("name", BRANCH_STORIES)
def test_a_push_before_any_write_is_kept(name: str, situation: Situation) -> None:
    story = STORIES[name]
    story.before(situation)
    restore = situation.saved()
    for number in range(story.writes):
        pushed: list[str] = []
        fault = meanwhile(number, lambda to=pushed: to.append(situation.push({"mine.py": b"x = 1\n"})))
        situation.github.faults.add(fault)
        _job(situation, story.plan)
        situation.github.faults.clear()
        assert fault.hits == 1
        assert _holds(situation, pushed[0]), number
        _job(situation, story.plan)
        assert _holds(situation, pushed[0]), number
        assert len(situation.repo.pulls) <= 1
        restore()


def _plan(situation: Situation, dice: random.Random) -> list[Action]:
    state = situation.state()
    if state.declined:
        return []
    content, patch = dice.choice([(NEW, "aaaa"), (NEWER, "bbbb"), (None, "")])
    return planned(state, content, patch, labels=("fix",))


def _person(situation: Situation, dice: random.Random, theirs: set[str]) -> None:
    """Does one of the things that people do. ``theirs`` are their commits on the branch."""
    repo = situation.repo
    pull = repo.pulls[-1] if repo.pulls else None
    match dice.randrange(8):
        case 0 | 1 if BRANCH in repo.branches():
            theirs.add(situation.push({f"mine{dice.randrange(9)}.py": f"x = {dice.random()}\n"}))
        case 2 if pull is not None and pull.open:
            pull.close()
        case 3 if pull is not None and not pull.open and BRANCH in repo.branches():
            pull.reopen()
        case 4:
            repo.push("main", {"other.py": f"y = {dice.random()}\n"})
        case 5 if BRANCH in repo.branches() and theirs:
            repo.delete_branch(BRANCH)
            theirs.clear()
        case _:
            pass


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_nobody_loses_and_nothing_is_doubled(situation: Situation, seed: int) -> None:
    dice = random.Random(seed)
    theirs: set[str] = set()
    for _ in range(25):
        _person(situation, dice, theirs)
        actions = _plan(situation, dice)
        faults = situation.github.faults
        number = dice.randrange(6)
        kind = dice.randrange(5)
        if kind == 0:
            faults.add(failing_after(number))
        elif kind == 1:
            faults.add(failing_before(number))
        elif kind == 2 and any(isinstance(each, UpdatePull) for each in actions):
            faults.add(
                meanwhile(number, lambda: theirs.add(situation.push({"mine.py": f"x = {dice.random()}\n"})))
            )
        with situation.client() as client, contextlib.suppress(Passing, Died):
            publish(
                dying(client, number) if kind == 3 else client,
                actions,
                pauses=PAUSES if dice.random() < 0.5 else (),
                sleep=situation.pauses.append,
            )
        faults.clear()
        assert all(_holds(situation, each) for each in theirs)
        assert sum(each.open for each in situation.repo.pulls) <= 1
        for pull in situation.repo.pulls:
            said = Counter(comment_key(each.body) for each in pull.comments)
            assert max(said.values(), default=1) == 1
