"""What changed between two commits: files with renames found, and patches as GitHub cuts them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from tests.github.bare import EMPTY_TREE, ZERO

if TYPE_CHECKING:
    from tests.github.bare import Bare

MOST_FILES_COMPARED = 300
"""Files in one answer to a comparison."""
MOST_FILES_OF_A_PULL = 3000
LARGEST_PATCH = 500 * 1024
"""Bytes of one file's patch; a larger one is left out. [About pull requests, "Diff view limits"]"""
MOST_LINES = 20_000
"""Lines of one file's patch."""
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


class ChangedFile(NamedTuple):
    """One changed file: ``letter`` is git's status (A, D, M, T, R); ``previous`` is its old path if renamed."""

    path: str
    letter: str
    added: int
    deleted: int
    previous: str | None = None


@dataclass(frozen=True)
class Hunk:
    """One hunk: where it starts on both sides and its lines, each with its mark (space, ``+``, ``-``)."""

    old_start: int
    new_start: int
    header: str
    lines: tuple[str, ...]

    @cached_property
    def left(self) -> dict[int, int]:
        """Lines of the old file in it (context and deleted), and each one's place below the header, from 1."""
        return self._numbered(self.old_start, "+")

    @cached_property
    def right(self) -> dict[int, int]:
        """Lines of the new file in it (context and added), and each one's place below the header, from 1."""
        return self._numbered(self.new_start, "-")

    def _numbered(self, start: int, other: str) -> dict[int, int]:
        numbers: dict[int, int] = {}
        for place, line in enumerate(self.lines, 1):
            if line[:1] not in {other, "\\"}:
                numbers[start + len(numbers)] = place
        return numbers

    def side(self, name: str) -> dict[int, int]:
        """``LEFT`` or ``RIGHT``."""
        return self.left if name == "LEFT" else self.right

    def upto(self, side: str, line: int) -> str:
        """The hunk's text down to a line, as GitHub's ``diff_hunk``."""
        return "\n".join([self.header, *self.lines[: self.side(side)[line]]])


def hunks(patch: str | None) -> list[Hunk]:
    """The hunks of a patch as GitHub gives it; none of a file without one."""
    found = []
    matches = list(_HUNK.finditer(patch or ""))
    for match, following in zip(matches, [*matches[1:], None], strict=True):
        text = (patch or "")[match.start() : None if following is None else following.start() - 1]
        header, *lines = text.split("\n")
        old, new = int(match[1]), int(match[3])
        found.append(Hunk(old, new, header, tuple(lines)))
    return found


def changed_files(git: Bare, old: str, new: str) -> list[ChangedFile]:
    """What changed between two commits or trees, by path; renames are found where half of a file is the same."""
    old = EMPTY_TREE if old == ZERO else old
    raw = git.text("diff", "--raw", "--numstat", "-M", "--no-abbrev", "-z", old, new)
    letters: dict[str, tuple[str, str | None]] = {}
    files = []
    fields = iter(raw.split("\0"))
    for each in fields:
        if each.startswith(":"):
            letter, first = each.rsplit(" ", 1)[1][0], next(fields)
            path = next(fields) if letter == "R" else first
            letters[path] = (letter, first if letter == "R" else None)
        elif each:
            added, deleted, path = each.split("\t", 2)
            if not path:
                path = (next(fields), next(fields))[1]
            letter, previous = letters[path]
            files.append(ChangedFile(path, letter, _count(added), _count(deleted), previous))
    return files


def _count(number: str) -> int:
    return 0 if number == "-" else int(number)


def patches(git: Bare, old: str, new: str, files: list[ChangedFile]) -> dict[str, str]:
    """The patch of each file that has one: not of binary, huge, or only renamed files.

    ``files`` are some of those that ``changed_files`` gives; bytes that are no UTF-8 are replaced.
    """
    old = EMPTY_TREE if old == ZERO else old
    names = [name for each in files for name in (each.path, each.previous) if name]
    chosen = ["--", *(f":(top,literal){name}" for name in names)] if len(names) <= 100 else []
    data = git.run("diff", "-M", "--raw", "-p", "-z", "--no-abbrev", "--no-color", old, new, *chosen)
    paths, text = _paths(data)
    found = {}
    for path, each in zip(paths, re.split(rb"^diff --git ", text, flags=re.MULTILINE)[1:], strict=True):
        start = each.find(b"\n@@ ")
        patch = each[start + 1 :].removesuffix(b"\n")
        if start >= 0 and len(patch) <= LARGEST_PATCH and patch.count(b"\n") < MOST_LINES:
            found[path] = patch.decode("utf-8", "replace")
    return found


def _paths(data: bytes) -> tuple[list[str], bytes]:
    """The paths in the raw part of a diff with ``-z``, and the patches below."""
    paths = []
    at = 0
    while data[at : at + 1] == b":":
        end = data.index(b"\0", at)
        letter = data[at:end].rsplit(b" ", 1)[1][:1]
        for _ in range(2 if letter == b"R" else 1):
            start, end = end + 1, data.index(b"\0", end + 1)
        path = data[start:end].decode("utf-8", "surrogateescape")
        paths += [path, path] if letter == b"T" else [path]  # a changed type is shown as deleted and added
        at = end + 1
    return paths, data[at:].removeprefix(b"\0")
