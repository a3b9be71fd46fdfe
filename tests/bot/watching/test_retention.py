"""Files of repositories that nobody works on any more go from this machine's disk."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.events.work import Repository
from bot.settings import Operator
from bot.snapshot.blobs import BlobStore, store_path
from bot.store import repositories
from bot.watching.retention import Retention, results_path

if TYPE_CHECKING:
    from pathlib import Path

    from bot.store.database import Database

DAY = 24 * 3600


def _files(folder: Path, number: int, age_days: float) -> None:
    """Contents and results of a repository, last changed so long ago."""
    path = store_path(folder, number)
    with BlobStore(path) as store:
        store.known([])
    results = results_path(folder, number)
    results.mkdir(parents=True)
    (results / "facts").write_bytes(b"x")
    then = time.time() - age_days * DAY
    for each in (path, results, *path.parent.glob(f"{path.name}-*")):
        os.utime(each, (then, then))


def test_what_nobody_looked_at_for_long_and_what_nobody_knows_goes(
    database: Database, tmp_path: Path
) -> None:
    ages = {1: 1, 2: 95, 3: 95, 4: 95, 5: 0.1}
    seen = {1: 1, 2: 1, 3: 95}
    with database.write() as connection:
        for number, days in seen.items():
            at = datetime.now(UTC) - timedelta(days=days)
            named = Repository(id=number, owner="octo", name=f"r{number}", installation=1)
            repositories.remember(connection, named, "main", seen_at=at)
    for number, age in ages.items():
        _files(tmp_path, number, age)
    (tmp_path / "results" / "not a number").mkdir()
    Retention(Operator(data_dir=tmp_path, retention_days=90), database).round()
    kept = {
        1: "it is worked on",
        2: "it is worked on, and nothing changed in it",
        5: "nobody knows it yet: its first job may be at work",
    }
    assert {n for n in ages if store_path(tmp_path, n).exists()} == set(kept)
    assert {n for n in ages if results_path(tmp_path, n).exists()} == set(kept)
    assert (tmp_path / "results" / "not a number").exists()
