"""Two threads and one database: before, one thread's rollback takes the other's row along; afterwards it does not."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import ALL, Options

GLOBAL = """
import sqlite3

conn = sqlite3.connect({path!r}, check_same_thread=False)
conn.row_factory = sqlite3.Row
conn.execute("PRAGMA cache_size = 4321")
conn.execute("CREATE TABLE IF NOT EXISTS orders (number)")
conn.commit()


def add(number, between):
    conn.execute("INSERT INTO orders VALUES (?)", (number,))
    between()
    conn.commit()


def undo():
    conn.execute("SELECT count(*) FROM orders").fetchone()
    conn.rollback()


def numbers():
    return [row["number"] for row in conn.execute("SELECT number FROM orders")]


def cache_size():
    return conn.execute("SELECT * FROM pragma_cache_size").fetchone()["cache_size"]
"""
ATTRIBUTE = """
import sqlite3


class Store:
    def __init__(self, path):
        self.path = path
        self.conn = sqlite3.connect(path, check_same_thread=False)
        self.conn.row_factory = sqlite3.Row
        self.conn.execute("PRAGMA cache_size = 4321")
        self.conn.execute("CREATE TABLE IF NOT EXISTS orders (number)")
        self.conn.commit()

    def add(self, number, between):
        self.conn.execute("INSERT INTO orders VALUES (?)", (number,))
        between()
        self.conn.commit()

    def undo(self):
        self.conn.execute("SELECT count(*) FROM orders").fetchone()
        self.conn.rollback()

    def numbers(self):
        return [row["number"] for row in self.conn.execute("SELECT number FROM orders")]

    def cache_size(self):
        return self.conn.execute("SELECT * FROM pragma_cache_size").fetchone()["cache_size"]


store = Store({path!r})
add, undo, numbers, cache_size = store.add, store.undo, store.numbers, store.cache_size
"""


def patched(code: str) -> str:
    snapshot = MemorySnapshot({"app/store.py": code.encode()})
    report = analyse(snapshot, [registry.load("sqlite-thread")], Options(workers=1))
    return fixed(snapshot, report, ALL)["app/store.py"].decode()


def made(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(code, "app/store.py", "exec"), names)
    return names


def kept_after_anothers_rollback(code: str) -> list[int]:
    """One thread adds a row; another rolls back before the first one commits."""
    names = made(code)
    added, undone = threading.Event(), threading.Event()

    def between() -> None:
        added.set()
        assert undone.wait(60)

    with ThreadPoolExecutor(2) as pool:
        adding = pool.submit(names["add"], 1, between)
        assert added.wait(60)
        pool.submit(names["undo"]).result(60)
        undone.set()
        adding.result(60)
    return list(names["numbers"]())


@pytest.mark.parametrize("code", [GLOBAL, ATTRIBUTE])
def test_a_row_and_anothers_rollback(code: str, tmp_path: Path) -> None:
    before = code.format(path=str(tmp_path / "before.db"))
    after = patched(code.format(path=str(tmp_path / "after.db")))
    assert kept_after_anothers_rollback(before) == []
    assert kept_after_anothers_rollback(after) == [1]


@pytest.mark.parametrize("code", [GLOBAL, ATTRIBUTE])
def test_every_thread_has_the_settings(code: str, tmp_path: Path) -> None:
    names = made(patched(code.format(path=str(tmp_path / "store.db"))))
    names["add"](1, lambda: None)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(names["cache_size"]).result(60) == names["cache_size"]() == 4321
        assert pool.submit(names["numbers"]).result(60) == [1]


@pytest.mark.parametrize("code", [GLOBAL, ATTRIBUTE])
def test_one_connection_for_each_thread(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = made(patched(code.format(path=str(tmp_path / "store.db"))))
    opened: list[int] = []
    connect = sqlite3.connect

    def counted(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        opened.append(threading.get_ident())
        return connect(*args, **kwargs)

    monkeypatch.setattr(sqlite3, "connect", counted)
    together = threading.Barrier(8)

    def work(number: int) -> None:
        together.wait(60)
        for _ in range(5):
            names["numbers"]()
        names["add"](number, lambda: None)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert len(opened) == len(set(opened)) == 8
    assert sorted(names["numbers"]()) == list(range(8))
