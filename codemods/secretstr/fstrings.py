"""Where an expression inside an f-string lies: before Python 3.12 the syntax tree's own positions can't be relied on."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from typing import TYPE_CHECKING

from codemods.engine.edits.fstring_text import expression_end, without_debug

if TYPE_CHECKING:
    from codemods.engine.project import Module


def span_of(node: ast.expr, module: Module) -> tuple[int, int] | None:
    """Start and end offsets of an expression anywhere; None where they can't be told."""
    source = module.source
    placeholder = _placeholder(node, module)
    if placeholder is None:
        return source.span(node)
    try:
        start, end = source.span(node)
    except (IndexError, UnicodeDecodeError, AssertionError):
        start = end = 0
    believable = sys.version_info >= (3, 12) or _inside(start, end, node, module)
    if start < end and believable and _is(source.text[start:end], node):
        return start, end
    outer = _outermost(placeholder, module)
    begin, stop = source.span(outer)
    values = [part.value for part in _placeholders(outer)]
    spans = list(_expressions(source.text[begin:stop]))
    if len(values) != len(spans):
        return None
    for value, (first, last) in zip(values, spans, strict=True):
        if value is placeholder.value:
            return _within(source.text[begin + first : begin + last], begin + first, value, node)
    return None


def is_labelled(node: ast.expr, span: tuple[int, int], module: Module) -> bool:
    """Whether an expression stands in ``{expression=}``, which writes the expression's own source out: for debugging."""
    if not any(isinstance(around, ast.FormattedValue) for around in module.ancestors(node)):
        return False
    behind = module.source.text[span[1] : span[1] + 200].lstrip(" )]")
    return behind.startswith("=") and not behind.startswith("==")


def _inside(start: int, end: int, node: ast.expr, module: Module) -> bool:
    """Whether a position from the tree is believable: the only place of that text in the whole f-string."""
    placeholder = _placeholder(node, module)
    assert placeholder is not None
    begin, stop = module.source.span(_outermost(placeholder, module))
    text = module.source.text[start:end]
    return begin <= start and end <= stop and module.source.text.count(text, begin, stop) == 1


def _placeholder(node: ast.AST, module: Module) -> ast.FormattedValue | None:
    for around in module.ancestors(node):
        if isinstance(around, ast.FormattedValue):
            return around
        if isinstance(around, ast.stmt):
            return None
    return None


def _outermost(node: ast.AST, module: Module) -> ast.JoinedStr:
    found: ast.JoinedStr | None = None
    for around in module.ancestors(node):
        if isinstance(around, ast.JoinedStr):
            found = around
        if isinstance(around, ast.stmt):
            break
    assert found is not None
    return found


def _placeholders(node: ast.JoinedStr) -> list[ast.FormattedValue]:
    """In source order, those of format specifications included."""
    found: list[ast.FormattedValue] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            found.append(part)
            if isinstance(part.format_spec, ast.JoinedStr):
                found += _placeholders(part.format_spec)
    return found


def _is(text: str, node: ast.expr) -> bool:
    try:
        return ast.dump(ast.parse(f"({text}\n)", mode="eval").body) == ast.dump(node)
    except SyntaxError:
        return False


def _within(text: str, begin: int, whole: ast.expr, node: ast.expr) -> tuple[int, int] | None:
    """The place of ``node``, a part of ``whole``, whose source is ``text`` at offset ``begin``."""
    if "\n" in text or not text.isascii():
        stripped = text.strip()
        if whole is node and _is(stripped, node):
            first = begin + text.index(stripped)
            return first, first + len(stripped)
        return None
    try:
        parsed = ast.parse(f"({text}\n)", mode="eval").body
    except SyntaxError:
        return None
    if ast.dump(parsed) != ast.dump(whole):
        return None
    for known, fresh in zip(ast.walk(whole), ast.walk(parsed), strict=True):
        if known is node and isinstance(fresh, ast.expr) and fresh.end_col_offset is not None:
            return begin + fresh.col_offset - 1, begin + fresh.end_col_offset - 1
    return None


def _expressions(text: str) -> list[tuple[int, int]]:
    """The offsets of the placeholders' expressions in the source of an f-string, implicit concatenation included."""
    found: list[tuple[int, int]] = []
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(f"({text}\n)").readline))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return []
    for token in tokens:
        if token.type != tokenize.STRING:
            continue
        prefix = token.string[
            : min(token.string.find(mark) for mark in "'\"" if mark in token.string)
        ].lower()
        if "f" not in prefix:
            continue
        row, column = token.start
        start = starts[row - 1] + column - (1 if row == 1 else 0)
        marks = 3 if token.string[len(prefix) : len(prefix) + 3] in {'"""', "'''"} else 1
        text_of = token.string if "r" in prefix else token.string.replace("\\N{", "___")
        _scan(text_of, len(prefix) + marks, len(token.string) - marks, start, found, in_spec=False)
    return found


def _scan(
    text: str, place: int, end: int, offset: int, found: list[tuple[int, int]], *, in_spec: bool
) -> int:
    """Read literal text from ``place``; returns where it ends (at the ``}`` of the placeholder in a specification)."""
    while place < end:
        character = text[place]
        if character == "{":
            if not in_spec and text[place : place + 2] == "{{":
                place += 2
                continue
            place = _field(text, place + 1, end, offset, found)
            continue
        if character == "}" and in_spec:
            return place
        place += 1
    return place


def _field(text: str, start: int, end: int, offset: int, found: list[tuple[int, int]]) -> int:
    """Read one placeholder from behind its ``{``; returns the place behind its ``}``."""
    place = expression_end(text, start, end)
    found.append((offset + start, offset + start + len(without_debug(text[start:place]))))
    if place < end and text[place] == "!":
        while place < end and text[place] not in ":}":
            place += 1
    if place < end and text[place] == ":":
        place = _scan(text, place + 1, end, offset, found, in_spec=True)
    return place + 1
