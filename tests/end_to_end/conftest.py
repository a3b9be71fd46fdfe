"""A stand-in for GitHub and the service as a process, for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.world import World
from tests.postgres import database_url, postgres, postgres_url  # noqa: F401


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[World]:
    """Both, running; a module may set ``SETTINGS`` for the service."""
    settings = getattr(request.module, "SETTINGS", {})
    with World(Path(tmp_path_factory.mktemp("data")), **settings) as world:
        yield world
        world.check_exchanges()
