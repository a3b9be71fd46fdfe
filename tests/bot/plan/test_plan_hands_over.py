"""What a person took over is theirs; the plan goes around it."""

from __future__ import annotations

from dataclasses import replace

from bot.plan.actions import Comment
from tests.bot.plan.world import kinds


def test_a_persons_commit_ends_the_writing_there(one):
    one.commit_by_a_person(1)
    one.push(b="y = 1\n")
    made = one.go()
    comment = made.actions[0]
    assert isinstance(comment, Comment)
    assert (comment.number, comment.key) == (1, "handed-over")
    assert "From here on it is yours" in comment.body
    assert [each.branch for each in made.actions[1:]] == ["patchwright/ones-2"]
    assert made.actions[1].commit.files == {"b.py": b"y = 0\n"}
    assert "a.py" in made.actions[1].body.split("## What was found and not changed")[1]


def test_it_is_said_once(one):
    one.commit_by_a_person(1)
    one._edit(1, handed_over=True)
    assert one.go().actions == ()


def test_one_that_a_person_took_over_is_not_closed(one):
    one.commit_by_a_person(1)
    one.go()
    one.push(a="x = 0\n")
    (comment,) = one.go().actions
    assert (comment.number, comment.key) == (1, "findings-gone")
    assert "stays open and untouched" in comment.body


def test_handed_back_it_is_kept_up_to_date_again(one):
    ours = one.state.branches
    one.commit_by_a_person(1)
    one.go()
    one.state = replace(one.state, branches=ours)
    one.push(b="y = 1\n")
    assert kinds(one.go()) == ["UpdatePull"]


def test_one_that_a_person_gave_another_base_is_not_opened_twice(one):
    one._edit(1, base="next")
    assert one.go().actions == ()
    one.push(b="x = 1\n")
    (opened,) = one.go().actions
    assert set(opened.commit.files) == {"b.py"}
    assert "`a.py` holds 1. A person works on the pull request that changes it" in opened.body
