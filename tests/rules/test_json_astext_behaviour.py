"""The rewritten queries are run on SQLite and PostgreSQL: before the fix they can't be built, after it they find the row."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.finding import Applicability
from codemods.engine.registry import load
from codemods.engine.run.analyse import Options, analyse, fixed

MODELS = """
from sqlalchemy import JSON, Column, Integer, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, aliased


class Base(DeclarativeBase):
    pass


class Event(Base):
    __tablename__ = "events"

    id = Column(Integer, primary_key=True)
    data = Column(JSON)
    own = Column(JSONB)


Other = aliased(Event)


def query():
    return {query}
"""
QUERIES = {
    "equal": 'select(Event.id).where(Event.data["kind"].astext == "login")',
    "nested": 'select(Event.id).where(Event.data["user"]["name"].astext == "ada")',
    "a path": 'select(Event.id).where(Event.data[("user", "name")].astext == "ada")',
    "cast": 'select(Event.id).where(Event.data["count"].astext.cast(Integer) > 5)',
    "one of": 'select(Event.id).where(Event.data["kind"].astext.in_(["login", "x"]))',
    "like": 'select(Event.id).where(Event.data["kind"].astext.ilike("LOG%"), Event.data["x"].astext.is_(None))',
    "an alias": 'select(Other.id).where(func.lower(Other.data["kind"].astext) == "login")',
}


def fix(program: str) -> str:
    snapshot = MemorySnapshot({"app/main.py": program.encode()})
    report = analyse(snapshot, [load("json-astext")], Options())
    after = fixed(snapshot, report, frozenset({Applicability.SAFE}))
    return after.get("app/main.py", program.encode()).decode()


@pytest.mark.parametrize("name", QUERIES)
def test_the_row_is_found_afterwards(name: str, database_url: str) -> None:
    program = MODELS.replace("{query}", QUERIES[name])
    before: dict[str, object] = {"__name__": __name__}
    exec(compile(program, "main.py", "exec", dont_inherit=True), before)
    with pytest.raises(AttributeError, match="astext"):
        before["query"]()  # type: ignore[operator]

    after: dict[str, object] = {"__name__": __name__}
    exec(compile(fix(program).replace("JSONB", "JSON"), "main.py", "exec", dont_inherit=True), after)
    engine = create_engine(database_url)
    after["Base"].metadata.create_all(engine)  # type: ignore[attr-defined]
    with Session(engine) as session:
        event = after["Event"]
        row = {"kind": "login", "user": {"name": "ada"}, "count": 10}
        session.add_all(
            [
                event(id=1, data={"kind": "x" * 3, "user": {"name": "bob"}, "count": 3}, own={}),  # type: ignore[operator]
                event(id=2, data=row, own={}),  # type: ignore[operator]
            ]
        )
        session.flush()
        assert session.scalars(after["query"]()).all() == [2]  # type: ignore[operator]
    engine.dispose()


def test_astext_of_postgresql_s_own_type_works_and_stays() -> None:
    program = MODELS.replace("{query}", 'select(Event.id).where(Event.own["kind"].astext == "x")')
    assert fix(program) == program
    names: dict[str, object] = {"__name__": __name__}
    exec(compile(program, "main.py", "exec", dont_inherit=True), names)
    assert "->>" in str(names["query"]())  # type: ignore[operator]
