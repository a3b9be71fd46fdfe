"""The rewritten programs are run on PostgreSQL: the server closes the pool's connections, and a request comes by.

Before the fix the request fails; after it the pool has noticed. On SQLite the argument changes nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError

from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.finding import Applicability
from codemods.engine.registry import load
from codemods.engine.run.analyse import Options, analyse, fixed

if TYPE_CHECKING:
    from tests.postgres import Server

SYNC = """
from sqlalchemy import create_engine, text

engine = create_engine("{url}", pool_size=2)


def request():
    with engine.connect() as connection:
        return connection.scalar(text("SELECT 1"))


def close():
    engine.dispose()
"""
ASYNC = """
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("{url}", pool_size=2)


async def request():
    async with engine.connect() as connection:
        return await connection.scalar(text("SELECT 1"))


async def close():
    await engine.dispose()
"""


def fix(program: str) -> str:
    snapshot = MemorySnapshot({"app/main.py": program.encode()})
    report = analyse(snapshot, [load("pool-pre-ping")], Options())
    after = fixed(snapshot, report, frozenset({Applicability.SAFE}))
    return after.get("app/main.py", program.encode()).decode()


class Program:
    """A program whose requests are made one after the other, with the server's help in between."""

    def __init__(self, text: str) -> None:
        self.names: dict[str, object] = {}
        exec(compile(text, "main.py", "exec"), self.names)
        self.loop = asyncio.new_event_loop()

    def call(self, name: str) -> object:
        result = self.names[name]()  # type: ignore[operator]
        return self.loop.run_until_complete(result) if asyncio.iscoroutine(result) else result

    def close(self) -> None:
        self.call("close")
        self.loop.close()


def hang_up(postgres: Server, url: str) -> None:
    """The server closes every connection to the database, as it does when it restarts."""
    name = url.rpartition("/test_")[2].partition("?")[0]
    postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'test_{name}'")


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg", "psycopg_async"])
def test_a_closed_connection_reaches_nobody(driver: str, postgres: Server, postgres_url: str) -> None:
    url = postgres_url.replace("psycopg", driver, 1)
    program = (ASYNC if driver in {"asyncpg", "psycopg_async"} else SYNC).replace("{url}", url)
    fixed_program = fix(program)
    assert fixed_program != program

    before, after = Program(program), Program(fixed_program)
    for each in (before, after):
        assert each.call("request") == 1
    hang_up(postgres, postgres_url)
    with pytest.raises(DBAPIError):
        before.call("request")
    assert after.call("request") == 1
    assert after.call("request") == 1
    for each in (before, after):
        each.close()


def test_a_ping_does_no_harm_on_sqlite(tmp_path) -> None:
    for url in ("sqlite://", f"sqlite:///{tmp_path / 'app.db'}"):
        program = SYNC.replace("{url}", url).replace("pool_size=2", "pool_pre_ping=True")
        assert fix(program) == program
        running = Program(program)
        assert running.call("request") == 1
        running.close()


def test_it_is_taken_by_every_engine_that_the_rule_knows() -> None:
    """MySQL's and the others' servers are not at hand: making the engine takes none."""
    for url in ("mysql+pymysql://db/app", "mariadb+pymysql://db/app", "postgresql+psycopg2://db/app"):
        running = Program(fix(SYNC.replace("{url}", url)))
        assert running.names["engine"].pool._pre_ping is True  # type: ignore[attr-defined]
        running.close()
