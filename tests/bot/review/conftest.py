"""What the tests of reviews share."""

from __future__ import annotations

import pytest

from codemods.engine import registry
from tests.bot.plan import world
from tests.bot.review.world import LONG, PI


@pytest.fixture(autouse=True)
def toy_rules(monkeypatch, tmp_path):
    """Rules of the tests' own, known by name and page."""
    world.install(monkeypatch, tmp_path)
    known = dict(registry.known())
    for rule in (PI, LONG):
        page = tmp_path / f"{rule.name}.md"
        page.write_text(world.PAGE.format(name=rule.name))
        known[rule.name] = registry.Known(rule.name, "nowhere", page=page)
    monkeypatch.setattr(registry, "known", lambda: known)
