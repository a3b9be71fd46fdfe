"""The same queries before and after, by the real drivers: the same rows for harmless values, none for an attack."""

from __future__ import annotations

import asyncio
import datetime
import sqlite3
import uuid
from typing import TYPE_CHECKING, Any

import psycopg
import pymysql
import pymysql.cursors
import pytest
import sqlalchemy

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import ALL, SAFE, Options

if TYPE_CHECKING:
    from codemods.engine.finding import Applicability
    from tests.postgres import Server

ATTACK = "' OR '1'='1"
ROWS = [
    (1, "Ada", "2024-01-02"),
    (2, "O'Brien", "2024-02-03"),
    (3, "50% {off}", "2024-03-04"),
    (4, "Ada Two", "2024-04-05"),
]
TABLE = "CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT, born {date}, key {key})"
KEY = uuid.UUID(int=7)

QUERIES = {
    "f-string": '''f"SELECT id FROM account WHERE name = '{name}' ORDER BY id"''',
    "pattern": '''f"SELECT id FROM account WHERE name LIKE '%{name}%' ORDER BY id"''',
    "percent": '''"SELECT id FROM account WHERE name = '%s' AND name NOT LIKE '%%x%%' ORDER BY id" % name''',
    "numbers": '''"SELECT id FROM account WHERE name = '%s' AND id > %d AND id < %i LIMIT %d" % (name, low, high + 0.5, high)''',
    "format": '''"SELECT id, '{{}}' FROM account WHERE name = '{}'".format(name)''',
    "sum": '''"SELECT id FROM account WHERE name = '" + name + "' AND id > " + str(low) + " ORDER BY id"''',
    "several": '''f"SELECT id FROM account WHERE name IN ('{name}', 'Nobody') AND id BETWEEN {low} AND 9 LIMIT {high}"''',
    "kept": '''f"SELECT id FROM {TABLE} WHERE name = '{name}' AND name LIKE 'A%'"''',
}  # fmt: skip


def patched(code: str, *, leave: frozenset[Applicability] = SAFE, needs: str = "") -> str:
    """The file with the rule's patches, all of which must be there."""
    files = {"app/db.py": code.encode(), "requirements.txt": needs.encode()}
    report = analyse(MemorySnapshot(files), [registry.load("sql-injection")], Options(workers=1))
    assert report.findings
    assert all(each.patch is not None for each in report.findings), report.findings
    after = fixed(MemorySnapshot(files), report, leave)["app/db.py"].decode()
    assert after != code
    return after


def run(code: str, *arguments: object) -> Any:
    names: dict[str, Any] = {}
    exec(compile(code, "app/db.py", "exec", dont_inherit=True), names)
    found = names["find"](*arguments)
    return asyncio.run(found) if asyncio.iscoroutine(found) else found


def compared(code: str, after: str, *arguments: object) -> None:
    """The same for harmless names, and everything or an error before, nothing after, for the attack."""
    for name in ("Ada", "Nobody"):
        assert run(code, *arguments, name, 0, 9) == run(after, *arguments, name, 0, 9)
    assert len(run(code, *arguments, "Ada", 0, 9)) >= 1
    assert run(after, *arguments, ATTACK, 0, 9) == []
    assert len(run(after, *arguments, "O'Brien", 0, 9)) in {0, 1}


@pytest.fixture
def lite(tmp_path) -> str:
    path = str(tmp_path / "a.db")
    with sqlite3.connect(path) as made:
        made.execute(TABLE.format(date="TEXT", key="TEXT"))
        made.executemany("INSERT INTO account VALUES (?, ?, ?, ?)", [(*row, str(KEY)) for row in ROWS])
    made.close()
    return path


@pytest.fixture
def filled(postgres: Server, postgres_url: str) -> str:
    """The name of a PostgreSQL database with the table."""
    database = sqlalchemy.make_url(postgres_url).database
    assert database is not None
    with psycopg.connect(host=postgres.socket, user="postgres", dbname=database) as made:
        made.execute(TABLE.format(date="DATE", key="UUID"))  # type: ignore[arg-type]
        made.cursor().executemany(
            "INSERT INTO account VALUES (%s, %s, %s, %s)", [(*row, str(KEY)) for row in ROWS]
        )
    return database


SQLITE = """
import sqlite3

TABLE = "account"


def find(path, name: str, low: int, high: int):
    made = sqlite3.connect(path)
    try:
        return made.execute({query}).fetchall()
    finally:
        made.close()
"""


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_sqlite(query: str, lite: str) -> None:
    code = SQLITE.format(query=query)
    compared(code, patched(code), lite)


@pytest.mark.parametrize("fill", ["query % name", "query.format(name)"])
def test_a_text_that_is_filled_in_another_statement(fill: str, lite: str) -> None:
    mark = "%s" if "%" in fill else "{}"
    written = f"""    query = "SELECT id FROM account WHERE name = '{mark}'"\n    made ="""
    code = SQLITE.format(query=fill).replace("    made =", written, 1)
    compared(code, patched(code), lite)


def test_everything_was_returned_before(lite: str) -> None:
    code = SQLITE.format(query=QUERIES["f-string"])
    assert len(run(code, lite, ATTACK, 0, 9)) == len(ROWS)
    with pytest.raises(sqlite3.OperationalError):
        run(code, lite, "O'Brien", 0, 9)
    assert run(patched(code), lite, "O'Brien", 0, 9) == [(2,)]


def test_a_value_without_quotes_on_sqlite(lite: str) -> None:
    code = SQLITE.format(query='"SELECT name FROM account WHERE id = " + name')
    after = patched(code, leave=ALL)
    assert run(code, lite, "2", 0, 9) == run(after, lite, "2", 0, 9) == [("O'Brien",)]
    assert len(run(code, lite, "2 OR 1=1", 0, 9)) == len(ROWS)
    assert run(after, lite, "2 OR 1=1", 0, 9) == []


PSYCOPG = """
import {driver}

TABLE = "account"


def find(host, database, name: str, low: int, high: int):
    with {driver}.connect(host=host, user="postgres", dbname=database) as made, made.cursor() as cursor:
        cursor.execute({query})
        return cursor.fetchall()
"""


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_psycopg(query: str, driver: str, postgres: Server, filled: str) -> None:
    code = PSYCOPG.format(driver=driver, query=query)
    compared(code, patched(code), postgres.socket, filled)


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_text_for_columns_of_other_types(driver: str, postgres: Server, filled: str) -> None:
    """What was a quoted literal is taken for a date and a UUID afterwards, too."""
    code = PSYCOPG.format(
        driver=driver,
        query="f\"SELECT id FROM account WHERE born = '{name}' AND key = '{low}' AND born < '{high}'::date\"",
    ).replace("low: int, high: int", "low, high: str")
    after = patched(code)
    for last in ("2024-01-03", "2024-01-01"):
        given = (postgres.socket, filled, "2024-01-02", KEY, last)
        assert run(code, *given) == run(after, *given) == ([(1,)] if last > "2024-01-02" else [])


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_parameters_beside_parameters(driver: str, postgres: Server, filled: str) -> None:
    query = """f"SELECT id FROM account WHERE id > %s AND name LIKE '{name}%%' AND id < %s ORDER BY id", (low, high)"""
    code = PSYCOPG.format(driver=driver, query=query)
    after = patched(code)
    for low in (0, 1):
        given = (postgres.socket, filled, "Ada", low, 9)
        assert run(code, *given) == run(after, *given) == [(1,), (4,)][low:]


def test_asyncpg(postgres: Server, filled: str) -> None:
    code = """
import asyncpg


async def find(host, database, name: str, low: int, high: int):
    made = await asyncpg.connect(host=host, user="postgres", database=database)
    try:
        rows = await made.fetch(
            f"SELECT id FROM account WHERE name LIKE '{name}%' AND id > $1 AND id < {high} ORDER BY id", low, timeout=9
        )
        return [tuple(row) for row in rows]
    finally:
        await made.close()
"""
    after = patched(code)
    assert "$2" in after
    assert "$3" in after
    given = (postgres.socket, filled, "Ada", 0, 9)
    assert run(code, *given) == run(after, *given) == [(1,), (4,)]
    assert run(after, postgres.socket, filled, ATTACK, 0, 9) == []


SQLALCHEMY = """
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

TABLE = "account"


def find(url, name: str, low: int, high: int):
    engine = create_engine(url)
    try:
        with Session(engine) as session:
            return [tuple(row) for row in session.execute({query})]
    finally:
        engine.dispose()
"""


@pytest.mark.parametrize("needs", ["psycopg2-binary==2.9.9", "psycopg==3.2"])
@pytest.mark.parametrize("way", ["direct", "bound"])
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_sqlalchemy(query: str, way: str, needs: str, lite: str, postgres_url: str, filled: str) -> None:
    code = SQLALCHEMY.format(query=f"text({query})" if way == "direct" else f"text({query}).columns()")
    after = patched(code, leave=ALL, needs=needs)
    assert (".bindparams(" in after) == (way == "bound")
    compared(code, after, f"sqlite:///{lite}")
    compared(code, after, postgres_url)
    assert filled


def test_why_sqlalchemys_text_is_unsafe_where_types_are_told(postgres_url: str, filled: str) -> None:
    """``:day`` with a value of its own becomes ``%(day)s::VARCHAR``, which no date is compared with."""
    engine = sqlalchemy.create_engine(postgres_url)
    query = sqlalchemy.text("SELECT id FROM account WHERE born = :day")
    with engine.connect() as made:
        assert made.execute(query, {"day": "2024-01-02"}).fetchall() == [(1,)]
        assert made.execute(query.bindparams(day=datetime.date(2024, 1, 2))).fetchall() == [(1,)]
        with pytest.raises(sqlalchemy.exc.ProgrammingError):
            made.execute(query.bindparams(day="2024-01-02"))
    engine.dispose()
    assert filled


def test_pymysql_writes_the_same_query_for_harmless_values() -> None:
    """No server: what the driver sends is what ``mogrify`` gives."""
    code = """
import pymysql


def find(made: pymysql.connections.Connection, name: str, low: int):
    made.cursor().execute(f"SELECT id FROM account WHERE name = '{name}' AND born LIKE '19%' AND id > {low} LIMIT {low}")
"""
    after = patched(code)
    before, sent = _sent(code, "Ada", 5), _sent(after, "Ada", 5)
    assert before == sent
    assert _sent(after, ATTACK, 5).startswith("SELECT id FROM account WHERE name = '\\' OR \\'1\\'=\\'1' AND")


def _sent(code: str, *arguments: object) -> str:
    connection = pymysql.connections.Connection(defer_connect=True)
    connection.server_status = 0  # what the server says first
    sent: list[str] = []

    class Cursor(pymysql.cursors.Cursor):
        def execute(self, query: str, args: object = None) -> int:
            sent.append(self.mogrify(query, args))
            return 0

    connection.cursorclass = Cursor
    run(code, connection, *arguments)
    return sent[0]
