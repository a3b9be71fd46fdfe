"""Every decision of the plan, without any GitHub: what is opened, kept, updated, handed over and closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.plan.actions import ClosePull, Comment, DeleteBranch, OpenPull, UpdatePull
from bot.plan.digest import path_mark
from bot.plan.marker import pull_marker, read_marker
from bot.plan.plan import plan
from bot.plan.state import BranchState, Owner
from codemods.engine.settings.config import Config
from tests.bot.plan.world import RULES, Number, QuickWorld, World, kinds

ONES, TWOS, THREES = RULES
THREE_RULES = {"a.py": "x = 1\n", "b.py": "x = 2\ny = 2\n", "tests/test_c.py": "x = 3\ny = 3\nz = 3\n"}


@pytest.fixture
def one():
    """A repository with one pull request open, for one place."""
    world = World({"a.py": "x = 1\n", "b.py": "y = 5\n"})
    assert kinds(world.go()) == ["OpenPull"]
    return world


# --- what is opened


def test_a_rule_gets_one_pull_request():
    world = World({"a.py": "x = 1\n", "b.py": "y = 1\n"}, config=Config(labels=("bot",), reviewers=("ann",)))
    (action,) = world.go().actions
    assert isinstance(action, OpenPull)
    assert (action.branch, action.base, action.rule, action.part) == ("patchwright/ones", "main", "ones", "")
    assert action.title == "Fix a ones where a zero is meant (2 places)"
    assert action.commit.files == {"a.py": b"x = 0\n", "b.py": b"y = 0\n"}
    assert action.commit.parent == "b0" * 20
    assert (action.labels, action.reviewers, action.expected) == (("bot",), ("ann",), None)
    assert action.diff.count("diff --git") == 2
    marker = read_marker(action.body)
    assert (marker.rule, marker.patch, len(marker.findings)) == ("ones", action.commit.patch, 2)


def test_a_rule_without_anything_to_change_opens_nothing():
    world = World({"a.py": "x = 1  # shown\ny = 1  # unsafe\n"})
    assert plan(world.found(), world.state, world.config) == []


def test_unsafe_patches_come_where_the_repository_asks_for_them():
    world = World({"a.py": "x = 1  # unsafe\n"}, config=Config(unsafe_fixes=True))
    (action,) = world.go().actions
    assert "marked unsafe" in action.body


def test_the_most_valuable_come_first_and_the_rest_wait():
    world = World(THREE_RULES, rules=RULES, config=Config(max_open_pull_requests=2))
    made = world.go()
    assert [action.rule for action in made.actions] == ["twos", "ones"]
    assert [(each.rule, each.findings) for each in made.waiting] == [("threes", 3)]
    assert made.waiting[0].reason == "until one of the others is merged or closed"


def test_a_rule_may_weigh_more():
    world = World(
        THREE_RULES,
        rules=(ONES, TWOS, Number("threes", 3, weight=10)),
        config=Config(max_open_pull_requests=1),
    )
    assert [action.rule for action in world.go().actions] == ["threes"]


def test_the_next_one_follows_when_one_is_merged():
    world = World(THREE_RULES, rules=RULES, config=Config(max_open_pull_requests=2))
    world.go()
    world.merge(1, {"b": "x = 0\ny = 0\n"})
    made = world.go()
    assert kinds(made) == ["DeleteBranch", "OpenPull"]
    assert made.actions[0].branch == "patchwright/twos"
    assert made.actions[1].rule == "threes"


def test_the_next_one_follows_when_one_is_closed():
    world = World(THREE_RULES, rules=RULES, config=Config(max_open_pull_requests=2))
    world.go()
    world.close(1)
    assert [each.branch for each in world.go().actions] == ["patchwright/twos", "patchwright/threes"]


def test_a_lower_limit_closes_nothing():
    world = World(THREE_RULES, rules=RULES)
    world.go()
    world.config = Config(max_open_pull_requests=1)
    assert world.decide().actions == ()


def test_none_at_all_may_be_open():
    assert World({"a.py": "x = 1\n"}, config=Config(max_open_pull_requests=0)).decide().actions == ()


def test_those_of_people_and_for_other_bases_count_too(one):
    one.commit_by_a_person(1)
    one.files["c.py"] = "z = 2\n"
    one.rules, one.config = (ONES, TWOS), Config(max_open_pull_requests=1)
    assert kinds(one.go()) == ["Comment"]
    one.state = replace(one.state, base="stable", default="main")
    assert kinds(one.decide()) == []


def test_another_base_has_branches_of_its_own(one):
    one.state = replace(one.state, base="stable", default="main")
    (action,) = one.go().actions
    assert (action.branch, action.base) == ("patchwright/ones-on-stable", "stable")


def test_a_branch_that_a_crash_left_behind_is_used():
    world = World({"a.py": "x = 1\n"})
    (action,) = world.decide().actions
    left = BranchState(action.branch, "c" * 40, Owner.BOT, action.commit.patch, world.state.base_sha)
    world.state = replace(world.state, branches={left.name: left})
    (again,) = world.go().actions
    assert (again.branch, again.expected) == (action.branch, "c" * 40)


def test_a_branch_that_nothing_needs_is_deleted_unless_it_is_a_persons():
    world = World({"a.py": "x = 5\n"})
    ours = BranchState("patchwright/ones", "c" * 40, Owner.BOT, "p", "b")
    theirs = BranchState("patchwright/mine", "d" * 40, Owner.PERSON)
    world.state = replace(world.state, branches={ours.name: ours, theirs.name: theirs})
    assert world.go().actions == (DeleteBranch("patchwright/ones", "c" * 40),)


def test_a_branch_that_a_person_holds_is_gone_around():
    world = World({"a.py": "x = 1\n"})
    theirs = BranchState("patchwright/ones", "d" * 40, Owner.PERSON)
    world.state = replace(world.state, branches={theirs.name: theirs})
    (action,) = world.go().actions
    assert action.branch == "patchwright/ones-2"


def test_a_paused_repository_is_left_alone():
    world = World({"a.py": "x = 1\n"})
    world.state = replace(world.state, paused=True)
    made = world.decide()
    assert made.actions == ()
    assert "paused" in made.log[0]


# --- what people said no to


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


# --- what is kept up to date


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


# --- what is closed


def test_without_findings_it_is_closed_and_its_branch_deleted(one):
    tip = one.state.branches["patchwright/ones"].sha
    one.push(a="x = 0\n")
    (action,) = one.go().actions
    assert isinstance(action, ClosePull)
    assert action.expected == tip
    assert "is not found any more in `main` at" in action.comment
    assert one.pull(1).marker.settled == "gone"
    assert one.state.declined == frozenset()


def test_a_rule_that_was_switched_off_says_so(one):
    one.config = Config(rules={"ones": False})
    (action,) = one.go().actions
    assert "The rule `ones` is off now" in action.comment
    one.config = Config()
    assert kinds(one.go()) == ["OpenPull"]


def test_what_a_comment_silences_says_so(one):
    one.push(a="x = 1  # patchwright: ignore[ones]\n")
    (action,) = one.go().actions
    assert "silenced by comments now" in action.comment


def test_what_is_found_but_not_offered_any_more_says_so():
    world = World({"a.py": "x = 1  # unsafe\n"}, config=Config(unsafe_fixes=True))
    world.go()
    world.config = Config()
    (action,) = world.go().actions
    assert "does not offer to change them any more" in action.comment


def test_one_that_a_person_opens_again_is_not_closed_again(one):
    branches = one.state.branches
    one.push(a="x = 0\n")
    one.go()
    one._edit(1, open=True)
    one.state = replace(one.state, branches=branches)
    assert one.go().actions == ()
    one.push(a="x = 1\n")
    one.go()
    assert one.pull(1).marker.settled == ""


def test_one_whose_places_another_one_has_makes_way(one):
    branches = one.state.branches
    one.close(1)
    one.push(a="x = 1\ny = 1\n")
    one.go()
    one._edit(1, open=True)
    one.state = replace(one.state, branches={**one.state.branches, **branches})
    made = one.go()
    assert kinds(made) == ["UpdatePull", "ClosePull"]
    assert "part of another pull request" in made.actions[1].comment


# --- what a person took over


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


# --- large rules


def many(folder, count):
    return {f"{folder}/m{number:02}.py": "x = 1\n" for number in range(count)}


LARGE = {**many("app", 5), **many("lib", 4), **many("tools", 2)}


def test_a_large_rule_is_divided_by_folders():
    world = QuickWorld(LARGE, config=Config(split_above=5))
    made = world.go()
    assert [(each.branch, each.part) for each in made.actions] == [
        ("patchwright/ones-app", "app"),
        ("patchwright/ones-lib", "lib"),
        ("patchwright/ones-other-folders", "."),
    ]
    assert all(len(each.commit.files) <= 5 for each in made.actions)
    assert made.actions[0].title == "Fix a ones where a zero is meant in app (5 places)"
    assert "5 places in 5 files in app." in made.actions[0].body


def test_one_that_was_whole_stays_whole_while_it_is_not_much_too_large():
    world = QuickWorld(many("app", 4) | many("lib", 1), config=Config(split_above=5))
    world.go()
    world.push(lib__new="x = 1\n", lib__newer="x = 1\n")
    made = world.go()
    assert kinds(made) == ["OpenPull"]
    assert len(world.pull(1).marker.files) == 5
    assert [(each.branch, each.part) for each in made.actions] == [("patchwright/ones-other-folders", ".")]


def test_one_that_is_far_too_large_for_a_new_limit_makes_way_for_smaller_ones():
    world = QuickWorld(LARGE)
    world.go()
    world.config = Config(split_above=5)
    made = world.go()
    assert kinds(made)[0] == "ClosePull"
    assert "split-above: 5" in made.actions[0].comment
    assert set(kinds(made)[1:]) == {"OpenPull"}
    assert world.state.declined == frozenset()


def test_parts_that_are_open_stay_when_a_rule_becomes_small_again():
    world = QuickWorld(LARGE, config=Config(split_above=5))
    world.go()
    world.config = Config(split_above=30)
    assert world.go().actions == ()


def test_a_part_does_not_grow_when_another_is_merged():
    world = QuickWorld(LARGE, config=Config(split_above=5, max_open_pull_requests=1))
    world.go()
    world.merge(1, {f"app__m{number:02}": "x = 0\n" for number in range(5)})
    made = world.go()
    assert kinds(made) == ["DeleteBranch", "OpenPull"]
    assert len(made.actions[1].commit.files) <= 5


def test_code_owners_divide_where_there_are_some():
    files = {**many("app", 3), **many("lib", 3), ".github/CODEOWNERS": "* @acme/all\n/lib/ @acme/lib @bob\n"}
    world = QuickWorld(files, config=Config(split_above=5))
    made = world.go()
    assert [each.part for each in made.actions] == ["owned by @acme/all", "owned by @acme/lib @bob"]
    assert [each.title for each in made.actions] == [
        "Fix a ones where a zero is meant for acme/all (3 places)",
        "Fix a ones where a zero is meant for acme/lib bob (3 places)",
    ]
    assert not any(
        "@acme" in each.title + each.body or "@bob" in each.title + each.body for each in made.actions
    )


# --- style


def test_commits_are_written_in_the_repositorys_style():
    world = World({"a.py": "x = 1\n"})
    world.state = replace(world.state, conventional=True)
    (action,) = world.decide().actions
    assert action.title == "fix: a ones where a zero is meant (1 place)"
    assert action.commit.message.startswith("fix: a ones where a zero is meant\n\n")
    world.config = Config(commit_style="plain")
    assert world.decide().actions[0].title.startswith("Fix a ones")


def test_a_change_of_tests_alone_is_a_test_commit():
    world = World({"tests/test_a.py": "x = 1\n"}, config=Config(commit_style="conventional"))
    assert world.decide().actions[0].title.startswith("test: a ones")


def test_the_marker_of_another_version_is_no_marker(one):
    marker = replace(one.pull(1).marker, version=2)
    assert read_marker(pull_marker(marker)) is None


def test_what_the_base_lost_is_not_brought_back_by_a_merge(one):
    branch = one.state.branches["patchwright/ones"]
    one.push(other="y = 2\n")
    one.state = replace(one.state, branches={branch.name: replace(branch, astray=True)})
    (update,) = one.decide().actions
    assert (update.expected, update.commit.parent) == (branch.sha, one.state.base_sha)
    one.go()


def test_what_was_closed_stays_away_though_its_text_lost_the_marker(one):
    one._edit(1, body="My own words.")
    one.close(1)
    pull = replace(one.pull(1), files=frozenset({path_mark("a.py")}))
    one.state = replace(one.state, pulls=(pull,))
    assert kinds(one.go()) == ["DeleteBranch"]
    one.push(b="x = 1\n")
    (opened,) = one.go().actions
    assert set(opened.commit.files) == {"b.py"}


def test_one_that_a_person_gave_another_base_is_not_opened_twice(one):
    one._edit(1, base="next")
    assert one.go().actions == ()
    one.push(b="x = 1\n")
    (opened,) = one.go().actions
    assert set(opened.commit.files) == {"b.py"}
    assert "`a.py` holds 1. A person works on the pull request that changes it" in opened.body
