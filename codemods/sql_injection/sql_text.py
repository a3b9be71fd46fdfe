"""The words of a query with holes in it, and which holes stand where SQL takes a value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from codemods.sql_injection.template import Hole, Item, Template

Kind = Literal["word", "number", "string", "name", "hole", "sign", "placeholder"]
Place = Literal["comparison", "pattern", "list", "row", "limit", "arithmetic", "expression"]

_STATEMENTS = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "REPLACE"}
_COMPARISONS = {"=", "==", "<>", "!=", "<", ">", "<=", ">="}
_PATTERNS = {"LIKE", "ILIKE", "GLOB", "MATCH", "REGEXP", "RLIKE"}
_FOLLOWING = {
    "AND", "OR", "ORDER", "GROUP", "LIMIT", "OFFSET", "HAVING", "RETURNING", "WHERE", "FROM", "ON", "UNION", "EXCEPT",
    "INTERSECT", "THEN", "ELSE", "END", "WHEN", "AS", "FOR", "ESCAPE", "IS", "BETWEEN", "IN", "LIKE", "ILIKE",
}  # fmt: skip
_NOT_FUNCTIONS = _FOLLOWING | {
    "ANY",
    "ALL",
    "SOME",
    "EXISTS",
    "NOT",
    "INTO",
    "BY",
    "USING",
    "DISTINCT",
    "OVER",
    "SET",
}
_BEFORE = set(" \t\r\n(,=<>+-/|")
_BEHIND = set(" \t\r\n),;:|+-")
_WORD = re.compile(r"[^\W\d][\w$]*")
_NUMBER = re.compile(r"\d[\w.]*")
_PLACEHOLDER = re.compile(r"\?|%s|%\(\w+\)s|\$\d+|(?<![:\w]):\w+(?!:)")
_SIGN = re.compile(r"<=|>=|<>|!=|==|\|\||->>|->|::|:=|\S")
_QUOTED = re.compile(r"'(?:[^'\\]|'')*'|\"(?:[^\"\\]|\"\")*\"|`[^`\\]*`")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


class NotFollowed(Exception):  # noqa: N818 - an answer, not a failure
    """The query is written in a way in which no place can be told from another."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the query: the items from ``first`` up to ``last``."""

    kind: Kind
    text: str
    first: int
    last: int

    @property
    def word(self) -> str:
        """A keyword's name; empty for all else."""
        return self.text.upper() if self.kind == "word" else ""


@dataclass(frozen=True, slots=True)
class Slot:
    """A value in the query: the items from ``first`` up to ``last`` (both inside), with the quotes that are around it.

    ``quote``: the quotes, empty where there are none. ``cast``: ``::type`` follows. ``alone``: it is all that the
    parentheses of ``IN`` or ``VALUES`` hold.
    """

    first: int
    last: int
    quote: str
    place: Place
    cast: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What is known of a query: its ``tokens``, the ``slots`` of holes that are values, and whether it is a whole one."""

    tokens: tuple[Token, ...]
    slots: dict[Hole, Slot]
    whole: bool

    @property
    def placeholders(self) -> list[Token]:
        """The bind parameters that it has already."""
        return [token for token in self.tokens if token.kind == "placeholder"]


def query_of(template: Template) -> Query:
    """Reads the query. Raises NotFollowed for several statements, backslashes in strings, and comments with holes."""
    tokens = _tokens(template)
    ends = [number for number, token in enumerate(tokens) if token.text == ";" and token.kind == "sign"]
    if any(token.text != ";" for number in ends for token in tokens[number:]):
        raise NotFollowed
    slots: dict[Hole, Slot] = {}
    for number, token in enumerate(tokens):
        inside = [item for item in template.items[token.first : token.last + 1] if isinstance(item, Hole)]
        if not inside or token.kind == "sign":
            continue
        slot = _slot(tokens, number, template.items)
        if slot is not None:
            slots |= dict.fromkeys(inside, slot)
    whole = bool(tokens) and tokens[0].word in _STATEMENTS
    return Query(tuple(tokens), slots, whole)


def _tokens(template: Template) -> list[Token]:
    text, items = template.text, template.items
    found: list[Token] = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        match: re.Match[str] | None
        if text[place] == "\0":
            found.append(Token("hole", "", place, place))
            place += 1
            continue
        if match := _COMMENT.match(text, place):
            if any(isinstance(item, Hole) for item in items[place : match.end()]):
                raise NotFollowed
            place = match.end()
            continue
        if text[place] in "'\"`":
            match = _QUOTED.match(text, place)
            if match is None:
                raise NotFollowed
            kind: Kind = "string" if text[place] == "'" else "name"
        elif match := _PLACEHOLDER.match(text, place):
            kind = "placeholder"
        elif text[place] == "$" or text.startswith("/*", place):
            raise NotFollowed
        elif match := _WORD.match(text, place):
            kind = "word"
        elif match := _NUMBER.match(text, place):
            kind = "number"
        else:
            match = _SIGN.match(text, place)
            kind = "sign"
        assert match is not None
        found.append(Token(kind, match[0], place, match.end() - 1))
        place = match.end()
    return found


def _slot(tokens: list[Token], number: int, items: tuple[Item, ...]) -> Slot | None:
    token = tokens[number]
    before = tokens[number - 1] if number else None
    behind = tokens[number + 1] if number + 1 < len(tokens) else None
    if before is None or not _stands_free(token, items):
        return None
    if behind is not None and not (
        behind.word in _FOLLOWING
        or (
            behind.text in {")", ",", ";", "::", "||", "+", "-", "="} | _COMPARISONS and behind.kind == "sign"
        )
    ):
        return None
    place = _place(tokens, number)
    if place is None:
        return None
    quote = token.text[0] if token.kind in {"string", "name"} else ""
    if quote == "`" or (quote != "'" and place == "expression"):
        return None
    alone = place in {"list", "row"} and before.text == "(" and behind is not None and behind.text == ")"
    cast = behind is not None and behind.text == "::"
    return Slot(token.first, token.last, quote, place, cast, alone)


def _stands_free(token: Token, items: tuple[Item, ...]) -> bool:
    """Whether nothing is written directly beside it: a prefix (``E'...'``), a dot, another hole."""
    before = items[token.first - 1] if token.first else None
    behind = items[token.last + 1] if token.last + 1 < len(items) else None
    return (
        before is not None
        and not isinstance(before, Hole)
        and before.text in _BEFORE
        and (behind is None or (not isinstance(behind, Hole) and behind.text in _BEHIND | {"=", "<", ">"}))
    )


def _place(tokens: list[Token], number: int) -> Place | None:
    before = tokens[number - 1]
    if before.kind == "sign" and before.text in _COMPARISONS:
        return "comparison"
    if before.word in _PATTERNS:
        return "pattern"
    if before.word == "BETWEEN" or (
        before.word == "AND" and number >= 3 and tokens[number - 3].word == "BETWEEN"
    ):
        return "comparison"
    if before.word in {"LIMIT", "OFFSET"}:
        return "limit"
    if before.text in {"+", "-"} and before.kind == "sign":
        return "arithmetic"
    if before.word in {"THEN", "ELSE", "WHEN", "SELECT"} or before.text == "||":
        return "expression"
    if before.kind == "sign" and before.text in "(,":
        return _in_parentheses(tokens, number)
    return None


def _in_parentheses(tokens: list[Token], number: int) -> Place | None:
    """What the parentheses around a token belong to."""
    depth, place = 0, number - 1
    while place >= 0:
        text = tokens[place].text if tokens[place].kind == "sign" else ""
        if text == ")":
            depth += 1
        elif text == "(":
            if depth == 0:
                break
            depth -= 1
        place -= 1
    if place < 0:
        return None
    opener = tokens[place - 1] if place else None
    if opener is None:
        return None
    if opener.word == "IN":
        return "list"
    if opener.word == "VALUES" or (opener.text == "," and _after_values(tokens, place - 1)):
        return "row"
    if opener.kind == "word" and opener.word not in _NOT_FUNCTIONS and not _is_table(tokens, place - 1):
        return "expression"
    return None


def _is_table(tokens: list[Token], number: int) -> bool:
    """Whether the parentheses behind a name hold columns: ``INSERT INTO table (...)``."""
    return number > 0 and tokens[number - 1].word in {"INTO", "TABLE", "REFERENCES", "ON"}


def _after_values(tokens: list[Token], number: int) -> bool:
    """Whether the comma parts two rows of ``VALUES``."""
    depth = 0
    for token in reversed(tokens[:number]):
        if token.kind == "sign" and token.text == ")":
            depth += 1
        elif token.kind == "sign" and token.text == "(":
            depth -= 1
        elif depth == 0 and token.word:
            return token.word == "VALUES"
    return False
