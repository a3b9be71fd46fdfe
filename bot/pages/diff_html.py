"""A pull request's diff, as rows that a page shows: line numbers on both sides and coloured code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.pages.code_html import breakable, highlighted
from bot.pages.visible import visible_code

if TYPE_CHECKING:
    from markupsafe import Markup

    from bot.github.model import FileChange

MOST_LINES = 2_000
"""So many lines are shown of all files together."""
MOST_FILES = 60
_HEADER = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)")

Kind = Literal["same", "added", "removed", "hunk", "note"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``old`` and ``new`` are line numbers from 1, None where that side has no such line."""

    kind: Kind
    old: int | None
    new: int | None
    code: Markup

    @property
    def sign(self) -> str:
        """What stands before the line in a unified diff."""
        return {"added": "+", "removed": "-"}.get(self.kind, "")


@dataclass(frozen=True, slots=True)
class ShownFile:
    """One file. ``cut``: lines of it are left out. No rows: it is binary, very large, or only moved."""

    path: str
    previous: str
    status: str
    rows: tuple[Row, ...]
    added: int
    removed: int
    cut: bool

    @property
    def name(self) -> Markup:
        """The path, after the one before where that was another."""
        path = breakable(self.path)
        return breakable(self.previous) + " → " + path if self.previous else path


@dataclass(frozen=True, slots=True)
class ShownDiff:
    """The files that are shown; ``left`` is how many are not."""

    files: tuple[ShownFile, ...]
    left: int

    @property
    def added(self) -> int:
        """Added lines of the files that are shown."""
        return sum(each.added for each in self.files)

    @property
    def removed(self) -> int:
        """Removed lines of the files that are shown."""
        return sum(each.removed for each in self.files)


def shown_diff(changes: Sequence[FileChange], left: int = 0) -> ShownDiff:
    """The diff over ``changes``, as far as a page holds it; ``left`` files are known to be missing already."""
    files, room = [], MOST_LINES
    for change in changes[:MOST_FILES]:
        shown = _file(change, room)
        files.append(shown)
        room -= len(shown.rows)
    return ShownDiff(tuple(files), left + max(0, len(changes) - MOST_FILES))


def _file(change: FileChange, room: int) -> ShownFile:
    lines = change.patch.split("\n") if change.patch else []
    path, previous = visible_code(change.path), visible_code(change.previous_path)
    return ShownFile(
        path=path,
        previous=previous if previous != path else "",
        status=change.status,
        rows=tuple(_rows(lines[: max(0, room)], change.path)),
        added=sum(line.startswith("+") for line in lines),
        removed=sum(line.startswith("-") for line in lines),
        cut=len(lines) > room,
    )


def _rows(lines: Sequence[str], path: str) -> Iterable[Row]:
    """Each side of a hunk is coloured as the text that it is; the rows are put together from both."""
    language = path.rpartition(".")[2]
    start = 0
    while start < len(lines):
        header = _HEADER.match(lines[start])
        end = start + 1
        while end < len(lines) and not _HEADER.match(lines[end]):
            end += 1
        if header:
            yield Row("hunk", None, None, highlighted(header[3], "")[0])
            yield from _hunk(lines[start + 1 : end], int(header[1]), int(header[2]), language)
        start = end


def _hunk(lines: Sequence[str], old: int, new: int, language: str) -> Iterable[Row]:
    before = iter(
        highlighted("\n".join(_text(line) for line in lines if line[:1] not in ("+", "\\")), language)
    )
    after = iter(
        highlighted("\n".join(_text(line) for line in lines if line[:1] not in ("-", "\\")), language)
    )
    for line in lines:
        match line[:1]:
            case "+":
                yield Row("added", None, new, next(after))
                new += 1
            case "-":
                yield Row("removed", old, None, next(before))
                old += 1
            case "\\":
                yield Row("note", None, None, highlighted(line[1:].strip(), "")[0])
            case _:
                next(before)
                yield Row("same", old, new, next(after))
                old, new = old + 1, new + 1


def _text(line: str) -> str:
    """A line without the sign before it; some drop that of empty lines."""
    return line[1:] if line[:1] in (" ", "+", "-") else line
