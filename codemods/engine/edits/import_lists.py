"""One import statement's list of names: a name put into it, or taken out, in the list's own style."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.finding import Edit

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from codemods.engine.files.source import Source

_COMMA = re.compile(r"[ \t\f]*(?:\\\r?\n[ \t\f]*)?,")
_NUMBER = re.compile(r"(\d+)")


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key by which ``item2`` comes before ``item10``."""
    return tuple(
        (0, int(part), "") if part.isdigit() and part.isascii() else (1, 0, part)
        for part in _NUMBER.split(text)
        if part
    )


def _by_type(name: str) -> tuple[int, object]:
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, natural(name.lower())


def _by_letters(name: str) -> tuple[int, object]:
    return 0, natural(name.lower())


def _by_code(name: str) -> tuple[int, object]:
    return 0, name


_ORDERS: tuple[Callable[[str], tuple[int, object]], ...] = (_by_type, _by_letters, _by_code)


def place_in(names: list[str], new: str) -> int:
    """Where ``new`` goes: its place where ``names`` are sorted in one of the usual orders, else the end."""
    for order in _ORDERS:
        keys = [order(name) for name in names]
        if keys == sorted(keys):
            return sum(key < order(new) for key in keys)
    return len(names)


@dataclass(frozen=True)
class _List:
    """Where the aliases of one statement lie."""

    source: Source
    statement: ast.Import | ast.ImportFrom

    @property
    def spans(self) -> list[tuple[int, int]]:
        return [self.source.span(alias) for alias in self.statement.names]

    @property
    def parenthesised(self) -> bool:
        return self.source.segment(self.statement).endswith(")")

    @property
    def one_per_line(self) -> bool:
        """Whether each alias has a line of its own, inside parentheses."""
        lines = [alias.lineno for alias in self.statement.names]
        opening = self.source.text.find("(", self.source.span(self.statement)[0])
        return (
            self.parenthesised
            and len(set(lines)) == len(lines)
            and self.source.position(opening)[0] < lines[0]
        )

    def comma(self, end: int) -> int | None:
        """The offset after the comma that follows an alias ending at ``end``; None where none does."""
        found = _COMMA.match(self.source.text, end)
        return found.end() if found else None


def with_name(source: Source, statement: ast.ImportFrom, written: str, limit: int) -> list[Edit] | None:
    """``written`` (``name`` or ``name as other``) added to a ``from`` import; None where a line would exceed ``limit``."""
    listed = _List(source, statement)
    spans = listed.spans
    at = place_in([alias.name for alias in statement.names], written)
    if listed.one_per_line:
        return _on_own_line(listed, at, written)
    start, end = spans[at] if at < len(spans) else spans[-1]
    line = source.position(start if at < len(spans) else end)[0]
    text = source.lines[line - 1]
    if len(text) + len(written) + 2 > limit:
        return _wrapped(listed, at, written)
    if at < len(spans):
        return [Edit(source.path, start, start, f"{written}, ")]
    return [Edit(source.path, end, end, f", {written}")]


def _on_own_line(listed: _List, at: int, written: str) -> list[Edit]:
    source, spans = listed.source, listed.spans
    first = spans[min(at, len(spans) - 1)][0]
    indent = source.indent(source.position(first)[0])
    if at == 0:
        opening = source.text.index("(", source.span(listed.statement)[0])
        below = source.line_start(source.position(opening)[0] + 1)
        return [Edit(source.path, below, below, f"{indent}{written},\n")]
    end = spans[at - 1][1]
    comma = listed.comma(end)
    line = source.position(end)[0]
    below = source.line_start(line + 1)
    closes_here = at == len(spans) and source.span(listed.statement)[1] < below
    if closes_here:
        new = f"\n{indent}{written}"
        return (
            [Edit(source.path, comma, comma, f"{new},")]
            if comma
            else [Edit(source.path, end, end, f",{new}")]
        )
    if comma:
        return [Edit(source.path, below, below, f"{indent}{written},\n")]
    return [Edit(source.path, end, end, ","), Edit(source.path, below, below, f"{indent}{written}\n")]


def _wrapped(listed: _List, at: int, written: str) -> list[Edit] | None:
    """A one-line list rewritten with a line for each name, where the file writes its other long lists so."""
    source, statement = listed.source, listed.statement
    start, end = source.span(statement)
    line = source.position(start)[0]
    alone = source.lines[line - 1] == source.text[start:end] and source.position(end)[0] == line
    if not alone or not any(_List(source, other).one_per_line for other in _other_lists(source, statement)):
        return None
    names = [source.segment(alias) for alias in statement.names]
    names.insert(at, written)
    head = source.text[start : listed.spans[0][0]].rstrip(" (")
    return [
        Edit(source.path, start, end, "".join([f"{head} (\n", *(f"    {name},\n" for name in names), ")"]))
    ]


def _other_lists(source: Source, statement: ast.stmt) -> list[ast.ImportFrom]:
    return [node for node in source.tree.body if isinstance(node, ast.ImportFrom) and node is not statement]


def without_names(
    source: Source, statement: ast.Import | ast.ImportFrom, dropped: Collection[ast.alias]
) -> list[Edit]:
    """The aliases ``dropped``, fewer than all, taken out; comments on lines of their own stay, as do other names'."""
    listed = _List(source, statement)
    names, spans, path = statement.names, listed.spans, source.path
    kept = [number for number, alias in enumerate(names) if alias not in dropped]
    whole_lines = _whole_lines(listed, dropped)
    edits = [
        Edit(path, source.line_start(line), source.line_start(line + 1), "") for line in sorted(whole_lines)
    ]
    for number, alias in enumerate(names):
        if alias not in dropped or alias.lineno in whole_lines:
            continue
        start, end = spans[number]
        comma = listed.comma(end)
        if number > kept[-1]:
            # The list's tail goes, with the comma that led to it; a trailing comma stays.
            before = spans[number - 1][1]
            edits.append(Edit(path, start if "#" in source.text[before:start] else before, end, ""))
        elif comma is None or names[number + 1].lineno != source.position(end)[0]:
            beside = number and names[number - 1] not in dropped and names[number - 1].lineno == alias.lineno
            begin = listed.comma(spans[number - 1][1]) if beside else None
            edits.append(Edit(path, start if begin is None else begin, comma or end, ""))
        else:
            edits.append(Edit(path, start, spans[number + 1][0], ""))
    following = names[kept[-1] + 1 :][:1]
    if following and following[0].lineno in whole_lines and listed.comma(spans[-1][1]) is None:
        comma = listed.comma(spans[kept[-1]][1])
        if comma is not None:
            edits.append(Edit(path, spans[kept[-1]][1], comma, ""))
    return edits


def _whole_lines(listed: _List, dropped: Collection[ast.alias]) -> set[int]:
    """The lines inside parentheses that hold nothing but aliases to be dropped, their commas and a comment."""
    source, names = listed.source, listed.statement.names
    found: set[int] = set()
    for line in {alias.lineno for alias in names} if listed.parenthesised else ():
        here = [number for number, alias in enumerate(names) if alias.lineno == line]
        begin, end = listed.spans[here[0]][0], listed.spans[here[-1]][1]
        if source.position(end)[0] != line or not all(names[number] in dropped for number in here):
            continue
        stop = source.line_start(line) + len(source.lines[line - 1])
        rest = source.text[listed.comma(end) or end : stop].strip()
        if not source.text[source.line_start(line) : begin].strip() and (not rest or rest.startswith("#")):
            found.add(line)
    return found
