"""What people said no to does not come back, unless they ask for it."""

from __future__ import annotations

from dataclasses import replace

from bot.plan.digest import path_mark
from tests.bot.plan.world import kinds


def test_what_was_closed_never_comes_back(one):
    one.close(1)
    assert kinds(one.go()) == ["DeleteBranch"]
    one.push(a="\n\nx = 1  # moved, with a comment\n")
    assert one.go().actions == ()


def test_only_those_places_are_declined(one):
    one.close(1)
    one.push(a="x = 1\ny = 1\n")
    deleted, opened = one.go().actions
    assert (deleted.branch, opened.branch) == ("patchwright/ones", "patchwright/ones-2")
    assert opened.commit.files == {"a.py": b"x = 1\ny = 0\n"}
    assert "`a.py` holds 1. A pull request that would have changed it was closed." in opened.body


def test_reopening_undoes_it(one):
    one.close(1)
    one._edit(1, open=True)
    assert one.go().actions == ()
    assert one.state.declined == frozenset()


def test_what_was_asked_for_again_comes_again(one):
    one.close(1)
    one.go()
    one.state = replace(one.state, undeclined=one.state.declined)
    assert kinds(one.go()) == ["OpenPull"]


def test_what_was_merged_and_taken_back_is_offered_again(one):
    one.merge(1, {"a": "x = 0\n"})
    one.go()
    one.push(a="x = 1\n")
    assert kinds(one.go()) == ["OpenPull"]


def test_a_branch_of_a_closed_pull_request_with_a_persons_commits_stays(one):
    one.commit_by_a_person(1)
    one.close(1)
    assert one.go().actions == ()


def test_what_was_closed_stays_away_though_its_text_lost_the_marker(one):
    one._edit(1, body="My own words.")
    one.close(1)
    pull = replace(one.pull(1), files=frozenset({path_mark("a.py")}))
    one.state = replace(one.state, pulls=(pull,))
    assert kinds(one.go()) == ["DeleteBranch"]
    one.push(b="x = 1\n")
    (opened,) = one.go().actions
    assert set(opened.commit.files) == {"b.py"}
