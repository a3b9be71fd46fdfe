"""Where the operator wants to ask first: one pull request that adds the configuration, and nothing else before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.plan.actions import Comment, OpenPull, UpdatePull
from bot.starter import STARTER
from codemods.engine.settings.config import Config, read_config
from tests.bot.plan.world import RULES, World, kinds


@pytest.fixture
def world():
    """A repository of an operator who asks first."""
    made = World({"a.py": "x = 1\n", "b.py": "x = 2\ny = 2\n"}, rules=RULES)
    made.state = replace(made.state, onboarding=True)
    return made


def test_the_first_pull_request_adds_the_configuration_and_lists_those_to_come(world):
    made = world.go()
    (action,) = made.actions
    assert isinstance(action, OpenPull)
    assert (action.branch, action.title) == ("patchwright/onboarding", "Configure Patchwright")
    assert action.commit.files == {".github/patchwright.yml": STARTER.encode()}
    assert "1. Fix a twos where a zero is meant: 2 places in 1 file\n2. Fix a ones" in action.body
    assert "At most 3 pull requests are open at once" in action.body
    assert "new file mode 100644\n--- /dev/null\n+++ b/.github/patchwright.yml\n@@ -0,0 +1," in action.diff
    assert [each.reason for each in made.waiting] == [
        "until the pull request that adds the configuration is merged"
    ] * 2


def test_what_it_adds_changes_nothing():
    def read(path):
        if path == ".github/patchwright.yml":
            return STARTER.encode()
        raise FileNotFoundError(path)

    assert replace(read_config(read), path=None) == Config()


def test_with_nothing_to_come_it_says_so(world):
    world.files = {"a.py": "x = 5\n"}
    (action,) = world.go().actions
    assert "Nothing for now" in action.body


def test_it_is_written_in_the_repositorys_style(world):
    world.state = replace(world.state, conventional=True)
    assert world.decide().actions[0].title == "chore: configure Patchwright"


def test_its_list_is_kept_up_to_date(world):
    world.go()
    world.push(c="z = 3\n")
    (action,) = world.go().actions
    assert isinstance(action, UpdatePull)
    assert action.commit is None
    assert "Fix a threes" in action.body


def test_merged_everything_begins(world):
    world.go()
    world.close(1, merged=True)
    world.state = replace(world.state, configured=True)
    assert kinds(world.go()) == ["DeleteBranch", "OpenPull", "OpenPull"]


def test_closed_nothing_is_opened(world):
    world.go()
    world.close(1)
    made = world.go()
    assert kinds(made) == ["DeleteBranch"]
    assert "was closed without merging: nothing is opened" in made.log[-1]
    assert len(made.waiting) == 2
    world.state = replace(world.state, configured=True)
    assert kinds(world.go()) == ["OpenPull", "OpenPull"]


def test_a_configuration_that_came_another_way_closes_it(world):
    world.go()
    world.state = replace(world.state, configured=True)
    made = world.go()
    assert kinds(made) == ["ClosePull", "OpenPull", "OpenPull"]
    assert "not needed any more" in made.actions[0].comment


def test_what_a_person_edits_there_is_theirs(world):
    world.go()
    world.commit_by_a_person(1)
    world.push(c="z = 3\n")
    (comment,) = world.go().actions
    assert isinstance(comment, Comment)
    world.state = replace(world.state, configured=True)
    assert kinds(world.go()) == ["OpenPull"] * 2


def test_what_is_open_already_is_still_kept_up_to_date():
    world = World({"a.py": "x = 1\n"})
    world.go()
    world.state = replace(world.state, onboarding=True)
    world.push(b="y = 1\n")
    assert kinds(world.go()) == ["UpdatePull", "OpenPull"]


def test_other_bases_wait_for_the_default_branch(world):
    world.state = replace(world.state, base="stable", default="main")
    made = world.go()
    assert made.actions == ()
    assert made.log == ("stable waits for the configuration on main",)
