"""What the tests of the plan share."""

from __future__ import annotations

import pytest

from tests.bot.plan import world


@pytest.fixture(autouse=True)
def toy_rules(monkeypatch, tmp_path):
    """Rules of the tests' own, known by name and page."""
    world.install(monkeypatch, tmp_path)
