"""One repository on GitHub, as one job sees it."""

from __future__ import annotations

from bot.github.changes import Changes
from bot.github.checks import Checks
from bot.github.git_data import Blob, Content
from bot.github.permissions import Permissions
from bot.github.reactions import Reactions
from bot.github.reviews import Reviews
from bot.github.threads import Threads

__all__ = ["Blob", "Content", "RepositoryClient"]


class RepositoryClient(Checks, Changes, Reviews, Threads, Reactions, Permissions):
    """Everything that a job does to one repository. Synchronous, not thread-safe: one per job, closed after it.

    Raises nothing but ``bot.github.errors``. Reads are tried up to three times; a write goes once, in its turn, and
    where its answer was lost the client looks whether it took place: then it is a success.

    The layers, each a file: the repository itself (``repository``), the Git database (``git_data``), branches
    (``refs``), pull requests (``pulls``), and beside each other on top of them: check runs (``checks``), what pull
    requests change (``changes``), reviews (``reviews``), their threads (``threads``), reactions (``reactions``), and
    who may do what (``permissions``).
    """

    def __enter__(self) -> RepositoryClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
