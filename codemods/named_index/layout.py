"""Arguments taken out of a call, and elements added to a tuple, as the others are laid out."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.finding import Edit, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codemods.engine.files.source import Source

_SHORTEST, _LONGEST = 100, 120
"""Where new code is put on a line of its own: as long as the file's own lines are, within these."""
_COMMENT = "No patch: a comment stands among the arguments that would go."


def without(source: Source, call: ast.Call, dropped: Sequence[ast.keyword]) -> list[Edit]:
    """The edits that take keyword arguments out of a call. Raises Refused where a comment stands between them."""
    given: list[ast.expr | ast.keyword] = sorted(
        [*call.args, *call.keywords], key=lambda each: source.span(each)[0]
    )
    edits: list[Edit] = []
    number = 0
    while number < len(given):
        run = number
        while run < len(given) and given[run] in dropped:
            run += 1
        if run > number:
            edits.append(_cut(source, given, number, run, source.span(call)[1] - 1))
        number = max(run, number + 1)
    return edits


def _cut(source: Source, given: Sequence[ast.expr | ast.keyword], first: int, after: int, close: int) -> Edit:
    """The edit that takes out the arguments from ``first`` up to ``after``, which is left out."""
    start, end = source.span(given[first])[0], source.span(given[after - 1])[1]
    beside = first > 0 and given[first - 1].end_lineno == given[first].lineno
    if beside:
        start = source.text.rindex(",", source.span(given[first - 1])[1], start)
    elif after < len(given):
        end = source.span(given[after])[0]
        opening = re.search(r"[(\s]*$", source.text[start:end])
        assert opening is not None
        brackets = opening.group().lstrip()
        end -= len(brackets) if "(" in brackets else 0
    elif first > 0:
        before = source.span(given[first - 1])[1]
        start = source.text.rindex(",", before, start)
    else:
        start, end = source.text.rindex("(", 0, start) + 1, close
    if "#" in source.text[start:end] or (
        first > 0 and "#" in source.text[source.span(given[first - 1])[1] : start]
    ):
        raise Refused(_COMMENT)
    return Edit(source.path, start, end, "")


def added(source: Source, element: ast.expr, texts: Sequence[str], close: int) -> Edit:
    """The edit that puts new elements behind one of a tuple's; ``close`` is where the tuple ends.

    On lines of their own where the element has one, or where its line would grow too long.
    """
    start, stop = source.span(element)
    line, column = source.position(start)
    before = source.lines[line - 1][: column - 1]
    own_line = not before.strip()
    indent = before if own_line else " " * (column - 1)
    rest = source.text[stop:close]
    comma = re.match(r"\s*,", rest)
    if comma is None:
        joined = [f",{source.newline}{indent}{text}" for text in texts]
        return Edit(source.path, stop, stop, "".join(joined))
    behind = stop + comma.end()
    tail = re.match(r"[ \t]*(?:#[^\r\n]*)?(?=\r|\n)", source.text[behind:close])
    if own_line and tail is not None:
        at = behind + tail.end()
        return Edit(source.path, at, at, "".join(f"{source.newline}{indent}{text}," for text in texts))
    last = not source.text[behind:close].strip(" \t\r\n)")
    longest = len(source.lines[line - 1]) + sum(len(text) + 2 for text in texts)
    limit = min(_LONGEST, max(_SHORTEST, *map(len, source.lines)))
    gap = " " if longest <= limit else source.newline + indent
    written = ("," + gap).join(texts)
    return Edit(source.path, behind, behind, f"{gap}{written}" + ("" if last else ","))
