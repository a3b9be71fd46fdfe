"""Taking a snapshot: the files of one commit, and their contents where an analysis can read them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.snapshot.fetch import Contents, fetch, is_wanted
from bot.snapshot.listing import Trees, list_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.snapshot.blobs import BlobStore
    from codemods.engine.files.listing import ListedFile

LFS_POINTER = "kept in Git LFS: only a pointer to it lies in the repository"


class Source(Trees, Contents, Protocol):
    """Where a snapshot is taken from (``bot.github.client.RepositoryClient``)."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One commit's files, for ``codemods.engine.files.listed.listed`` together with the store of blobs.

    ``skipped``: why some are left out or cannot be analysed, by path. Pointers of Git LFS stay in ``files``, so
    that their modules count as there and unreadable. ``new_blobs`` had to be fetched, in ``seconds`` altogether.
    """

    sha: str
    files: tuple[ListedFile, ...]
    skipped: Mapping[str, str]
    new_blobs: int
    seconds: float


def take(client: Source, sha: str, store: BlobStore, *, trim: bool = True) -> Taken:
    """The snapshot of commit ``sha``; afterwards ``store`` holds every content that an analysis of it may read.

    ``trim``: a store that is too large loses contents that this commit does not have; not where another commit's
    snapshot was taken just before and is still to be read. Raises ``bot.github.errors``.
    """
    began = time.perf_counter()
    listed = list_files(client, sha)
    new = fetch(client, sha, listed, store)
    if new and trim:
        store.trim(file.sha for file in listed.files if is_wanted(file))
    pointers = store.pointers()
    skipped = dict(listed.skipped)
    if pointers:
        skipped |= {file.path: LFS_POINTER for file in listed.files if file.sha in pointers}
    return Taken(sha, tuple(listed.files), skipped, new, time.perf_counter() - began)
