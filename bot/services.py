"""What the jobs of one process share: settings, database, analysis processes, and where contents are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from bot.github.connect import connect
from bot.jobs.history import History
from bot.snapshot.blobs import BlobStore, forget, store_path

if TYPE_CHECKING:
    from pathlib import Path

    from bot.analysis.pool import AnalysisPool
    from bot.events.work import Repository
    from bot.github.client import RepositoryClient
    from bot.settings import Settings
    from bot.store.database import Database

Request = TypeVar("Request")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Services:
    """Safe for several threads; what is not (a client) is made for each job."""

    settings: Settings
    database: Database
    pool: AnalysisPool

    def connect(self, repository: Repository) -> RepositoryClient:
        """A client for one job."""
        return connect(self.settings, repository)

    @cached_property
    def history(self) -> History:
        """What is kept of repositories for pages and people."""
        return History(self.database)

    def blobs(self, repository: int) -> BlobStore:
        """The contents of a repository's files, to be closed after use."""
        return BlobStore(store_path(self.settings.data_dir, repository))

    def cache(self, repository: int) -> Path:
        """The folder of a repository's analysis results; no other repository's are in it."""
        return self.settings.data_dir / "results" / str(repository)

    def forget_contents(self, repository: int) -> None:
        """Deletes what is kept of a repository's files."""
        forget(self.settings.data_dir, repository)

    def analyse(self, function: Callable[[Request], Result], request: Request) -> Result:
        """``function(request)`` in an analysis process, within the operator's limits. Raises ``bot.analysis.errors``."""
        return self.pool.run(function, request, seconds=self.settings.analysis_seconds)
