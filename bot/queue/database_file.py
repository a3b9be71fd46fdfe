"""What SQLite needs before jobs can be kept in it: a version that fits, a log to write ahead, one process."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

from bot.queue.port import QueueUnusable

NEEDED = (3, 42, 0)
"""The first SQLite that knows ``unixepoch('subsec')``, which DBOS uses on Python 3.12 and newer."""


def check_version(
    found: tuple[int, ...] = sqlite3.sqlite_version_info, python: tuple[int, ...] = sys.version_info[:3]
) -> None:
    """Raise QueueUnusable where this Python comes with a SQLite that DBOS fails on."""
    if python >= (3, 12) and found < NEEDED:
        raise QueueUnusable(
            f"SQLite {'.'.join(map(str, found))} is too old for the job queue on Python "
            f"{python[0]}.{python[1]}: it needs {'.'.join(map(str, NEEDED))} or newer. Use a Python built with a newer "
            "SQLite, or Python 3.11, or keep the service's data in PostgreSQL (PATCHWRIGHT_DATABASE_URL)."
        )


def write_ahead(file: Path) -> None:
    """Switch the file's journal to WAL, so that readers and the one writer do not wait for each other.

    The setting stays with the file.
    """
    connection = sqlite3.connect(file, timeout=30)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


class Unsynced(sqlite3.Connection):
    """A connection whose commits reach the disk with the next one of another connection, not each by itself.

    For DBOS's notes on what ran. Without the last of them, after a power cut, steps are run again, as after a crash.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.execute("PRAGMA synchronous=NORMAL")


class OneProcess:
    """The right to run the jobs in ``file``, for as long as the process lives or until `release`.

    Raises QueueUnusable if another process has it: two on one SQLite file would run jobs twice.
    """

    def __init__(self, file: Path) -> None:
        self._path = file.with_name(f"{file.name}.lock")
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._descriptor, 20, 0).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise QueueUnusable(
                f"Another process{f' ({holder})' if holder else ''} runs the jobs in {file}. "
                "Stop it first; several workers at once need PostgreSQL (PATCHWRIGHT_DATABASE_URL)."
            ) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let another process have it."""
        os.close(self._descriptor)
