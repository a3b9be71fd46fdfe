"""One repository on GitHub, as one job sees it."""

from __future__ import annotations

from bot.github.checks import Checks
from bot.github.git_data import Blob, Content

__all__ = ["Blob", "Content", "RepositoryClient"]


class RepositoryClient(Checks):
    """Everything that a job does to one repository. Synchronous, not thread-safe: one per job, closed after it.

    Raises nothing but ``bot.github.errors``. Reads are tried up to three times; a write goes once, in its turn, and
    where its answer was lost the client looks whether it took place: then it is a success.

    The layers, each a file: the repository itself (``repository``), the Git database (``git_data``), branches
    (``refs``), pull requests (``pulls``), check runs (``checks``).
    """

    def __enter__(self) -> RepositoryClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
