"""The connection to the service's database, and its schema brought up to date."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import contextmanager
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY_SECONDS = 5
"""How long a writer on SQLite waits for another one's transaction."""

PATIENCE_MS = 10
"""How long SQLite may wait for the write lock before it is asked again."""

CONNECT_SECONDS = 3
"""How long to wait for PostgreSQL to take a connection."""

MIGRATION_LOCK = 7_014_118_200_731
"""PostgreSQL's advisory lock that one process holds while it changes the schema; any number, always the same."""


class DatabaseUnusable(Exception):  # noqa: N818 - the database is what cannot be used
    """The database cannot be opened or brought up to date; ``str(error)`` says what to do, without a password."""


class Database:
    """One engine for the process. Every transaction is meant to be short: nothing waits for GitHub inside of one."""

    def __init__(self, url: sa.URL, *, connections: int = 10) -> None:
        self.url = url
        self._file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
        self.engine = _sqlite(url) if self._file is not None else _postgresql(url, connections)
        self._inode = _inode(self._file)

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[sa.Connection]:
        """A transaction that may read and then write: on SQLite it has the write lock from its beginning.

        Commits at the end, rolls back on an error. What is committed survives the process in any case. With
        ``durable`` it survives a power cut, too, on SQLite as well; without, the last moments before one may be
        missing there, which is right for all that is done again if it is not found to be done.
        """
        with self.engine.connect() as connection:
            connection.execution_options(begin="IMMEDIATE", synchronous="FULL" if durable else "NORMAL")
            with connection.begin():
                yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only reads; on SQLite it waits for nobody."""
        with self.engine.connect() as connection:
            connection.execution_options(begin="DEFERRED")
            with connection.begin():
                yield connection

    def trouble(self) -> str | None:
        """None if the database answers and has the schema of this version; otherwise what is wrong, for ``/ready``."""
        if _inode(self._file) != self._inode:
            return f"{self._file} was deleted or replaced while the service ran: restart it"
        try:
            with self.read() as connection:
                found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        except sa.exc.SQLAlchemyError as error:
            return f"the database does not answer: {reason(error)}"
        return None if found == _head() else f"the database's schema is {found}, this version needs {_head()}"

    def migrate(self) -> None:
        """Bring the schema up to this version's; one process at a time, the others wait.

        Raises DatabaseUnusable if the database cannot be opened, or is of a newer version.
        """
        from alembic import command
        from alembic.util.exc import CommandError

        try:
            with self._alone() as connection, _configuration() as configuration:
                configuration.attributes["connection"] = connection
                command.upgrade(configuration, "head")
        except CommandError:
            raise DatabaseUnusable(
                "The database was written by a newer version of patchwright. Run that version, or restore a backup."
            ) from None
        except sa.exc.SQLAlchemyError as error:
            said = reason(error).rstrip(".")
            end = "" if said.endswith("?") else "."
            raise DatabaseUnusable(f"The database {self.url!r} cannot be used: {said}{end}") from None

    @contextmanager
    def _alone(self) -> Iterator[sa.Connection]:
        with self.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                # with foreign keys on, rebuilding a table would delete the rows that point to it
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
                connection.rollback()
                connection.execution_options(begin="EXCLUSIVE")
            try:
                with connection.begin():
                    if connection.dialect.name == "postgresql":
                        lock = sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK))
                        connection.execute(lock)
                    yield connection
            finally:
                connection.invalidate()  # the next one begins with foreign keys as they should be

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()


def reason(error: BaseException) -> str:
    """What a database error says, in one line, without the statement and its values."""
    said = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return " ".join(str(said).split()) or type(said).__name__


def _inode(file: Path | None) -> int | None:
    """What tells a file from another one of the same name; None where there is none."""
    try:
        return None if file is None else file.stat().st_ino
    except OSError:
        return None


def _sqlite(url: sa.URL) -> sa.Engine:
    file = Path(url.database or "")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))  # it holds code of private repositories
    except OSError as error:
        raise DatabaseUnusable(
            f"{file} cannot be written: {error.strerror}. "
            "PATCHWRIGHT_DATA_DIR or PATCHWRIGHT_DATABASE_URL says where the data goes."
        ) from None
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        # read-modify-write in a deferred transaction fails with "database is locked" as soon as two do it
        kind = connection.get_execution_options().get("begin", "IMMEDIATE")
        if kind == "DEFERRED" or not _locked(connection, kind):
            connection.exec_driver_sql(f"BEGIN {kind}")

    return engine


def _locked(connection: sa.Connection, kind: str) -> bool:
    """Begins a transaction with the write lock, when it is to be had within `BUSY_SECONDS`.

    SQLite itself looks for the lock after 1, 2, 5 milliseconds and then ever more seldom, up to ten times a second:
    with many writers, those that wait longest wait longer still. Here it looks again at least every 5 milliseconds.
    """
    cursor = connection.connection.cursor()
    end = time.monotonic() + BUSY_SECONDS
    cursor.execute(f"PRAGMA synchronous={connection.get_execution_options().get('synchronous', 'NORMAL')}")
    cursor.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
    try:
        while time.monotonic() < end:
            try:
                cursor.execute(f"BEGIN {kind}")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    return False  # the caller's attempt says the same in SQLAlchemy's words
            else:
                return True
        return False
    finally:
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        cursor.close()


def _postgresql(url: sa.URL, connections: int) -> sa.Engine:
    return sa.create_engine(
        url,
        pool_size=connections,
        max_overflow=connections,
        pool_timeout=CONNECT_SECONDS,
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "patchwright"},
    )


@contextmanager
def _configuration() -> Iterator[Any]:
    from alembic.config import Config

    with as_file(files("bot.store") / "migrations") as folder:
        configuration = Config()
        configuration.set_main_option("script_location", str(folder).replace("%", "%%"))
        configuration.set_main_option("path_separator", "os")
        yield configuration


@cache
def _head() -> str | None:
    from alembic.script import ScriptDirectory

    with _configuration() as configuration:
        return ScriptDirectory.from_config(configuration).get_current_head()
