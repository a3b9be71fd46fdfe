"""String literals as they are written: each character and each placeholder with its place in the file.

The syntax tree's positions inside f-strings can't be relied on before Python 3.12, so literals are read by their text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from codemods.engine.edits.fstring_text import expression_end, without_debug

_OPENING = re.compile(r"([A-Za-z]{0,2})(\"\"\"|'''|\"|')")
_BETWEEN = re.compile(r"(?:[\s()]|\\\r?\n)*")
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}


class Unreadable(Exception):  # noqa: N818 - an answer, not a failure
    """The literal is written in a way that is not followed here."""


@dataclass(frozen=True, slots=True)
class Literal:
    """One literal of those that stand beside each other; offsets are of the file's text.

    ``start`` is where the prefix begins, ``body`` the first character inside, ``body_end`` the closing quotes.
    """

    prefix: str
    quotes: str
    start: int
    body: int
    body_end: int

    @property
    def is_f(self) -> bool:
        """Whether it is an f-string."""
        return "f" in self.prefix.lower()

    @property
    def end(self) -> int:
        """Behind the closing quotes."""
        return self.body_end + len(self.quotes)


@dataclass(frozen=True, slots=True)
class Char:
    """One character of the text's value, and what it is written as."""

    text: str
    start: int
    end: int
    literal: Literal


@dataclass(frozen=True, slots=True)
class Field:
    """A placeholder of an f-string: ``{expression!r:spec}``; ``plain`` has nothing but the expression."""

    start: int
    end: int
    expression: tuple[int, int]
    plain: bool
    literal: Literal


def read(text: str, start: int, end: int) -> list[Char | Field]:
    """All characters and placeholders of the literals between two offsets. Raises Unreadable."""
    found: list[Char | Field] = []
    place = start
    while True:
        match = _BETWEEN.match(text, place, end)
        place = match.end() if match else place
        if place >= end:
            return found
        opening = _OPENING.match(text, place, end)
        if opening is None or "b" in opening[1].lower():
            raise Unreadable
        place = _literal(text, opening, end, found)


def _literal(text: str, opening: re.Match[str], end: int, found: list[Char | Field]) -> int:
    prefix, quotes = opening[1], opening[2]
    items: list[tuple[str, int, int] | tuple[int, int, int, int, bool]] = []
    is_f, is_raw = "f" in prefix.lower(), "r" in prefix.lower()
    place = opening.end()
    while not text.startswith(quotes, place):
        if place >= end:
            raise Unreadable
        here = text[place]
        if here == "\\":
            decoded, stop = _escape(text, place, is_raw=is_raw)
            items += [(character, place, stop) for character in decoded]
            place = stop
        elif is_f and here in "{}" and text[place + 1 : place + 2] == here:
            items.append((here, place, place + 2))
            place += 2
        elif is_f and here == "{":
            last, stop, plain = _field(text, place + 1, end)
            items.append((place, stop, place + 1, last, plain))
            place = stop
        else:
            items.append((here, place, place + 1))
            place += 1
    literal = Literal(prefix, quotes, opening.start(), opening.end(), place)
    for item in items:
        if len(item) == 3:
            found.append(Char(*item, literal))
        else:
            found.append(Field(item[0], item[1], (item[2], item[3]), item[4], literal))
    return literal.end


def _escape(text: str, place: int, *, is_raw: bool) -> tuple[str, int]:
    following = text[place + 1 : place + 2]
    if is_raw:
        return "\\", place + 1
    if following in _SIMPLE_ESCAPES:
        return _SIMPLE_ESCAPES[following], place + 2
    if following in "\r\n":
        return "", place + (3 if text.startswith("\r\n", place + 1) else 2)
    raise Unreadable


def _field(text: str, start: int, end: int) -> tuple[int, int, bool]:
    """The end of the expression, the end of the placeholder, and whether there is nothing else in it."""
    place = expression_end(text, start, end)
    if place >= end:
        raise Unreadable
    written = text[start:place].rstrip()
    debugging = without_debug(written) != written
    stop = place
    while stop < end and text[stop] != "}":
        if text[stop] == "{":  # a placeholder in the format specification
            raise Unreadable
        stop += 1
    return start + len(written), stop + 1, text[place] == "}" and not debugging
