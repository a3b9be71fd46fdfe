"""What the plan closes, and the reason that it gives."""

from __future__ import annotations

from dataclasses import replace

from bot.plan.actions import ClosePull
from codemods.engine.settings.config import Config
from tests.bot.plan.world import World, kinds


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
