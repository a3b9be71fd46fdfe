"""The queue's tests run on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.queue.harness import Site
from tests.postgres import database_url, postgres, postgres_url

__all__ = ["database_url", "postgres", "postgres_url", "served", "site"]


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """A queue on an empty database, once on SQLite and once on PostgreSQL; nobody runs its jobs yet."""
    site = Site(database_url, tmp_path)
    yield site
    site.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A queue with one worker for all tests of the module, which keep to repositories of their own."""
    folder = tmp_path_factory.mktemp("served")
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'patchwright.db'}"
    else:
        server = request.getfixturevalue("postgres")
        name = server.create()
        url = server.url(name)
    site = Site(url, folder)
    with site.worker(WORKERS="12", PAUSES="1 1"):
        yield site
    site.close()
    if request.param == "postgresql":
        server.drop(name)
