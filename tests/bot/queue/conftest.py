"""The queue's tests run on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.queue.harness import Site
from tests.postgres import database_url, postgres, postgres_url

__all__ = ["database_url", "postgres", "postgres_url", "site"]


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """A queue on an empty database, once on SQLite and once on PostgreSQL."""
    site = Site(database_url, tmp_path)
    yield site
    site.close()
