"""What a pull request changes: its files, and the lines of the head that GitHub lets a comment stand on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

_HEADER = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk on the side of the head: ``lines`` from line ``start`` (from 1) on, and which of them were added.

    The lines are without their line feeds; a carriage return before one is part of the line.
    """

    start: int
    lines: tuple[str, ...]
    added: frozenset[int]

    @property
    def end(self) -> int:
        """The last line of the head in it; before ``start`` where it only deletes."""
        return self.start + len(self.lines) - 1

    def holds(self, first: int, last: int) -> bool:
        """Whether all these lines of the head lie in it."""
        return self.start <= first <= last <= self.end


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One changed file. ``previous`` is its path before, where it was renamed or copied.

    ``status`` is GitHub's: added, removed, modified, renamed, copied, changed or unchanged. A file without hunks is
    binary, too large, or changed in nothing but its name or mode.
    """

    path: str
    status: str
    previous: str = ""
    hunks: tuple[Hunk, ...] = ()

    def touched(self, first: int, last: int) -> list[int]:
        """Which of these lines of the head the pull request wrote."""
        if self.status == "added" and not self.hunks:
            return list(range(first, last + 1))
        return sorted(line for hunk in self.hunks for line in hunk.added if first <= line <= last)

    def hunk(self, first: int, last: int) -> Hunk | None:
        """The one hunk in which all these lines lie."""
        return next((hunk for hunk in self.hunks if hunk.holds(first, last)), None)


@dataclass(frozen=True)
class Diff:
    """All files that a pull request changes, by their paths in the head, as far as GitHub lists them."""

    files: Mapping[str, FileDiff] = field(default_factory=dict)

    @classmethod
    def of(cls, files: Iterable[FileDiff]) -> Diff:
        """The diff over these files."""
        return cls({file.path: file for file in files})

    @cached_property
    def renamed(self) -> Mapping[str, str]:
        """Paths in the head by paths before, for the files that were renamed; copies are new files."""
        return {
            file.previous: file.path
            for file in self.files.values()
            if file.status == "renamed" and file.previous
        }

    def touched(self, path: str, first: int, last: int) -> list[int]:
        """Which of these lines of a file of the head the pull request wrote."""
        file = self.files.get(path)
        return file.touched(first, last) if file else []


def file_diff(path: str, status: str, patch: str | None, previous: str | None = None) -> FileDiff:
    """One file as ``compare`` and the list of a pull request's files give it.

    ``patch`` is its unified diff without the lines before the first hunk, None where GitHub gives none. What can't be
    read as a hunk ends the reading: fewer lines then take comments. [REST, list pull requests files]
    """
    return FileDiff(path, status, previous or "", tuple(_hunks(patch or "")))


def _hunks(patch: str) -> Iterable[Hunk]:
    start, wanted = 0, 0
    lines: list[str] = []
    added: set[int] = set()
    opened = False
    for line in patch.split("\n"):
        header = _HEADER.match(line)
        if header and len(lines) >= wanted:
            if opened:
                yield Hunk(start, tuple(lines), frozenset(added))
            start, wanted = int(header[1]), int(header[2] or 1)
            lines, added, opened = [], set(), True
        elif not opened:
            return
        elif line[:1] == "+" and len(lines) < wanted:
            added.add(start + len(lines))
            lines.append(line[1:])
        elif line[:1] == " " and len(lines) < wanted:
            lines.append(line[1:])
        elif line[:1] not in ("-", "\\"):
            break
    if opened:
        yield Hunk(start, tuple(lines), frozenset(added))
