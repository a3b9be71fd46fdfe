"""The rewritten programs are run on SQLite and PostgreSQL: before the fix SQLAlchemy refuses the string, after it answers.

The strings that are reported without a patch are run inside ``text()`` too: it does read them otherwise.
"""

from __future__ import annotations

import asyncio
import textwrap

import pytest
import sqlalchemy
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import ArgumentError, ObjectNotExecutableError, StatementError

from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.finding import Applicability
from codemods.engine.registry import load
from codemods.engine.run.analyse import Options, analyse, fixed
from codemods.sqlalchemy_text.statements import binds_in, misread

REFUSED = (ArgumentError, ObjectNotExecutableError)

SYNC = """
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session, scoped_session, sessionmaker


    def run(url):
        engine = create_engine(url)
        factory = sessionmaker(engine)
        scoped = scoped_session(factory)
        try:
            {body}
        finally:
            scoped.remove()
            engine.dispose()
"""
CALLS = {
    "a connection": 'with engine.connect() as c: return c.execute("SELECT 1").scalar()',
    "a transaction": 'with engine.begin() as c: return c.scalar("SELECT 1")',
    "scalars": 'with engine.begin() as c: return c.scalars("SELECT 1").one()',
    "a session": 'with factory() as s: return s.execute("SELECT 1").scalar()',
    "the class itself": 'with Session(engine) as s: return s.scalar("SELECT 1")',
    "a session's transaction": 'with factory.begin() as s: return s.scalars("SELECT 1").one()',
    "a scoped session": 'return scoped.execute("SELECT 1").scalar()',
    "values": 'with factory() as s: return s.scalar("SELECT count(*) WHERE CAST(:a AS TEXT) = \'x\'", {"a": "x"})',
    "per cent": """with factory() as s: return s.scalar("SELECT count(*) WHERE 'abc' LIKE '%b%'")""",
    "colons": """with factory() as s: return s.scalar("SELECT count(*) WHERE '2:30' > '12:30'")""",
    "several lines": """with factory() as s:
                return s.scalar(
                    "SELECT count(*) "
                    "WHERE 1 = :one",
                    {"one": 1},
                )""",
    "a variable": """query = "SELECT 1"
            with factory() as s: return s.scalar(query)""",
}
ASYNC = """
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine


    async def run(url):
        engine = create_async_engine(url)
        factory = async_sessionmaker(engine)
        try:
            {body}
        finally:
            await engine.dispose()
"""
ASYNC_CALLS = {
    "a connection": 'async with engine.connect() as c: return await c.scalar("SELECT 1")',
    "a stream": """async with engine.connect() as c:
                async for row in await c.stream("SELECT 1"):
                    return row[0]""",
    "a session": 'async with factory() as s: return (await s.execute("SELECT 1")).scalar()',
    "a transaction": 'async with factory.begin() as s: return await s.scalar("SELECT 1")',
}


def fix(program: str) -> str:
    snapshot = MemorySnapshot({"app/main.py": program.encode()})
    report = analyse(snapshot, [load("sqlalchemy-text")], Options())
    after = fixed(snapshot, report, frozenset({Applicability.SAFE}))
    return after["app/main.py"].decode()


def run(program: str, url: str) -> object:
    names: dict[str, object] = {}
    exec(compile(program, "main.py", "exec", dont_inherit=True), names)
    result = names["run"](url)  # type: ignore[operator]
    return asyncio.run(result) if asyncio.iscoroutine(result) else result


@pytest.mark.parametrize("name", CALLS)
def test_refused_before_and_answered_after(name: str, database_url: str) -> None:
    before = textwrap.dedent(SYNC).replace("{body}", CALLS[name].replace("\n    ", "\n"))
    with pytest.raises(REFUSED):
        run(before, database_url)
    assert run(fix(before), database_url) == 1


@pytest.mark.parametrize("name", ASYNC_CALLS)
def test_refused_before_and_answered_after_awaiting(name: str, database_url: str) -> None:
    url = database_url.replace("sqlite:", "sqlite+aiosqlite:")
    before = textwrap.dedent(ASYNC).replace("{body}", ASYNC_CALLS[name].replace("\n    ", "\n"))
    with pytest.raises(REFUSED):
        run(before, url)
    assert run(fix(before), url) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT ':x'",
        "SELECT 1 -- :here",
        "SELECT '{\"a\":1}'",
        "SELECT tags[ :2]",
        "SELECT '12:30'",
        "SELECT now()::date",
        "SET @n := 0",
        "SELECT a, :b, ':b' FROM t",
        "SELECT $$ :x $$, $q$ a:b :c $q$",
        "SELECT \"odd :name\"",
        "SELECT 'it''s :x'",
        "SELECT /* :a */ :b",
    ],
)  # fmt: skip
def test_bind_parameters_are_those_that_text_reads(sql: str) -> None:
    quoted = misread(sql)
    read = set(sqlalchemy.text(sql)._bindparams)
    assert binds_in(sql) <= read
    assert (quoted is not None) == bool(read - binds_in(sql)) or quoted[1:] in read  # type: ignore[index]


def test_what_is_reported_only_does_fail_inside_text(database_url: str) -> None:
    engine = sqlalchemy.create_engine(database_url)
    with engine.connect() as connection:
        for sql in ("SELECT ':x'", "SELECT 1 -- :here\n"):
            with pytest.raises(StatementError):
                connection.execute(sqlalchemy.text(sql))
    engine.dispose()


def test_a_compiler_refuses_strings() -> None:
    program = textwrap.dedent("""
        from sqlalchemy.dialects import postgresql


        def run(url):
            dialect = postgresql.dialect()
            return postgresql.dialect().statement_compiler(dialect, None).process("SELECT 1")
    """)
    with pytest.raises(AttributeError):
        run(program, "")
    assert run(fix(program), "") == "SELECT 1"
    assert isinstance(postgresql.dialect().name, str)
