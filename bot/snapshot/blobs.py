"""The contents of one repository's files by their git SHA, kept in one SQLite file."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.github.git_data import blob_sha

LIMIT_BYTES = 500_000_000
"""How much one repository's contents may take on disk, compressed, beside those of its last snapshot."""

_AT_ONCE = 900
_BUSY_SECONDS = 30
_SCHEMA = """
CREATE TABLE IF NOT EXISTS blobs (
    number INTEGER PRIMARY KEY,
    sha BLOB NOT NULL UNIQUE,
    pointer INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS pointers ON blobs (sha) WHERE pointer;
"""
_LFS = b"version https://git-lfs.github.com/spec/"
_LARGEST_POINTER = 1024


def store_path(data_dir: Path, repository: int) -> Path:
    """Where the contents of a repository are kept; by its number, as its name may change."""
    return data_dir / "blobs" / f"{repository}.sqlite3"


def forget(data_dir: Path, repository: int) -> None:
    """Deletes what is kept of a repository."""
    _delete(store_path(data_dir, repository))


class BlobStore:
    """Blobs by their git SHA (40 hexadecimal digits). Safe for several threads and processes at the same file.

    It is a cache: nothing is lost with it but time. It can be pickled, and opens its file when it is first used.
    What it gives was checked against its SHA when it was read.
    """

    def __init__(self, path: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self.path = path
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._open: sqlite3.Connection | None = None

    def __getstate__(self) -> dict[str, object]:
        return {"path": self.path, "limit": self._limit}

    def __setstate__(self, state: dict[str, object]) -> None:
        path, limit = state["path"], state["limit"]
        assert isinstance(path, Path)
        assert isinstance(limit, int)
        self.__init__(path, limit)  # type: ignore[misc] # the same store, opened anew

    def __enter__(self) -> BlobStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; the next use opens it again."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def get_many(self, shas: Iterable[str]) -> Mapping[str, bytes]:
        """The blobs that are there; those that are not, or that lie there damaged, are left out."""
        found: dict[str, bytes] = {}
        with self._connected() as connection:
            for asked, marks in _batches(shas):
                query = f"SELECT sha, data FROM blobs WHERE sha IN ({marks})"  # noqa: S608 - question marks only
                for sha, data in connection.execute(query, asked):
                    content = _unpacked(data)
                    if content is not None and blob_sha(content) == sha.hex():
                        found[sha.hex()] = content
        return found

    def known(self, shas: Iterable[str]) -> set[str]:
        """Those of ``shas`` that are there; nothing is read."""
        found: set[str] = set()
        with self._connected() as connection:
            for asked, marks in _batches(shas):
                query = f"SELECT sha FROM blobs WHERE sha IN ({marks})"  # noqa: S608 - question marks only
                found.update(sha.hex() for (sha,) in connection.execute(query, asked))
        return found

    def pointers(self) -> set[str]:
        """The SHAs of contents that only point to where Git LFS keeps the real ones."""
        with self._connected() as connection:
            return {sha.hex() for (sha,) in connection.execute("SELECT sha FROM blobs WHERE pointer")}

    def put_many(self, blobs: Iterable[tuple[str, bytes]]) -> None:
        """Adds contents, all or none of them. Raises ValueError for one that is not what its SHA says."""
        rows = []
        for sha, content in blobs:
            if blob_sha(content) != sha:
                raise ValueError(f"the content is not that of blob {sha}")
            data = _packed(content)
            rows.append((bytes.fromhex(sha), is_pointer(content), len(data), data))
        with self._connected() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT INTO blobs (sha, pointer, bytes, data) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (sha) DO UPDATE SET data = excluded.data",
                rows,
            )

    def trim(self, keep: Iterable[str]) -> None:
        """Drops the oldest contents that are not in ``keep``, if there is more than the limit."""
        with self._connected() as connection:
            if _on_disk(connection) <= self._limit:
                return
            (size,) = connection.execute("SELECT coalesce(sum(bytes), 0) FROM blobs").fetchone()
            kept = {bytes.fromhex(sha) for sha in keep}
            dropped = []
            for number, sha, each in connection.execute(
                "SELECT number, sha, bytes FROM blobs ORDER BY number"
            ):
                if size <= self._limit // 2:
                    break
                if sha not in kept:
                    dropped.append((number,))
                    size -= each
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("DELETE FROM blobs WHERE number = ?", dropped)
            connection.execute("PRAGMA incremental_vacuum").fetchall()

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """The open file, for one thread at a time. A file that is damaged or gone is begun anew."""
        with self._lock:
            if self._open is not None and not self.path.exists():  # forgotten meanwhile, by another process
                self._open.close()
                self._open = None
            if self._open is None:
                self._open = self._connect()
            try:
                yield self._open
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._open.close()
                self._open = None
                _delete(self.path)
                raise

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return _connection(self.path)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            _delete(self.path)
            return _connection(self.path)


def _on_disk(connection: sqlite3.Connection) -> int:
    """Bytes that are in use, to the page; nothing is read for it."""
    pages, free, each = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * each)


def is_pointer(content: bytes) -> bool:
    """Whether Git LFS keeps the real content elsewhere."""
    return len(content) <= _LARGEST_POINTER and content.startswith(_LFS)


def _connection(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA mmap_size = 268435456").fetchall()
        connection.executescript(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """SQLite does not wait by itself where several switch a new file over at the same moment."""
    end = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return error.sqlite_errorcode in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _delete(path: Path) -> None:
    for each in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        with contextlib.suppress(FileNotFoundError):
            each.unlink()


def _batches(shas: Iterable[str]) -> Iterator[tuple[list[bytes], str]]:
    wanted = [bytes.fromhex(sha) for sha in dict.fromkeys(shas)]
    for start in range(0, len(wanted), _AT_ONCE):
        asked = wanted[start : start + _AT_ONCE]
        yield asked, ",".join("?" * len(asked))


def _packed(content: bytes) -> bytes:
    """A first byte says whether the rest is compressed: small and dense contents are not."""
    if len(content) > 200:
        packed = zlib.compress(content, 1)
        if len(packed) < len(content):
            return b"z" + packed
    return b"=" + content


def _unpacked(data: bytes) -> bytes | None:
    if data[:1] == b"=":
        return data[1:]
    try:
        return zlib.decompress(memoryview(data)[1:])
    except zlib.error:
        return None
