"""Sessions in the database, on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.store import sessions
from bot.store.database import Database
from bot.store.sessions import Session

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def database(database_url):
    found = Database(sa.make_url(database_url))
    found.migrate()
    yield found
    found.close()


def test_what_is_kept_is_read_until_it_expires(database):
    session = Session("a" * 64, 2**40, "ann", {7: True, 2**40: False}, NOW, NOW, NOW + HOUR)
    with database.write() as connection:
        sessions.keep(connection, session)
        assert sessions.read(connection, "a" * 64, NOW) == session
        assert sessions.read(connection, "a" * 64, NOW + HOUR) is None
        assert sessions.read(connection, "b" * 64, NOW) is None
        again = Session("a" * 64, 2**40, "Ann", {}, NOW, NOW + HOUR, NOW + 2 * HOUR)
        sessions.keep(connection, again)
        assert sessions.read(connection, "a" * 64, NOW) == again


def test_what_has_expired_is_cleaned_up_and_no_more(database):
    with database.write() as connection:
        for number in range(4):
            ends = NOW + number * HOUR
            sessions.keep(connection, Session(f"{number}" * 64, 1, "ann", {}, NOW, NOW, ends))
        assert sessions.clean_up(connection, NOW + HOUR) == 2
        sessions.end(connection, "2" * 64)
        assert sessions.read(connection, "2" * 64, NOW) is None
        assert sessions.read(connection, "3" * 64, NOW) is not None


def test_tabs_may_keep_the_same_one_at_once(database):
    def keep(number):
        with database.write() as connection:
            sessions.keep(connection, Session("a" * 64, 1, f"ann{number}", {}, NOW, NOW, NOW + HOUR))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(keep, range(24)))
    with database.read() as connection:
        assert sessions.read(connection, "a" * 64, NOW).login.startswith("ann")
