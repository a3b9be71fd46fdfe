"""On which line a TOML file sets which key: the standard library's parser does not tell."""

from __future__ import annotations

import re
import tomllib

_TABLE = re.compile(r"^\s*\[\[?\s*(?P<keys>[^\]#]+?)\s*\]\]?\s*(?:#.*)?$")
_SETS = re.compile(
    r"""^\s*(?P<keys>(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)


def lines_of(text: str, below: tuple[str, ...]) -> dict[tuple[str | int, ...], int]:
    """The line (from 1) of every key in the table ``below``, by its path from there; ``()`` is the table itself.

    ``text`` parses. Keys in inline tables and array items have the line of the key that holds them.
    """
    found: dict[tuple[str | int, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, spaced in enumerate(text.splitlines(), start=1):
        line = " ".join(spaced.split())  # the expressions would try every way to divide a run of spaces
        header = _TABLE.match(line)
        sets = None if header else _SETS.match(line)
        if header:
            place = table = _keys(header["keys"])
        elif sets:
            place = (*table, *_keys(sets["keys"]))
        else:
            continue
        if place[: len(below)] == below:
            for length in range(len(below), len(place) + 1):
                found.setdefault(place[len(below) : length], number)
    return found


def _keys(text: str) -> tuple[str, ...]:
    """``a."b.c"`` as its parts."""
    try:
        value: object = tomllib.loads(f"{text} = 0")
    except tomllib.TOMLDecodeError:
        return (text,)
    found = []
    while isinstance(value, dict):
        (part, value), *_ = value.items()
        found.append(part)
    return tuple(found)
