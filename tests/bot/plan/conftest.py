"""What the tests of the plan share."""

from __future__ import annotations

import pytest

from tests.bot.plan import world
from tests.bot.plan.world import World, kinds


@pytest.fixture(autouse=True)
def toy_rules(monkeypatch, tmp_path):
    """Rules of the tests' own, known by name and page."""
    world.install(monkeypatch, tmp_path)


@pytest.fixture
def one():
    """A repository with one pull request open, for one place."""
    world = World({"a.py": "x = 1\n", "b.py": "y = 5\n"})
    assert kinds(world.go()) == ["OpenPull"]
    return world
