"""All files of one commit, without their contents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bot.github.errors import Passing, Refused
from codemods.engine.files.listed import may_be_read
from codemods.engine.files.listing import SUBMODULE, ListedFile

if TYPE_CHECKING:
    from bot.github.model import Entry, Listing

_MANY = 100_000
_MOST_FILES = 2_000_000
_MOST_TREES = 2_000
_FOLDER = "040000"
_NEVER_OWN = {"node_modules": "installed packages", "site-packages": "installed packages"}
_MODE = re.compile(r"100644|100755|100664|120000|160000|040000")
_SHA = re.compile(r"[0-9a-f]{40}")
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_VIRTUALENV = re.compile(r"(?:.*/)?(?:pyvenv\.cfg|conda-meta/history)")


class Trees(Protocol):
    """What lists trees (``bot.github.client.RepositoryClient``)."""

    def tree(self, sha: str, /) -> Listing:
        """All entries below a tree."""

    def tree_flat(self, sha: str, /) -> Listing:
        """The entries of one tree."""


@dataclass
class Listed:
    """The files of a commit, folders left out, and why some of its names are not among them.

    ``bytes`` is what all files have together.
    """

    files: list[ListedFile] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    bytes: int = 0


def list_files(trees: Trees, sha: str) -> Listed:
    """The files of commit ``sha``. Of more than 100,000, only those that an analysis may look at.

    Raises Refused for a repository of more than 2,000,000 files.
    """
    found = Listed()
    count = 0
    for entry in _entries(trees, sha, found):
        count += 1
        if count > _MOST_FILES:
            raise Refused(f"the repository has more than {_MOST_FILES:,} files")
        if (reason := bad_name(entry.path)) is not None:
            found.skipped[shown(entry.path)] = reason
            continue
        if not _MODE.fullmatch(entry.mode) or not _SHA.fullmatch(entry.sha):
            found.skipped[entry.path] = f"an entry of an unknown kind (mode {entry.mode[:10]!a})"
            continue
        file = ListedFile(entry.path, entry.mode, entry.sha, entry.size)
        found.bytes += file.size
        if count == _MANY + 1:
            found.files = [each for each in found.files if _matters(each)]
        if count <= _MANY or _matters(file):
            found.files.append(file)
    return found


def bad_name(path: str) -> str | None:
    """Why a path is not worked on; None for a sound one.

    GitHub's JSON cannot carry names that are no UTF-8: it puts a replacement character into them, and the name that
    is left is no file's.
    """
    if _REPLACED in path:
        return "its name is not valid UTF-8"
    if _UNPRINTED.search(path):
        return "its name holds control characters"
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in path.split("/")):
        return "its name leads elsewhere"
    return None


def shown(path: str) -> str:
    """A path as reports can show it: without control characters, at most 500 characters."""
    return _UNPRINTED.sub(_REPLACED, path)[:500]


def _matters(file: ListedFile) -> bool:
    return file.mode == SUBMODULE or may_be_read(file) or _VIRTUALENV.fullmatch(file.path) is not None


def _entries(trees: Trees, sha: str, found: Listed) -> Iterator[Entry]:
    """The entries of all trees. A tree that GitHub cuts short is asked for again, one sub-tree after another."""
    todo = [("", sha)]
    asked = 0
    while todo:
        prefix, tree = todo.pop()
        asked += 1
        if asked > _MOST_TREES:
            raise Refused(
                f"the repository's tree is too large: GitHub cut short more than {_MOST_TREES:,} folders"
            )
        whole = trees.tree(tree)
        if not whole.truncated:
            yield from _placed(whole, prefix)
            continue
        flat = trees.tree_flat(tree)
        if flat.truncated:
            raise Passing(f"GitHub lists the folder {shown(prefix) or 'at the top'} only in part")
        for entry in _placed(flat, prefix, folders=True):
            if entry.mode != _FOLDER:
                yield entry
            elif (reason := _NEVER_OWN.get(entry.path.rpartition("/")[2])) is not None:
                found.skipped[shown(entry.path)] = reason
            else:
                todo.append((f"{entry.path}/", entry.sha))


def _placed(listing: Listing, prefix: str, *, folders: bool = False) -> Iterator[Entry]:
    for entry in listing.entries:
        if folders or entry.type != "tree":
            yield entry if not prefix else _below(entry, prefix)


def _below(entry: Entry, prefix: str) -> Entry:
    return type(entry)(f"{prefix}{entry.path}", entry.mode, entry.type, entry.sha, entry.size)
