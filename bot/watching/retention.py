"""What is old goes: rows by their age, and on this machine's disk the files of repositories that nobody worked on."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.snapshot.blobs import forget, store_path
from bot.store import repositories, retention
from bot.watching import metrics

if TYPE_CHECKING:
    from pathlib import Path

    from bot.settings import Operator
    from bot.store.database import Database

log = structlog.get_logger(__name__)

EVERY_SECONDS = 3600.0
YOUNG_SECONDS = 24 * 3600.0
"""Files of a repository that the database does not know stay for so long: its first job may be at work."""


class Retention:
    """Looks after one database and this machine's data folder."""

    def __init__(self, settings: Operator, database: Database) -> None:
        self._settings, self._database = settings, database

    def round(self) -> float:
        """One round; the seconds until the next. Every process makes its own: rows are gone already, files are not."""
        days = self._settings.retention_days
        with self._database.write() as connection:
            gone = retention.clean_up(connection, days)
        gone["files"] = self._clean_up_files(days)
        for what, count in gone.items():
            metrics.FORGOTTEN.labels(what).inc(count)
        if any(gone.values()):
            log.info(
                "what is old was deleted", days=days, **{key: each for key, each in gone.items() if each}
            )
        return EVERY_SECONDS

    def _clean_up_files(self, days: int) -> int:
        """Deletes the contents and results of repositories that are unknown, or that no job looked at for long.

        A repository is forgotten by one process; others, on machines of their own, find out here.
        """
        before = datetime.now(UTC) - timedelta(days=days)
        folder = self._settings.data_dir
        found = set(_kept(folder))
        with self._database.read() as connection:
            used = repositories.seen_since(connection, before)
        count = 0
        for repository in found - used:
            if _youngest(folder, repository) < time.time() - YOUNG_SECONDS:
                forget_files(folder, repository)
                count += 1
        return count


def results_path(data_dir: Path, repository: int) -> Path:
    """The folder of a repository's analysis results."""
    return data_dir / "results" / str(repository)


def forget_files(data_dir: Path, repository: int) -> None:
    """Deletes what lies in the data folder of a repository's contents and of the results of their analysis."""
    forget(data_dir, repository)
    shutil.rmtree(results_path(data_dir, repository), ignore_errors=True)


def _kept(folder: Path) -> Iterator[int]:
    """The repositories that there are files of."""
    for pattern in ("blobs/*.sqlite3", "results/*"):
        for path in folder.glob(pattern):
            name = path.name.removesuffix(".sqlite3")
            if name.isdecimal():
                yield int(name)


def _youngest(folder: Path, repository: int) -> float:
    """When any of a repository's files was changed the last time, in seconds since 1970."""
    blobs = store_path(folder, repository)
    paths = [blobs, blobs.with_name(f"{blobs.name}-wal"), results_path(folder, repository)]
    times = [path.stat().st_mtime for path in paths if path.exists()]
    return max(times, default=0.0)
