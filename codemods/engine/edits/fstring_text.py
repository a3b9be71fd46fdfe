"""F-strings read by their text: before Python 3.12 the syntax tree does not say where their values stand."""

from __future__ import annotations

_TRIPLE = frozenset({'"""', "'''"})


def expression_end(text: str, place: int, end: int) -> int:
    """Where the expression ends that begins at ``place``, behind the ``{``: at its ``}``, ``:`` or ``!``, or at ``end``."""
    depth, quote = 0, ""
    while place < end:
        here = text[place]
        if quote:
            if text.startswith(quote, place):
                place += len(quote) - 1
                quote = ""
        elif here in "'\"":
            quote = text[place : place + 3] if text[place : place + 3] in _TRIPLE else here
            place += len(quote) - 1
        elif here in "([{":
            depth += 1
        elif here in ")]" or (here == "}" and depth):
            depth -= 1
        elif depth == 0 and (here in "}:" or (here == "!" and text[place + 1 : place + 2] != "=")):
            break
        place += 1
    return place


def without_debug(written: str) -> str:
    """An expression without the ``=`` of ``{name=}`` and the blanks around it."""
    stripped = written.rstrip()
    if stripped.endswith("=") and not stripped.endswith(("==", "<=", ">=", "!=")):
        return stripped[:-1]
    return written
