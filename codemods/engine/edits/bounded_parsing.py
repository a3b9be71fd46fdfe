"""What LibCST would take too long or too much memory for, told beforehand from the ``ast``.

Measured with LibCST 1.8: four kilobytes for each expression; and for patterns of ``match`` up to four times as long
with every bracket that one lies in, so that twenty of them take hours.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.files.source import Source

_MOST_NODES = 200_000
_MOST_TRIES = 4**9
_DEEPEST = 12


@lru_cache(maxsize=64)
def too_much(source: Source) -> str | None:
    """Why the file is not given to LibCST; None where it is taken. Raises Unreadable."""
    nodes = tries = 0
    for node in ast.walk(source.tree):
        nodes += not isinstance(node, ast.expr_context)
        if isinstance(node, ast.Match):
            tries += sum(4 ** min(_depth(text), _DEEPEST) for text in _cases(source, node))
    if nodes > _MOST_NODES:
        return f"more than {_MOST_NODES:,} expressions and statements"
    if tries > _MOST_TRIES:
        return "patterns of match statements are nested too deep"
    return None


def _cases(source: Source, match: ast.Match) -> Iterator[str]:
    """The text of each case up to its first statement; brackets around a pattern are in no node."""
    before = source.span(match.subject)[1]
    for case in match.cases:
        yield source.text[before : source.span(case.body[0])[0]]
        before = source.span(case.body[-1])[1]


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in text:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth -= 1
    return deepest
