"""An app with a pool of one connection: requests that fail leave it without one before, and never afterwards."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import TimeoutError as PoolTimeout

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import Options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APP = """
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

app = FastAPI()
engine = create_engine("sqlite:///{database}", poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.05)
SessionLocal = sessionmaker(bind=engine)


{dependency}


@app.get("/fails")
def fails(db: Session = Depends(get_db)):
    db.execute(text("INSERT INTO seen VALUES (1)"))
    raise HTTPException(status_code=418, detail="no")


@app.get("/keeps")
def keeps(db: Session = Depends(get_db)):
    db.execute(text("INSERT INTO seen VALUES (2)"))
    return "done"


@app.get("/seen")
def seen(db: Session = Depends(get_db)):
    return [row[0] for row in db.execute(text("SELECT number FROM seen"))]
"""
DEPENDENCIES = {
    "returned": "def get_db() -> Session:\n    return SessionLocal()",
    "named": "def get_db():\n    db = SessionLocal()\n    return db",
    "yielded": "def get_db():\n    db = SessionLocal()\n    yield db\n    db.close()",
    "committed": "def get_db():\n    db = SessionLocal()\n    yield db\n    db.commit()\n    db.close()",
    "closed too early": (
        "def get_db():\n    db = SessionLocal()\n    try:\n        return db\n    finally:\n        db.close()"
    ),
}


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    """The collector comes by when it likes; what is shown here is the time until then."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def patched(code: str) -> str:
    snapshot = MemorySnapshot({"app/main.py": code.encode()})
    report = analyse(snapshot, [registry.load("session-leak")], Options(workers=1))
    return fixed(snapshot, report)["app/main.py"].decode()


def client(code: str) -> tuple[TestClient, dict[str, object]]:
    names: dict[str, object] = {"__name__": "app.main"}
    exec(compile(code, "app/main.py", "exec"), names)
    return TestClient(names["app"]), names


@pytest.mark.parametrize("kind", DEPENDENCIES)
def test_a_pool_of_one_connection(kind: str, tmp_path: Path) -> None:
    import sqlite3

    sqlite3.connect(tmp_path / "one.db").execute("CREATE TABLE seen (number)").connection.close()
    code = APP.format(database=tmp_path / "one.db", dependency=DEPENDENCIES[kind])
    before, _ = client(code)
    assert before.get("/fails").status_code == 418
    with pytest.raises(PoolTimeout):
        before.get("/fails")
    gc.collect()

    after, _ = client(patched(code))
    assert [after.get("/fails").status_code for _ in range(3)] == [418] * 3
    assert after.get("/keeps").json() == "done"
    expected = [2] if kind == "committed" else []
    assert after.get("/seen").json() == expected, "only what the dependency commits on success is kept"


ASYNC_APP = """
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

app = FastAPI()
engine = create_async_engine("postgresql+psycopg_async://nobody@127.0.0.1:1/none")
async_session = async_sessionmaker(engine, class_=Watched)


{dependency}


@app.get("/fails")
async def fails(db: AsyncSession = Depends(get_db)):
    raise HTTPException(status_code=418, detail="no")


@app.get("/works")
async def works(db: AsyncSession = Depends(get_db)):
    return "done"
"""


@pytest.mark.parametrize(
    ("dependency", "closed_before"),
    [
        ("def get_db() -> AsyncSession:\n    return async_session()", 0),
        (
            "async def get_db():\n    session = async_session()\n    yield session\n    await session.close()",
            1,
        ),
    ],
)
def test_an_asynchronous_session_is_closed_after_each_request(dependency: str, closed_before: int) -> None:
    from sqlalchemy.ext.asyncio import AsyncSession

    closed: list[AsyncSession] = []

    class Watched(AsyncSession):
        async def close(self) -> None:
            closed.append(self)
            await super().close()

    code = ASYNC_APP.format(dependency=dependency)
    plain = code.replace(", class_=Watched", "")
    for text, expected in ((code, closed_before), (patched(plain), 2)):
        closed.clear()
        names: dict[str, object] = {"__name__": "app.main", "Watched": Watched}
        exec(compile(text.replace("(engine)", "(engine, class_=Watched)"), "app/main.py", "exec"), names)
        asking = TestClient(names["app"])
        assert (asking.get("/fails").status_code, asking.get("/works").json()) == (418, "done")
        assert len(closed) == expected


def test_a_request_that_is_cancelled_still_closes_its_session() -> None:
    """``async with`` shields the closing from the cancelling of the request's task."""
    from sqlalchemy.ext.asyncio import AsyncSession

    closed = asyncio.Event()

    class Watched(AsyncSession):
        async def close(self) -> None:
            await asyncio.sleep(0)
            closed.set()

    code = ASYNC_APP.format(
        dependency="async def get_db():\n    session = async_session()\n    yield session"
    )
    names: dict[str, object] = {"__name__": "app.main", "Watched": Watched}
    text = patched(code.replace(", class_=Watched", "")).replace("(engine)", "(engine, class_=Watched)")
    exec(compile(text, "app/main.py", "exec"), names)

    async def cancelled() -> None:
        from contextlib import asynccontextmanager

        async def request() -> None:
            async with asynccontextmanager(names["get_db"])():  # as FastAPI does
                await asyncio.Event().wait()

        task = asyncio.create_task(request())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(closed.wait(), 5)

    asyncio.run(cancelled())
