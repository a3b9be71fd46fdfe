"""A wrong configuration is shown on the very commit, with its lines, while the last good one stays in force."""

from __future__ import annotations

from dataclasses import replace

from bot.plan.actions import Annotation, ReportCheck
from bot.plan.config_check import config_check
from codemods.engine.settings.config import Problem
from tests.bot.plan.world import World, kinds

PROBLEMS = (
    Problem(".github/patchwright.yml", 3, "unknown key labls. Did you mean labels?"),
    Problem("pyproject.toml", 0, "does not parse: <b>@ann"),
)


def test_the_base_commit_gets_a_failing_check_and_work_goes_on():
    world = World({"a.py": "x = 1\n"})
    world.state = replace(world.state, config_problems=PROBLEMS)
    made = world.go()
    assert kinds(made) == ["ReportCheck", "OpenPull"]
    check = made.actions[0]
    assert (check.sha, check.conclusion) == (world.state.base_sha, "failure")
    assert check.title == "The configuration has 2 mistakes"
    assert check.annotations == (
        Annotation(".github/patchwright.yml", 3, "unknown key labls. Did you mean labels?", "failure"),
        Annotation("pyproject.toml", 1, "does not parse: <b>@ann", "failure"),
    )
    assert "stays in force until it is put right" in check.summary
    assert "- `.github/patchwright.yml:3`: unknown key labls." in check.summary
    assert "<b>" not in check.summary.replace("\\<b", "")
    assert "@ann" not in check.summary


def test_put_right_it_needs_no_check():
    assert kinds(World({"a.py": "x = 0\n"}).decide()) == []


def test_a_pull_request_that_breaks_it_gets_one_on_its_head():
    check = config_check(PROBLEMS[:1], "a" * 40)
    assert isinstance(check, ReportCheck)
    assert (check.sha, check.conclusion, check.title) == (
        "a" * 40,
        "failure",
        "The configuration has 1 mistake",
    )
    assert check.external_id == config_check((), "a" * 40).external_id
    assert "If this were merged" in check.summary


def test_a_right_one_is_a_success():
    assert config_check((), "a" * 40).conclusion == "success"


def test_no_more_annotations_than_one_request_takes():
    many = [Problem("p.yml", number, "wrong") for number in range(1, 80)]
    check = config_check(many, "a" * 40)
    assert len(check.annotations) == 50
    assert "and 29 more" in check.summary
