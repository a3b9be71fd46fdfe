"""A snapshot of one commit's files, from a listing and a store of blobs: the same decisions as on disk, no disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codemods.engine.files.generated import generated_by_content, generated_by_name, not_text
from codemods.engine.files.listing import LINK, SUBMODULE, Blobs, ListedFile, Listing, MissingBlob
from codemods.engine.files.source import MAX_BYTES, UNREADABLE
from codemods.engine.files.walk import IGNORE_BYTES, MANIFEST_BYTES, PYTHON, chosen, is_manifest, walk
from codemods.engine.run.cache import key, packed, unpacked
from codemods.engine.settings.config import TOML_FILE, YAML_FILES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codemods.engine.run.cache import Cache

__all__ = ["Blobs", "ListedFile", "ListedSnapshot", "MissingBlob", "listed", "may_be_read"]

_EDITION = "2"
"""Raised when ``generated_by_content`` or ``not_text`` decide differently."""


def may_be_read(file: ListedFile) -> bool:
    """Whether an analysis may want the content of a file: only of these must a store hold the blobs."""
    if file.mode == SUBMODULE:
        return False
    name = file.path.rpartition("/")[2]
    if name.endswith(PYTHON):
        return file.size <= MAX_BYTES
    if file.mode == LINK:
        return True
    if name == ".gitignore":
        return file.size <= IGNORE_BYTES
    wanted = is_manifest(file.path) or name.endswith(".ipynb") or name == "CODEOWNERS"
    wanted = wanted or file.path in (TOML_FILE, *YAML_FILES)
    return wanted and file.size <= MANIFEST_BYTES


@dataclass
class ListedSnapshot:
    """The files of a repository at one commit; see ``DiskSnapshot`` for what ``python``, ``selected`` and ``aside`` are.

    ``place`` tells one repository from another in caches. Contents are read from ``blobs`` when they are asked for,
    and named in caches by ``git:`` and their blob's SHA: no content needs to be read to be known again, and no such
    name can be one of the 32 hexadecimal digits that other snapshots use. A blob that is not there raises
    MissingBlob: a report that rests on half of the files would be wrong.
    """

    place: str
    python: Sequence[str]
    manifests: Sequence[str]
    skipped: dict[str, str]
    selected: frozenset[str]
    aside: dict[str, str]
    _listing: Listing = field(repr=False)

    def read(self, path: str) -> bytes:
        """The bytes of one file; ``UNREADABLE`` for a Python file that is too large.

        Raises FileNotFoundError for paths that are not in the listing, OSError for other files that are too
        large, MissingBlob.
        """
        file = self._listing.file(path)
        if path.endswith(PYTHON) and file.size > MAX_BYTES:
            return UNREADABLE
        if file.size > MANIFEST_BYTES:
            raise OSError(0, f"larger than {MANIFEST_BYTES:,} bytes")
        return self._listing.blob(file.sha)

    def bring(self, paths: Iterable[str]) -> None:
        """Reads the contents of several files at once, for those who are going to ask for each of them."""
        files = [self._listing.file(path) for path in paths]
        self._listing.bring(file.sha for file in files if file.size <= MAX_BYTES)

    def exists(self, path: str) -> bool:
        """Whether a file or a folder of the commit has this path."""
        try:
            return bool(self._listing.real(path))
        except OSError:
            return False

    def digest(self, path: str) -> str:
        """What stands for the content of one file in caches; nothing is read. Raises FileNotFoundError."""
        return f"git:{self._listing.file(path).sha}"


def listed(
    files: Iterable[ListedFile], blobs: Blobs, place: str, cache: Cache | None = None
) -> ListedSnapshot:
    """The snapshot of a commit whose files these are.

    ``files`` is the whole tree; folders in it are passed over. What was learned of a content (generated, no text)
    is kept in ``cache`` under ``place``: with it only contents that are new are read. Raises MissingBlob.
    """
    listing = Listing(files, blobs)
    found = walk(listing)
    snapshot = ListedSnapshot(
        place, sorted(found.python), sorted(found.manifests), {}, frozenset(), found.aside, listing
    )
    contents = _Contents(snapshot, cache)
    snapshot.bring(path for path in snapshot.python if contents.is_new(path) and not generated_by_name(path))
    snapshot.selected, snapshot.skipped = chosen(snapshot.python, found, lambda _path: True, contents.reason)
    contents.remember()
    return snapshot


class _Contents:
    """Why contents speak against their files, by digest; the empty text where they don't."""

    def __init__(self, snapshot: ListedSnapshot, cache: Cache | None) -> None:
        self._snapshot = snapshot
        self._cache = cache
        self._key = key("reasons", _EDITION, snapshot.place)
        self._known = self._recalled()
        self._new: dict[str, str] = {}

    def _recalled(self) -> dict[str, str]:
        blob = None if self._cache is None else self._cache.load([self._key]).get(self._key)
        value = None if blob is None else unpacked(blob)
        return value if isinstance(value, dict) else {}

    def is_new(self, path: str) -> bool:
        return self._snapshot.digest(path) not in self._known

    def reason(self, path: str) -> str | None:
        digest = self._snapshot.digest(path)
        known = self._known.get(digest)
        if known is None:
            known = self._new.get(digest)
        if known is None:
            data = self._snapshot.read(path)
            known = self._new[digest] = generated_by_content(data) or not_text(path, data) or ""
        return known or None

    def remember(self) -> None:
        """Keeps what is known of this snapshot's contents, and forgets all others."""
        if self._cache is None or not self._new:
            return
        known = {**self._known, **self._new}
        now = {self._snapshot.digest(path) for path in self._snapshot.python}
        self._cache.store({self._key: packed({name: why for name, why in known.items() if name in now})})
