"""Closing pull requests, deleting branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.plan.actions import ClosePull, DeleteBranch
from bot.plan.marker import comment_key, comment_marker, read_marker
from tests.bot.publish.situation import BRANCH, body, opening

if TYPE_CHECKING:
    from tests.bot.publish.situation import Situation


@pytest.fixture
def tip(situation: Situation) -> str:
    """The tip of the branch of an open pull request."""
    situation.publish([opening(situation.repo.tip)])
    situation.forget()
    return situation.repo.branches()[BRANCH]


def _close(situation: Situation, expected: str | None) -> ClosePull:
    said = f"Nothing is left to change.\n\n{comment_marker('closed')}\n"
    return ClosePull(1, BRANCH, body(situation.repo.tip, settled="gone"), said, expected)


def test_it_is_closed_with_a_comment_and_its_branch_deleted(situation: Situation, tip: str) -> None:
    assert situation.publish([_close(situation, tip)]) == [f"#1: closed, deleted branch {BRANCH}"]
    pull = situation.pull
    marker = read_marker(pull.body or "")
    assert not pull.open
    assert marker is not None
    assert marker.settled == "gone"
    assert [each.body.partition("\n")[0] for each in pull.comments] == ["Nothing is left to change."]
    assert BRANCH not in situation.repo.branches()
    assert situation.state().declined == frozenset()


def test_the_marker_and_the_closing_are_one_request(situation: Situation, tip: str) -> None:
    situation.publish([_close(situation, tip)])
    (edit,) = situation.github.exchanges.to("PATCH", "/pulls/1")
    assert set(edit.request_json) == {"body", "state"}


def test_one_that_a_person_pushed_to_stays_open(situation: Situation, tip: str) -> None:
    mine = situation.push({"mine.py": b"x = 1\n"})
    (line,) = situation.publish([_close(situation, tip)])
    assert "left open" in line
    assert situation.pull.open
    assert situation.pull.comments == []
    assert situation.repo.branches()[BRANCH] == mine


def test_a_push_at_the_last_moment_keeps_the_branch(situation: Situation, tip: str) -> None:
    situation.github.faults.meanwhile("POST", "/graphql", lambda: situation.push({"mine.py": b"x = 1\n"}))
    (line,) = situation.publish([_close(situation, tip)])
    assert "left branch" in line
    assert situation.repo.file("mine.py", BRANCH) == b"x = 1\n"


def test_without_a_tip_the_branch_is_left(situation: Situation, tip: str) -> None:
    mine = situation.push({"mine.py": b"x = 1\n"})
    assert situation.publish([_close(situation, None)]) == ["#1: closed"]
    assert situation.repo.branches()[BRANCH] == mine != tip


def test_one_that_a_person_closed_stays_theirs(situation: Situation, tip: str) -> None:
    action = _close(situation, tip)
    situation.pull.close()
    (line,) = situation.publish([action])
    assert "left alone, it was closed in between" in line
    assert situation.pull.comments == []
    assert situation.state().declined == {"0123456789abcdef"}


def test_one_that_was_merged_stays_as_it_is(situation: Situation, tip: str) -> None:
    action = _close(situation, tip)
    situation.pull.merge()
    (line,) = situation.publish([action])
    assert "left alone, it was merged in between" in line


def test_a_comment_without_a_marker_gets_one(situation: Situation, tip: str) -> None:
    situation.publish([ClosePull(1, BRANCH, body("0" * 40, settled="gone"), "Gone.", tip)])
    (said,) = situation.pull.comments
    assert comment_key(said.body) == "closed"


def test_a_branch_is_deleted_where_nothing_happened_to_it(situation: Situation, tip: str) -> None:
    assert situation.publish([DeleteBranch(BRANCH, tip)]) == [f"deleted branch {BRANCH}"]
    assert situation.publish([DeleteBranch(BRANCH, tip)]) == [f"deleted branch {BRANCH}"]
    assert BRANCH not in situation.repo.branches()


def test_a_branch_that_somebody_pushed_to_is_not_deleted(situation: Situation, tip: str) -> None:
    mine = situation.push({"mine.py": b"x = 1\n"})
    (line,) = situation.publish([DeleteBranch(BRANCH, tip)])
    assert line.startswith(f"left branch {BRANCH}")
    assert situation.repo.branches()[BRANCH] == mine


def test_a_locked_conversation_is_closed_without_a_word(situation: Situation, tip: str) -> None:
    situation.github.faults.status(
        "POST", "/repos/*/issues/1/comments", 403, "Unable to create comment because issue is locked."
    )
    assert situation.publish([_close(situation, tip)]) == [f"#1: closed, deleted branch {BRANCH}"]
    assert (situation.pull.open, situation.pull.comments) == (False, [])
