"""Fetching contents that are not known yet: few one by one, many by a tarball."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, Protocol

import structlog

from bot.github.errors import GitHubError, Gone, Passing, RateLimited, Refused
from bot.snapshot.archive import Unfit, blobs_in
from codemods.engine.files.listed import may_be_read
from codemods.engine.files.listing import LINK, ListedFile

if TYPE_CHECKING:
    from pathlib import Path

    from bot.snapshot.blobs import BlobStore
    from bot.snapshot.listing import Listed

log = structlog.get_logger(__name__)

FEW = 30
"""As many contents are fetched one by one; a tarball costs two requests and the whole repository's bytes."""

_LARGE_BYTES = 300_000_000
_FEW_OF_LARGE = 300
_MOST_ONE_BY_ONE = 3_000
_STORED_AT_ONCE = 400
_STORED_BYTES = 20_000_000


class Contents(Protocol):
    """What gives contents (``bot.github.client.RepositoryClient``)."""

    def blob(self, sha: str, /) -> bytes:
        """One blob, checked."""

    def tarball(self, sha: str, file: IO[bytes], /) -> None:
        """A commit's gzipped tarball."""


def fetch(contents: Contents, sha: str, listed: Listed, store: BlobStore) -> int:
    """Brings into ``store`` all that an analysis of commit ``sha`` may read; how many contents were new.

    What was fetched before a failure stays: the next attempt begins there. Raises ``bot.github.errors``.
    """
    wanted = {file.path: file.sha for file in listed.files if is_wanted(file)}
    known = store.known(wanted.values())
    missing = {path: name for path, name in wanted.items() if name not in known}
    names = set(missing.values())
    new = len(names)
    if len(names) > (FEW if listed.bytes <= _LARGE_BYTES else _FEW_OF_LARGE):
        names -= _put(store, _by_tarball(contents, sha, missing, store.path.parent))
    if len(names) > _MOST_ONE_BY_ONE:
        raise Refused(
            f"{len(names):,} files are not in the tarball as they are in git: too many to fetch one by one"
        )
    _put(store, ((name, contents.blob(name)) for name in sorted(names)))
    return new


def is_wanted(file: ListedFile) -> bool:
    """Whether the content of a file is fetched. Notebooks are named as skipped, and large: nobody reads them."""
    return may_be_read(file) and (file.mode == LINK or not file.path.endswith(".ipynb"))


def _by_tarball(
    contents: Contents, sha: str, missing: dict[str, str], folder: Path
) -> Iterator[tuple[str, bytes]]:
    """What one tarball holds. One that cannot be used is no failure: the rest is fetched one by one."""
    with tempfile.TemporaryFile(dir=folder) as file:
        try:
            contents.tarball(sha, file)
        except (RateLimited, Passing, Gone):
            raise
        except GitHubError as error:
            log.warning("tarball not used", sha=sha, reason=str(error))
            return
        file.seek(0)
        try:
            yield from blobs_in(file, missing)
        except Unfit as error:
            log.warning("tarball not used to its end", sha=sha, reason=str(error))


def _put(store: BlobStore, blobs: Iterable[tuple[str, bytes]]) -> set[str]:
    """Stores contents as they come, many at once; their SHAs."""
    done: set[str] = set()
    batch: list[tuple[str, bytes]] = []
    size = 0
    try:
        for sha, content in blobs:
            batch.append((sha, content))
            size += len(content)
            if len(batch) >= _STORED_AT_ONCE or size > _STORED_BYTES:
                store.put_many(batch)
                done.update(sha for sha, _ in batch)
                batch, size = [], 0
    finally:
        if batch:
            store.put_many(batch)
            done.update(sha for sha, _ in batch)
    return done
