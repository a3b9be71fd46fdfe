"""Bringing pull requests up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Moved
from bot.plan.actions import UpdatePull
from tests.bot.publish.situation import BRANCH, NEW, NEWER, body, commit, opening

if TYPE_CHECKING:
    from tests.bot.publish.situation import Situation


@pytest.fixture
def tip(situation: Situation) -> str:
    """The tip of the branch of an open pull request."""
    situation.publish([opening(situation.repo.tip)])
    situation.forget()
    return situation.repo.branches()[BRANCH]


def _update(situation: Situation, tip: str, *, moved: bool = True) -> UpdatePull:
    base = situation.repo.tip
    change = commit(base, NEWER, "bbbb") if moved else None
    return UpdatePull(1, BRANCH, "Raise it more", body(base, "bbbb"), tip, change)


def test_the_branch_moves_to_one_commit_on_the_new_base(situation: Situation, tip: str) -> None:
    base = situation.push({"other.py": b"y = 1\n"}, "main")
    (line,) = situation.publish([_update(situation, tip)])
    assert line.startswith(f"#1: moved {BRANCH} to ")
    assert situation.repo.git.text("log", "--format=%P", "-1", BRANCH) == base
    assert situation.repo.file("app.py", BRANCH) == NEWER
    assert (situation.pull.title, situation.pull.body) == ("Raise it more", body(base, "bbbb"))


def test_the_words_alone_leave_the_branch(situation: Situation, tip: str) -> None:
    assert situation.publish([_update(situation, tip, moved=False)]) == ["#1: edited"]
    assert situation.repo.branches()[BRANCH] == tip
    assert situation.pull.title == "Raise it more"
    assert situation.publish([_update(situation, tip, moved=False)]) == ["#1: is up to date"]


@pytest.mark.parametrize("moved", [True, False], ids=["commit", "words"])
def test_a_push_since_the_plan_stops_everything(situation: Situation, tip: str, moved: bool) -> None:
    action = _update(situation, tip, moved=moved)
    mine = situation.push({"mine.py": b"x = 1\n"})
    (line,) = situation.publish([action])
    assert "somebody pushed" in line
    assert situation.repo.branches()[BRANCH] == mine
    assert situation.pull.title == "Raise the limit"
    assert situation.writes() == []


def test_a_push_at_the_last_moment_is_not_lost(situation: Situation, tip: str) -> None:
    pushed: list[str] = []
    situation.github.faults.meanwhile(
        "POST", "/graphql", lambda: pushed.append(situation.push({"mine.py": b"x = 1\n"}))
    )
    (line,) = situation.publish([_update(situation, tip)])
    assert f"somebody pushed {pushed[0][:10]}" in line
    assert [situation.repo.branches()[BRANCH]] == pushed
    assert situation.repo.file("app.py", BRANCH) == NEW
    assert situation.pull.title == "Raise the limit"


def test_a_branch_that_was_handed_back_moves_from_the_persons_commit(situation: Situation, tip: str) -> None:
    mine = situation.push({"mine.py": b"x = 1\n"})
    assert mine != tip
    situation.publish([_update(situation, mine)])
    assert situation.repo.file("mine.py", BRANCH) is None
    assert situation.repo.file("app.py", BRANCH) == NEWER


@pytest.mark.parametrize("merged", [True, False], ids=["merged", "closed"])
def test_a_pull_request_that_was_settled_meanwhile_is_left_alone(
    situation: Situation, tip: str, merged: bool
) -> None:
    if merged:
        situation.pull.merge()
    else:
        situation.pull.close()
    (line,) = situation.publish([_update(situation, tip)])
    assert f"{'merged' if merged else 'closed'} in between" in line
    assert situation.writes() == []


def test_a_branch_that_was_deleted_is_not_made_again(situation: Situation, tip: str) -> None:
    situation.github.faults.meanwhile(
        "GET", f"/repos/*/git/ref/heads/{BRANCH}", lambda: situation.repo.delete_branch(BRANCH)
    )
    (line,) = situation.publish([_update(situation, tip)])
    assert line == f"#1: left alone: {BRANCH} is gone"
    assert BRANCH not in situation.repo.branches()


@pytest.mark.parametrize("moved", [True, False], ids=["commit", "words"])
def test_a_plan_from_old_answers_is_to_be_made_again(situation: Situation, tip: str, moved: bool) -> None:
    situation.publish([UpdatePull(1, BRANCH, "Other", "Other", tip, commit(situation.repo.tip, b"", "cccc"))])
    now = situation.repo.branches()[BRANCH]
    with pytest.raises(Moved):
        situation.publish([_update(situation, tip, moved=moved)])
    assert situation.repo.branches()[BRANCH] == now
    assert situation.pull.title == "Other"
