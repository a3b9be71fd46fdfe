"""When the plan moves a branch or edits a text, and when it leaves them as they are."""

from __future__ import annotations

from dataclasses import replace

from bot.plan.actions import Comment, UpdatePull
from bot.plan.marker import read_marker
from tests.bot.plan.world import ONES, TWOS, World, kinds


def test_the_same_change_on_a_newer_base_is_not_pushed_again(one):
    one.push(b="y = 6\n")
    assert one.go().actions == ()


def test_lines_that_only_move_change_nothing(one):
    one.push(a="import os\n\n\nx = 1\n")
    one.go()
    one.push(a="import os\nimport sys\n\n\nx = 1\n")
    assert one.go().actions == ()


def test_a_change_right_beside_it_would_conflict_and_moves_the_branch(one):
    one.push(a="w = 7\nx = 1\n")
    before = one.state.branches["patchwright/ones"].sha
    (action,) = one.go().actions
    assert isinstance(action, UpdatePull)
    assert (action.expected, action.commit.parent) == (before, one.state.base_sha)
    assert action.commit.files == {"a.py": b"w = 7\nx = 0\n"}


def test_it_grows(one):
    one.push(b="y = 1\n")
    (action,) = one.go().actions
    assert action.title == "Fix a ones where a zero is meant (2 places)"
    assert sorted(action.commit.files) == ["a.py", "b.py"]


def test_it_shrinks():
    world = World({"a.py": "x = 1\n", "b.py": "y = 1\n"})
    world.go()
    world.push(b="y = 0\n")
    (action,) = world.go().actions
    assert sorted(action.commit.files) == ["a.py"]
    assert "(1 place)" in action.title


def back_and_forth(world, times):
    """The base changes the finding's neighbourhood, and back; the actions of each time."""
    two = {"a": "x = 1\nz = 1\n"}, {"a": "x = 1\n"}
    kinds_of = []
    for number in range(times):
        world.push(**two[number % 2])
        kinds_of.append([type(each) for each in world.go().actions])
    return kinds_of


def test_a_branch_that_goes_back_and_forth_is_stopped_and_says_so_once(one):
    moves = back_and_forth(one, 3)
    assert moves == [[UpdatePull]] * 3
    held = one.pull(1).marker.patch
    one.push(a="x = 1\n")
    comment, edit = one.go().actions
    assert isinstance(comment, Comment)
    assert "/patchwright rebase" in comment.body
    assert edit.commit is None
    assert (one.pull(1).marker.stopped, one.pull(1).marker.patch) == (True, held)
    assert back_and_forth(one, 4) == [[]] * 4
    one.push(a="x = 1\nw = 1\n")
    assert one.go().actions == (), "nothing else moves it either"
    one.push(a="x = 0\n")
    assert kinds(one.go()) == ["ClosePull"], "what is settled is closed as ever"


def test_a_stopped_branch_moves_again_when_a_person_asks(one):
    back_and_forth(one, 4)
    marker = replace(one.pull(1).marker, patch="", before=(), stopped=False)
    branch = one.state.branches["patchwright/ones"]
    asked = replace(one.pull(1), marker=marker)
    branches = {branch.name: replace(branch, patch="")}
    one.state = replace(one.state, pulls=(asked,), branches=branches)
    (action,) = one.go().actions
    assert action.commit is not None
    assert (one.pull(1).marker.before, one.pull(1).marker.stopped) == ((), False)
    assert [UpdatePull] in back_and_forth(one, 2)


def test_changes_that_do_not_repeat_never_stop_a_branch(one):
    for number in range(8):
        one.push(a="x = 1\n" + "z = 1\n" * (number % 4))
        assert all(isinstance(each, UpdatePull) for each in one.go().actions)
    assert len(one.pull(1).marker.before) == 3


def test_a_text_that_says_something_else_is_edited_without_a_push(one):
    one.push(b="y = 1  # shown\n")
    (action,) = one.go().actions
    assert action.commit is None
    assert "`b.py` holds 1." in action.body
    assert one.state.base_sha in action.body


def test_a_persons_title_and_what_they_wrote_below_stay(one):
    pull = one.pull(1)
    one._edit(1, title="Zeros!", body=pull.body.replace("\n", "\r\n") + "\r\nReviewed by Ann\r\n")
    assert one.go().actions == ()
    one.push(b="y = 1\n")
    (action,) = one.go().actions
    assert action.title == "Zeros!"
    assert action.body.rstrip().endswith("Reviewed by Ann")
    assert one.pull(1).marker.patch == action.commit.patch


def test_a_marker_that_somebody_deleted_is_written_again(one):
    one._edit(1, body="gone")
    (action,) = one.go().actions
    assert action.commit is None
    assert read_marker(action.body).rule == "ones"


def test_a_branch_that_is_not_there_is_not_written_to(one):
    one.state = replace(one.state, branches={})
    made = one.decide()
    assert made.actions == ()
    assert made.log == ("#1 stays as it is: its branch patchwright/ones is not there",)


def test_what_could_not_be_looked_at_is_left_as_it_is(one):
    one.files["a.py"] = "x = (\n"
    made = one.decide()
    assert made.actions == ()
    assert made.log == ("#1 stays as it is: not all of its files could be looked at",)


def test_a_file_that_another_rule_could_not_look_at_does_not_matter(one):
    one.push(a="x = 0\n")
    one.rules = (ONES, TWOS)
    one.skipped = (("a.py", "twos: took more than 20 s"),)
    assert kinds(one.decide()) == ["ClosePull"]
    one.skipped = ((".", "ones: looking for candidates failed: KeyError"),)
    assert kinds(one.decide()) == []


def test_what_the_base_lost_is_not_brought_back_by_a_merge(one):
    branch = one.state.branches["patchwright/ones"]
    one.push(other="y = 2\n")
    one.state = replace(one.state, branches={branch.name: replace(branch, astray=True)})
    (update,) = one.decide().actions
    assert (update.expected, update.commit.parent) == (branch.sha, one.state.base_sha)
    one.go()
