"""A commit's files as folders: what a disk would show after a checkout, answered from the listing alone."""

from __future__ import annotations

import errno
import os
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from codemods.engine.files.walk import IGNORE_BYTES, Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LINK = "120000"
SUBMODULE = "160000"
_FOLDER = "040000"
_LONGEST_LINK = 4_096
_HOPS = 40
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One line of ``git ls-tree -r -l``: ``mode`` as git writes it (``100644``), ``sha`` of the blob, ``size`` in bytes.

    Submodules (``160000``) have no blob and no size.
    """

    path: str
    mode: str
    sha: str
    size: int = 0


class MissingBlob(Exception):  # noqa: N818 - named as its reader thinks of it
    """A blob that the listing names is not there: the report would be wrong, so there is none."""


class Blobs(Protocol):
    """Where the contents come from. It must be possible to pickle it, if the analysis uses several processes."""

    def get_many(self, shas: Iterable[str]) -> Mapping[str, bytes]:
        """The blobs that are there, by their git SHA; those that are not are left out."""


class Listing:
    """The tree of one commit, as a ``codemods.engine.files.walk.Tree``.

    Links are followed inside the tree only, in the listing alone; submodules are folders that hold a ``.git``.
    """

    def __init__(self, files: Iterable[ListedFile], blobs: Blobs) -> None:
        self._files = {each.path: each for each in files if each.mode not in (_FOLDER, "40000")}
        self._blobs = blobs
        self._links: dict[str, str] = {}
        self._folders: dict[str, list[Entry]] = {"": []}
        self._kept: dict[str, bytes] = {}
        for path, file in self._files.items():
            kind = Kind.LINK if file.mode == LINK else Kind.FILE
            if file.mode == SUBMODULE:
                self._folder(path).append(Entry(".git", Kind.FILE))
            else:
                folder, _, name = path.rpartition("/")
                self._folder(folder).append(Entry(name, kind))

    def _folder(self, path: str) -> list[Entry]:
        missing = []
        while path not in self._folders:
            missing.append(path)
            path = path.rpartition("/")[0]
        for folder in reversed(missing):
            self._folders[path].append(Entry(folder.rpartition("/")[2], Kind.FOLDER))
            self._folders[folder] = []
            path = folder
        return self._folders[path]

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_kept": {}}

    def file(self, path: str) -> ListedFile:
        """The regular file that ``path`` is or leads to. Raises OSError where there is none inside the tree."""
        found = self._files.get(path)
        if found is None or found.mode == LINK:
            real = self.real(path)
            found = None if real is None else self._files.get(real)
        if found is None or found.mode == SUBMODULE:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return found

    def blob(self, sha: str) -> bytes:
        """The content of one blob, read once. Raises MissingBlob."""
        if sha not in self._kept:
            self.bring([sha])
        found = self._kept.get(sha)
        if found is None:
            raise MissingBlob(f"the blob {sha} is in the listing, but not where the contents come from")
        return found

    def bring(self, shas: Iterable[str]) -> None:
        """Reads several blobs at once; those that are not there are missed when they are asked for."""
        wanted = [sha for sha in dict.fromkeys(shas) if sha not in self._kept]
        for start in range(0, len(wanted), _AT_ONCE):
            self._kept.update(self._blobs.get_many(wanted[start : start + _AT_ONCE]))

    def entries(self, folder: str) -> list[Entry]:
        """What lies in a folder. Raises OSError."""
        real = self.real(folder)
        if real is None or real not in self._folders:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return self._folders[real]

    def size(self, path: str) -> int:
        """A regular file's bytes. Raises OSError."""
        return self.file(path).size

    def ignore_lines(self, path: str) -> list[str]:
        """The lines of a file of gitignore patterns; none where it is absent or too large."""
        try:
            file = self.file(path)
        except OSError:
            return []
        if file.size > IGNORE_BYTES:
            return []
        return self.blob(file.sha).decode("utf-8", "replace").splitlines()

    def is_folder(self, path: str) -> bool:
        """Whether ``path`` is, or leads to, a folder of the tree."""
        try:
            return self.real(path) in self._folders
        except OSError:
            return False

    def is_file(self, path: str) -> bool:
        """Whether ``path`` is a regular file."""
        file = self._files.get(path)
        return file is not None and file.mode not in (LINK, SUBMODULE)

    def real(self, path: str) -> str | None:
        """Where ``path`` lies when all links are followed; None outside the tree. Raises OSError for nowhere.

        Absolute links, and those that leave the tree and come back by its folder's name, lead outside.
        """
        if path in self._folders:
            return path
        left = deque(path.split("/"))
        here: list[str] = []
        hops = 0
        while left:
            part = left.popleft()
            if part in ("", "."):
                continue
            if part == "..":
                if not here:
                    return None
                here.pop()
                continue
            here.append(part)
            place = "/".join(here)
            if place in self._folders:
                continue
            file = self._files.get(place)
            if file is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            if file.mode == LINK:
                here.pop()
                hops += 1
                if hops > _HOPS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
                target = self._target(file)
                if target.startswith("/"):
                    return None
                left.extendleft(reversed(target.split("/")))
            elif left:
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        return "/".join(here)

    def _target(self, file: ListedFile) -> str:
        known = self._links.get(file.path)
        if known is None:
            if file.size > _LONGEST_LINK:
                raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
            known = self._links[file.path] = os.fsdecode(self.blob(file.sha))
        return known
