"""What the jobs of one process share: settings, database, analysis processes, and where contents are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from bot.analysis.errors import AnalysisCrashed, AnalysisTooLarge, AnalysisTooLong
from bot.github.connect import connect
from bot.jobs.history import History
from bot.snapshot.blobs import BlobStore, store_path
from bot.watching import metrics
from bot.watching.retention import forget_files, results_path

if TYPE_CHECKING:
    from pathlib import Path

    from bot.analysis.pool import AnalysisPool
    from bot.events.work import Repository
    from bot.github.client import RepositoryClient
    from bot.settings import Settings
    from bot.store.database import Database

_NAMES = {AnalysisTooLong: "too_long", AnalysisTooLarge: "too_large", AnalysisCrashed: "crashed"}
Request = TypeVar("Request")
Result = TypeVar("Result")


def _no_queue(workflows: Sequence[str]) -> None:
    """Where jobs are run without one."""


@dataclass(frozen=True)
class Services:
    """Safe for several threads; what is not (a client) is made for each job.

    ``forget_workflows`` makes the queue forget runs of jobs that are over or not wanted any more.
    """

    settings: Settings
    database: Database
    pool: AnalysisPool
    forget_workflows: Callable[[Sequence[str]], None] = _no_queue

    def connect(self, repository: Repository) -> RepositoryClient:
        """A client for one job."""
        return connect(self.settings, repository)

    @cached_property
    def history(self) -> History:
        """What is kept of repositories for pages and people."""
        return History(self.database, self.settings.retention_days)

    def blobs(self, repository: int) -> BlobStore:
        """The contents of a repository's files, to be closed after use."""
        return BlobStore(store_path(self.settings.data_dir, repository))

    def cache(self, repository: int) -> Path:
        """The folder of a repository's analysis results; no other repository's are in it."""
        return results_path(self.settings.data_dir, repository)

    def forget_files(self, repository: int) -> None:
        """Deletes what is kept of a repository's files, and of their analysis."""
        forget_files(self.settings.data_dir, repository)

    def analyse(self, function: Callable[[Request], Result], request: Request) -> Result:
        """``function(request)`` in an analysis process, within the operator's limits. Raises ``bot.analysis.errors``."""
        result = "failed"
        try:
            answer = self.pool.run(function, request, seconds=self.settings.analysis_seconds)
            result = "done"
        except (AnalysisTooLong, AnalysisTooLarge, AnalysisCrashed) as error:
            result = _NAMES[type(error)]
            raise
        finally:
            metrics.ANALYSES.labels(result).inc()
        return answer
