"""Where two versions of a file differ: what lies before and behind need not be looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.files.source import Source


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """The lines from ``first`` (counted from 0) to ``old_end`` became those to ``new_end``; the ends are excluded."""

    first: int
    old_end: int
    new_end: int


@lru_cache(maxsize=64)
def changed_lines(before: Source, after: Source) -> ChangedLines:
    """The one run of lines outside of which the two are the same."""
    old, new = before.lines, after.lines
    shorter = min(len(old), len(new))
    first = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    same = next((at for at in range(shorter - first) if old[-1 - at] != new[-1 - at]), shorter - first)
    return ChangedLines(first, len(old) - same, len(new) - same)
