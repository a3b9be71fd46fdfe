"""Two transactions at once on a real PostgreSQL: one of two changes is lost before the patch, and both are kept after it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import ALL, Options

MODEL = """
import asyncio

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Owner(Base):
    __tablename__ = "owner"

    id: Mapped[int] = mapped_column(primary_key=True)


class Quota(Base):
    __tablename__ = "quota"

    id: Mapped[int] = mapped_column(primary_key=True)
    used: Mapped[int]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("owner.id"))
    owner: Mapped[Owner | None] = relationship(lazy={lazy})

"""
SYNC = """
def use(session: Session, amount, meet) -> None:
    quota = {read}
    meet()
    quota.used += amount
    session.commit()
"""
SEEN = """
def use(session: Session, amount, meet) -> None:
    before = session.scalar(select(Quota).where(Quota.id == 1))
    print(before.used)
    quota = {read}
    meet()
    quota.used += amount
    session.commit()
"""
ASYNC = """
async def use(session: AsyncSession, amount, meet) -> None:
    {read}
    await meet(session)
    quota.used = quota.used + amount
    await session.commit()
"""
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)
READS = {
    "get": "session.get(Quota, 1)",
    "query": "session.query(Quota).filter(Quota.id == 1).first()",
    "scalar": "session.scalar(select(Quota).where(Quota.id == 1))",
    "execute": "session.execute(select(Quota).where(Quota.id == 1)).scalar_one()",
}


def patched(code: str) -> str:
    files = {"app/quota.py": code.encode(), "requirements.txt": b"sqlalchemy==2.0.30\npsycopg==3.2\n"}
    report = analyse(MemorySnapshot(files), [registry.load("lost-update")], Options(workers=1))
    assert [each.patch is not None for each in report.findings] == [True]
    return fixed(MemorySnapshot(files), report, ALL)["app/quota.py"].decode()


def names_of(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "quota"}
    exec(compile(code, "app/quota.py", "exec", dont_inherit=True), names)
    return names


def used_after_two(code: str, url: str) -> int:
    """What the row holds after two transactions of 1 and 10, each of which waits for the other behind its read, if it can."""
    names = names_of(code)
    engine = sqlalchemy.create_engine(url)
    names["Base"].metadata.drop_all(engine)
    names["Base"].metadata.create_all(engine)
    with Session(engine) as session:
        session.add(names["Quota"](id=1, used=0))
        session.commit()
    arrived: list[int] = []

    def meet() -> None:
        """Waits until the other has read as well, or waits for the lock."""
        arrived.append(1)
        while len(arrived) < 2:
            with engine.connect() as made:
                if made.scalar(sqlalchemy.text(WAITING)):
                    return

    def one(amount: int) -> None:
        with Session(engine) as session:
            names["use"](session, amount, meet)

    threads = [threading.Thread(target=one, args=(amount,)) for amount in (1, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with Session(engine) as session:
        found = session.get(names["Quota"], 1).used
    engine.dispose()
    return int(found)


@pytest.mark.parametrize("body", [SYNC, SEEN], ids=["fresh", "seen"])
@pytest.mark.parametrize("lazy", ["'select'", "'joined'"])
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_both_are_kept(read: str, lazy: str, body: str, postgres_url: str) -> None:
    code = MODEL.format(lazy=lazy) + body.format(read=read)
    assert used_after_two(code, postgres_url) in {1, 10}
    assert used_after_two(patched(code), postgres_url) == 11


@pytest.mark.parametrize(
    "read",
    [
        "quota = await session.get(Quota, 1)",
        "result = await session.execute(select(Quota).where(Quota.id == 1))\n    quota = result.scalar_one_or_none()",
        "quota = (await session.scalars(select(Quota).where(Quota.id == 1))).one()",
    ],
)
def test_both_are_kept_by_asyncpg(read: str, postgres_url: str) -> None:
    code = MODEL.format(lazy="'select'") + ASYNC.format(read=read)
    url = postgres_url.replace("+psycopg", "+asyncpg")
    assert asyncio.run(_two(code, url)) in {1, 10}
    assert asyncio.run(_two(patched(code), url)) == 11


async def _two(code: str, url: str) -> int:
    names = names_of(code)
    engine = create_async_engine(url)
    async with engine.begin() as made:
        await made.run_sync(names["Base"].metadata.drop_all)
        await made.run_sync(names["Base"].metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(names["Quota"](id=1, used=0))
        await session.commit()
    arrived = 0
    go = asyncio.Event()

    async def meet(_: AsyncSession) -> None:
        nonlocal arrived
        arrived += 1
        if arrived == 2:
            go.set()
        while not go.is_set():
            async with engine.connect() as made:
                if await made.scalar(sqlalchemy.text(WAITING)):
                    go.set()

    async def one(amount: int) -> None:
        async with AsyncSession(engine) as session:
            await names["use"](session, amount, meet)

    await asyncio.wait_for(asyncio.gather(one(1), one(10)), 30)
    async with AsyncSession(engine) as session:
        found = (await session.get(names["Quota"], 1)).used
    await engine.dispose()
    return int(found)


def test_sqlite_is_given_no_lock() -> None:
    names = names_of(MODEL.format(lazy="'select'"))
    statement = sqlalchemy.select(names["Quota"]).with_for_update()
    assert "FOR UPDATE" not in str(statement.compile(dialect=sqlite.dialect()))


def test_postgresql_locks_no_rows_of_an_outer_join(postgres_url: str) -> None:
    """Why ``of=`` is written where a relationship is joined."""
    names = names_of(MODEL.format(lazy="'joined'"))
    engine = sqlalchemy.create_engine(postgres_url)
    names["Base"].metadata.create_all(engine)
    with Session(engine) as session, pytest.raises(sqlalchemy.exc.DBAPIError, match="outer join"):
        session.scalar(sqlalchemy.select(names["Quota"]).with_for_update())
    engine.dispose()
