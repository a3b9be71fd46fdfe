"""A finding's own patch as a suggestion: lines of the head in one hunk, and what is to stand in their place.

A suggestion is applied by GitHub, with its own idea of what a line is. Only what cannot go wrong there is suggested:
files in UTF-8 whose lines end in line feeds, and text that Markdown carries unchanged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from codemods.engine.run.diff import line_changes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.review.diff import FileDiff, Hunk
    from bot.review.introduced import Introduced

_UNFAITHFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_RUN = re.compile(r"`+")
LONGEST = 60
"""As many lines as one suggestion may replace or write; more is read better as a diff."""
_LARGEST = 20_000  # characters
_GAP = 3
"""As many unchanged lines in a row may stand in a suggestion: more hide the change from its reader."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Replace the lines ``start`` to ``line`` of the head (from 1, both included) by ``replacement``.

    The replacement's lines are without their ends; none at all deletes.
    """

    start: int
    line: int
    replacement: tuple[str, ...]

    def block(self) -> str:
        """The fenced block that GitHub reads; its fence is longer than any run of backquotes in it."""
        longest = max((len(run) for line in self.replacement for run in _RUN.findall(line)), default=0)
        fence = "`" * max(3, longest + 1)
        return "\n".join([f"{fence}suggestion", *self.replacement, fence])

    def applied(self, text: str) -> str:
        """The file with the suggestion taken; ``text`` ends its lines in line feeds, the replaced ones too."""
        lines = text.split("\n")
        return "\n".join([*lines[: self.start - 1], *self.replacement, *lines[self.line :]])


def suggestion(new: Introduced, before: bytes, file: FileDiff) -> Suggestion | None:
    """The finding's whole patch as one suggestion on lines of ``file``; None where it can't be one.

    ``before`` is the file in the head. It can't be one where the patch changes other files, lines apart or outside
    of the hunk, where none of the lines that the author wrote lies in reach, or where the text would not come
    through unchanged.
    """
    finding = new.finding
    if finding.patch is None or set(finding.changed) != {finding.path} or b"\r" in before:
        return None
    try:
        old = before.decode("utf-8").split("\n")
        now = finding.changed[finding.path].data.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        return None
    changes = line_changes(old, now)
    if not changes or not new.touched:
        return None
    if any(later[0] - earlier[1] > _GAP for earlier, later in pairwise(changes)):
        return None
    first, last = changes[0][0] + 1, changes[-1][1]
    hunk = next((each for each in file.hunks if _beside(each, first, last)), None)
    if hunk is None:
        return None
    start, line = _reach(first, last, new.touched, hunk)
    if line >= len(old):  # the last line of a file that does not end in a line feed, or beyond
        return None
    shift = len(now) - len(old)
    replacement = tuple(now[start - 1 : line + shift])
    made = Suggestion(start, line, replacement)
    return made if _sound(made, old, hunk) else None


def _beside(hunk: Hunk, first: int, last: int) -> bool:
    """Whether lines lie in a hunk; of an insertion (``last`` before ``first``), one of its neighbours."""
    if first <= last:
        return hunk.holds(first, last)
    return hunk.start <= first <= hunk.end or hunk.start <= last <= hunk.end


def _reach(first: int, last: int, touched: Sequence[int], hunk: Hunk) -> tuple[int, int]:
    """The lines to comment on: those that change, with a line that the author wrote if none of them is one.

    An insertion takes a neighbour in, for a suggestion must replace something.
    """
    if any(first <= line <= last for line in touched):
        return first, last
    within = [line for line in touched if hunk.holds(line, line)]
    if not within:
        return 0, -1
    nearest = min(within, key=lambda line: min(abs(line - first), abs(line - last)))
    if max(first - nearest, nearest - last) > _GAP + 1:
        return 0, -1
    return min(first, nearest), max(last, nearest)


def _sound(made: Suggestion, old: Sequence[str], hunk: Hunk) -> bool:
    """Whether its lines are the head's, lie in the hunk, are not too many, and come through Markdown unchanged."""
    if not hunk.holds(made.start, made.line):
        return False
    shown = hunk.lines[made.start - hunk.start : made.line - hunk.start + 1]
    if shown != tuple(old[made.start - 1 : made.line]):
        return False
    if max(len(shown), len(made.replacement)) > LONGEST or sum(map(len, made.replacement)) > _LARGEST:
        return False
    if made.replacement and not any(line.strip() for line in made.replacement):
        return False
    return not any(_UNFAITHFUL.search(line) for line in made.replacement)
