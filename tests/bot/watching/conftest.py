"""A store on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with this version's schema; the test runs on both kinds."""
    opened = Database(sa.make_url(database_url))
    opened.migrate()
    yield opened
    opened.close()
