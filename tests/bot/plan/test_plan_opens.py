"""What the plan opens, in which order, on which branches, in whose style."""

from __future__ import annotations

from dataclasses import replace

from bot.plan.actions import DeleteBranch, OpenPull
from bot.plan.marker import read_marker
from bot.plan.plan import plan
from bot.plan.state import BranchState, Owner
from codemods.engine.settings.config import Config
from tests.bot.plan.world import ONES, RULES, TWOS, Number, World, kinds

THREE_RULES = {"a.py": "x = 1\n", "b.py": "x = 2\ny = 2\n", "tests/test_c.py": "x = 3\ny = 3\nz = 3\n"}


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
