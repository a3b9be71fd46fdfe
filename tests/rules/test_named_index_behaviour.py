"""The rewritten models are created on SQLite and PostgreSQL: the database has the very same indexes, to the name."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.exc import DBAPIError

from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.finding import Applicability
from codemods.engine.registry import load
from codemods.engine.run.analyse import Options, analyse, fixed

PLAIN = """
from sqlalchemy import Column, Index, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    {metadata}


class User(Base):
    __tablename__ = "users"
    __table_args__ = (
        Index("users_by_name", "last", "first"),{more}
    )

    id = Column(Integer, primary_key=True)
    first = Column(String(50))
    last = Column(String(50), index=True)
    email = Column(String(50), unique=True, index=True)
    team = Column("team_id", Integer, index=True)
"""
METADATA = {
    "SQLAlchemy's own names": "pass",
    "a convention": 'metadata = MetaData(naming_convention={"ix": "%(table_name)s_%(column_0_name)s_idx"})',
    "a convention by label": 'metadata = MetaData(naming_convention={"ix": "idx_%(column_0_label)s"})',
}


def fix(program: str) -> str:
    snapshot = MemorySnapshot({"app/models.py": program.encode()})
    report = analyse(snapshot, [load("named-index")], Options())
    after = fixed(snapshot, report, frozenset({Applicability.SAFE, Applicability.UNSAFE}))
    return after["app/models.py"].decode()


def tables(program: str, url: str) -> object:
    """Every index and constraint that the models make, as the database tells of them; the tables go afterwards."""
    names: dict[str, object] = {"__name__": __name__}
    exec(compile(program, "models.py", "exec", dont_inherit=True), names)
    engine = create_engine(url)
    try:
        metadata = names["Base"].metadata  # type: ignore[attr-defined]
        metadata.create_all(engine)
        found = [
            (
                sorted(
                    inspect(engine).get_indexes(table.name, schema=table.schema),
                    key=lambda each: str(each["name"]),
                ),
                inspect(engine).get_unique_constraints(table.name, schema=table.schema),
            )
            for table in metadata.sorted_tables
        ]
        metadata.drop_all(engine)
    finally:
        engine.dispose()
    return found


@pytest.mark.parametrize("name", METADATA)
def test_the_database_stays_the_same(name: str, database_url: str) -> None:
    before = PLAIN.replace("{metadata}", METADATA[name]).replace("{more}", "")
    after = fix(before)
    assert "index=True" not in after
    assert after.count("Index(") == before.count("Index(") + 3
    assert tables(after, database_url) == tables(before, database_url)


def test_a_schema_is_part_of_the_name(postgres_url: str) -> None:
    before = PLAIN.replace("{metadata}", "pass").replace("{more}", '\n        {"schema": "public"},')
    after = fix(before)
    assert '"ix_public_users_last"' in after
    assert tables(after, postgres_url) == tables(before, postgres_url)


def test_the_same_index_twice_cannot_be_created_before(database_url: str) -> None:
    before = PLAIN.replace("{metadata}", "pass").replace(
        "{more}", '\n        Index("ix_users_last", "last"),'
    )
    with pytest.raises(DBAPIError, match="ix_users_last"):
        tables(before, database_url)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS users")
    engine.dispose()
    assert str(tables(fix(before), database_url)).count("'ix_users_last'") == 1
