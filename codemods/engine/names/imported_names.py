"""Which files name what in their ``from ... import`` statements: one pass of a pattern over raw bytes, no parsing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

_STATEMENT = re.compile(
    rb"^[ \t]*from[ \t]+[.\w]+[ \t]+import[ \t]*(\([^)]*\)|[^\n\\]*(?:\\\r?\n[^\n\\]*)*)", re.MULTILINE
)
_WORD = re.compile(rb"[A-Za-z_]\w*")


def importers(paths: Iterable[str], read: Callable[[str], bytes]) -> Mapping[bytes, tuple[str, ...]]:
    """For each name, the files whose ``from`` imports hold it, sorted. Too many (aliases, comments), never too few."""
    found: dict[bytes, list[str]] = {}
    for path in paths:
        for name in names_imported(read(path)):
            found.setdefault(name, []).append(path)
    return {name: tuple(sorted(files)) for name, files in found.items()}


def names_imported(data: bytes) -> set[bytes]:
    """The names in one file's ``from ... import`` statements."""
    return {word for match in _STATEMENT.finditer(data) for word in _WORD.findall(match[1])}
