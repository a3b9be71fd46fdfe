"""Results kept from run to run: one SQLite file that any process may share, and that may vanish at any time."""

from __future__ import annotations

import contextlib
import enum
import io
import pickle
import sqlite3
from dataclasses import is_dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_LARGEST = 200_000_000
_AT_ONCE = 500
_BUSY_SECONDS = 3.0
_FILE = "results-1.sqlite3"
_BUILTINS = frozenset(["set", "frozenset", "complex", "bytearray", "range", "slice"])


class Cache:
    """Blobs by key. Nothing here raises: a cache that can't be read or written is an empty one."""

    def __init__(self, folder: Path, largest: int = _LARGEST) -> None:
        self._path = folder / _FILE
        self._largest = largest
        self._works = True

    def load(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values known for ``keys``."""
        wanted = list(keys)
        found: dict[bytes, bytes] = {}
        if not self._works or not wanted or not self._path.exists():
            return found
        with self._safely(), contextlib.closing(self._connect()) as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = connection.execute(f"SELECT key, value FROM results WHERE key IN ({marks})", some)  # noqa: S608
                found.update(rows)
        return found

    def store(self, entries: Mapping[bytes, bytes]) -> None:
        """Keeps all ``entries``; the oldest ones go when the file grows beyond its bound."""
        if not self._works or not entries:
            return
        with self._safely():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(self._connect()) as connection, connection:
                connection.executemany(
                    "INSERT OR REPLACE INTO results (key, value) VALUES (?, ?)", entries.items()
                )
                self._bound(connection)

    def _bound(self, connection: sqlite3.Connection) -> None:
        (size,) = connection.execute("SELECT total(length(value)) FROM results").fetchone()
        if size <= self._largest:
            return
        connection.execute(
            "DELETE FROM results WHERE id IN (SELECT id FROM (SELECT id, sum(length(value)) OVER"
            " (ORDER BY id DESC) AS newer FROM results) WHERE newer > ?)",
            [self._largest // 2],
        )

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS)
        try:
            connection.execute("PRAGMA auto_vacuum = FULL")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS results"
                " (id INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)"
            )
        except BaseException:
            connection.close()
            raise
        return connection

    @contextlib.contextmanager
    def _safely(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError:  # locked, read-only, disk full: go on without
            self._works = False
        except sqlite3.DatabaseError:  # not a database, or a damaged one
            self._works = False
            self.drop()
        except OSError:
            self._works = False

    def drop(self) -> None:
        """Deletes the file."""
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def key(*parts: str) -> bytes:
    """The key for a result that depends on ``parts``."""
    state = blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape")
        state.update(len(data).to_bytes(8, "little"))
        state.update(data)
    return state.digest()


class _Unpickler(pickle.Unpickler):
    """Admits dataclasses and enumerations of named packages and plain built-in values: nothing that acts."""

    packages: frozenset[str] = frozenset(["codemods"])

    def find_class(self, module: str, name: str) -> object:
        if module == "builtins" and name in _BUILTINS:
            return super().find_class(module, name)
        if module.partition(".")[0] in self.packages and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and (is_dataclass(found) or issubclass(found, enum.Enum)):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is not admitted")


def packed(value: object) -> bytes:
    """``value`` as bytes. Raises what pickle raises for what it can't take."""
    return pickle.dumps(value, protocol=5)


def unpacked(data: bytes, packages: Iterable[str] = ()) -> object | None:
    """The value again; None for damaged data and for classes of other packages than ``codemods`` and ``packages``."""
    reader = _Unpickler(io.BytesIO(data))
    reader.packages = frozenset(["codemods", *packages])
    try:
        value: object = reader.load()
    except Exception:  # noqa: BLE001 - damaged data may raise anything
        return None
    return value
