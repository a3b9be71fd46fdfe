"""Large rules are divided into several pull requests."""

from __future__ import annotations

from codemods.engine.settings.config import Config
from tests.bot.plan.world import QuickWorld, kinds


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
