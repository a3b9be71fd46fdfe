"""Expressions replaced, in parentheses where precedence asks for them; nodes' text as new statements want it."""

from __future__ import annotations

import ast
import re
import tokenize
from typing import TYPE_CHECKING

from codemods.engine.edits.blocks import unit_of
from codemods.engine.edits.comments import tokens_of
from codemods.engine.finding import Edit, Refused

if TYPE_CHECKING:
    from codemods.engine.files.source import Source

_NEWLINE = re.compile(r"\r\n|\r|\n")
_CLOSED = (
    ast.Name,
    ast.Call,
    ast.Attribute,
    ast.Subscript,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
)


def replace_expression(
    source: Source, node: ast.expr, text: str, *, parenthesise: bool | None = None
) -> Edit:
    """The expression ``node`` replaced by ``text``.

    By default (``parenthesise=None``) in parentheses where the syntax tree would otherwise be another.
    Raises Refused where ``text`` is no expression, or cannot stand there.
    """
    start, end = source.span(node)
    if parenthesise is None:
        try:
            new = ast.parse(f"({text}\n)", mode="eval").body
        except SyntaxError as error:
            raise Refused(f"not an expression: {text}") from error
        parenthesise = not (isinstance(new, _CLOSED) and _one_line(text)) and _needs_parentheses(
            source, node, text
        )
    return Edit(source.path, start, end, f"({text})" if parenthesise else text)


def _one_line(text: str) -> bool:
    return "\n" not in text and text[:1] not in ("(", "")


def _needs_parentheses(source: Source, node: ast.expr, text: str) -> bool:
    start, end = source.span(node)
    before, after = source.text[:start], source.text[end:]
    try:
        wanted = ast.dump(ast.parse(f"{before}({text}){after}"))
    except SyntaxError as error:
        raise Refused(f"{source.path}: {text} cannot stand on line {node.lineno}") from error
    try:
        return ast.dump(ast.parse(f"{before}{text}{after}")) != wanted
    except SyntaxError:
        return True


def unindented(source: Source, node: ast.expr | ast.stmt) -> str:
    """A node's text as new statements are written: plain line feeds, its block's indentation taken off, four blanks a level.

    Lines that begin inside a string are as they were.
    """
    start, end = source.span(node)
    if isinstance(node, ast.stmt):
        from codemods.engine.edits.blocks import start_of

        start = start_of(source, node)
        if isinstance(node, ast.If) and source.text.startswith("elif", start):
            start += len("el")
    lines = _NEWLINE.split(source.text[start:end])
    if len(lines) == 1:
        return lines[0]
    first = source.position(start)[0]
    indent, unit = source.indent(first).rpartition("\f")[2], unit_of(source)
    inside = _inside_strings(source)
    result = lines[:1]
    for number, line in enumerate(lines[1:], first + 1):
        if number in inside:
            result.append(line)
            continue
        rest = line.removeprefix(indent) if line.startswith(indent) else line.lstrip(" \t")
        levels = 0
        while rest.startswith(unit):
            rest, levels = rest[len(unit) :], levels + 1
        result.append("    " * levels + rest)
    return "\n".join(result)


def _inside_strings(source: Source) -> set[int]:
    """The lines that begin inside a string."""
    found: set[int] = set()
    opened: list[int] = []
    for token in tokens_of(source):
        name = tokenize.tok_name[token.type]
        if name == "STRING":
            found.update(range(token.start[0] + 1, token.end[0] + 1))
        elif name in {"FSTRING_START", "TSTRING_START"}:
            opened.append(token.start[0])
        elif name in {"FSTRING_END", "TSTRING_END"}:
            found.update(range(opened.pop() + 1, token.end[0] + 1))
    return found
