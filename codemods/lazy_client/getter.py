"""The text of the private global and the getter that take a definition's place."""

from __future__ import annotations

import ast
import io
import tokenize
from typing import TYPE_CHECKING

from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.lazy_client.evidence import Part, Spot


def definition(part: Part, text: str, unit: str, spots: list[Spot]) -> str:
    """The lines that replace the statement, without a line end after the last one.

    ``text`` is the whole file; ``spots`` are the replacements that lie inside what moves.
    """
    body = _body(part, text, unit, spots)
    lines = [
        f"{part.private}{_annotation(part)} = None",
        "",
        "",
        f"def {part.getter}(){_returns(part)}:",
        f'{unit}"""{part.doc}"""',
        f"{unit}global {part.private}",
        f"{unit}if {part.private} is None:",
        *body,
        f"{unit}return {part.private}",
    ]
    return "\n".join(lines)


def _annotation(part: Part) -> str:
    return f": {_or_none(part)}" if part.type else ""


def _returns(part: Part) -> str:
    if not part.type:
        return ""
    if part.fallback:
        return f" -> {_or_none(part)}"
    return f' -> "{part.type}"' if part.quoted else f" -> {part.type}"


def _or_none(part: Part) -> str:
    if part.type == "Any":
        return '"Any"' if part.quoted else "Any"
    text = f"{part.optional}[{part.type}]" if part.optional else f"{part.type} | None"
    return f'"{text}"' if part.quoted else text


def _body(part: Part, text: str, unit: str, spots: list[Spot]) -> list[str]:
    inside = unit * 2
    lines: list[str] = []
    if part.key:
        lines.append(f"{inside}if not {part.key}:")
        lines.append(f'{inside}{unit}raise {part.error}(status_code=503, detail="{part.detail}")')
    if part.branches:
        replaced = [*((start, end, part.private) for start, end in part.stores), *_within(part.value, spots)]
        lines += _shifted(_cut(text, part.value, replaced), inside)
    else:
        value = _cut(text, part.value, _within(part.value, spots))
        lines += _shifted(f"{part.private} = {value}{_comment(text, part.end)}", inside)
    for span in part.setup:
        lines += _shifted(_cut(text, span, _within(span, spots)) + _comment(text, span[1]), inside)
    return lines


def _within(span: tuple[int, int], spots: list[Spot]) -> list[tuple[int, int, str]]:
    return [
        (spot.start, spot.end, spot.text) for spot in spots if span[0] <= spot.start and spot.end <= span[1]
    ]


def _cut(text: str, span: tuple[int, int], replaced: list[tuple[int, int, str]]) -> str:
    parts, at = [], span[0]
    for start, end, new in sorted(replaced):
        parts += [text[at:start], new]
        at = end
    parts.append(text[at : span[1]])
    return "".join(parts)


def _comment(text: str, end: int) -> str:
    """The rest of the line after a statement: nothing, or spaces and a comment."""
    stop = end
    while stop < len(text) and text[stop] not in "\r\n":
        stop += 1
    return text[end:stop].rstrip()


def _shifted(text: str, indent: str) -> list[str]:
    """Lines, each indented further, but for those that begin inside a string."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    inside = _inside_strings(text)
    return [
        line if number in inside or not line.strip() else indent + line
        for number, line in enumerate(lines, start=1)
    ]


def _inside_strings(text: str) -> set[int]:
    """Numbers of the lines that begin inside a string literal."""
    found: set[int] = set()
    opened: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            name = tokenize.tok_name[token.type]
            if name == "FSTRING_START":
                opened.append(token.start[0])
            elif name == "FSTRING_END" and opened:
                found.update(range(opened.pop() + 1, token.end[0] + 1))
            elif token.type == tokenize.STRING:
                found.update(range(token.start[0] + 1, token.end[0] + 1))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        for node in walk(ast.parse(text)):
            if isinstance(node, (ast.Constant, ast.JoinedStr)) and node.end_lineno is not None:
                found.update(range(node.lineno + 1, node.end_lineno + 1))
    return found
