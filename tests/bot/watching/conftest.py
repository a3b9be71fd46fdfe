"""A store on SQLite and on PostgreSQL, and GitHub with the App."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.github.signing_in import App
from bot.store.database import Database
from tests.github import fixtures
from tests.github.fixtures import APP_ID, private_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.github.server import StandIn

github = fixtures.github


@pytest.fixture
def app(github: StandIn) -> App:
    """The App's own side: writing without pauses."""
    return App(APP_ID, private_key(), github.api_url, write_pause_seconds=0)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with this version's schema; the test runs on both kinds."""
    opened = Database(sa.make_url(database_url))
    opened.migrate()
    yield opened
    opened.close()
