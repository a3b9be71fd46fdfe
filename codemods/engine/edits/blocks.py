"""Where a statement stands: the block it is in, its neighbours, what shares its line."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.finding import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.files.source import Source

_CONTINUED = re.compile(r"\\(\r\n|\r|\n)")
_NEWLINE = re.compile(r"\r\n|\r|\n")
_SEMICOLON = re.compile(r"(?:[ \t\f]|\\(?:\r\n|\r|\n))*;")


def blocks_of(tree: ast.AST) -> Iterator[tuple[ast.AST, str, list[ast.stmt]]]:
    """Every list of statements below ``tree``, with the node it belongs to and its field."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            value = getattr(node, name, None)
            if not isinstance(value, list) or not value:
                continue
            if isinstance(value[0], ast.stmt):
                yield node, name, value
            todo.extend(value)


def start_of(source: Source, statement: ast.stmt) -> int:
    """Where the statement begins, decorators and their ``@`` included."""
    decorators = getattr(statement, "decorator_list", None)
    if not decorators:
        return source.span(statement)[0]
    return source.text.rindex("@", 0, source.span(decorators[0])[0])


@dataclass(frozen=True)
class Run:
    """Neighbouring statements of one block, from ``first`` to ``last``."""

    source: Source
    parent: ast.AST
    block: list[ast.stmt]
    first: int
    last: int

    @property
    def start(self) -> int:
        """The offset where the first statement begins."""
        return start_of(self.source, self.block[self.first])

    @property
    def end(self) -> int:
        """The offset where the last statement ends, a semicolon that closes the line included."""
        end = self.source.span(self.block[self.last])[1]
        semicolon = None if self.shares_end else _SEMICOLON.match(self.source.text, end)
        return semicolon.end() if semicolon else end

    @property
    def suite_colon(self) -> int | None:
        """The offset after the header's colon if the block is on the header's line (``if x: a; b``)."""
        if isinstance(self.parent, ast.Module):
            return None
        text = self.source.text
        start = start_of(self.source, self.block[0])
        before = text[:start].rstrip(" \t\f")
        while before.endswith(("\n", "\r")) and (cut := before.rstrip("\r\n")).endswith("\\"):
            before = cut[:-1].rstrip(" \t\f")
        return len(before) if before.endswith(":") else None

    @property
    def shares_start(self) -> bool:
        """Whether another statement stands before the run on its line."""
        if self.first == 0:
            return False
        previous = self.source.span(self.block[self.first - 1])[1]
        return not _NEWLINE.search(_CONTINUED.sub("", self.source.text[previous : self.start]))

    @property
    def shares_end(self) -> bool:
        """Whether another statement stands after the run on its line."""
        if self.last == len(self.block) - 1:
            return False
        following = start_of(self.source, self.block[self.last + 1])
        end = self.source.span(self.block[self.last])[1]
        return not _NEWLINE.search(_CONTINUED.sub("", self.source.text[end:following]))

    @property
    def is_elif(self) -> bool:
        """Whether the run is an ``if`` statement that is written as ``elif``."""
        return isinstance(self.block[self.first], ast.If) and self.source.text.startswith("elif", self.start)

    @property
    def on_own_lines(self) -> bool:
        """Whether the run has its lines for itself."""
        return self.suite_colon is None and not self.shares_start and not self.shares_end

    @property
    def indent(self) -> str:
        """The indentation that the block's statements have, or would have on lines of their own."""
        if self.suite_colon is not None:
            return self._header_indent + unit_of(self.source)
        line = self.source.position(start_of(self.source, self.block[0]))[0]
        return self.source.indent(line).rpartition("\f")[2]

    @property
    def _header_indent(self) -> str:
        assert self.suite_colon is not None
        parent = self.parent
        colon_line = self.source.position(self.suite_colon - 1)[0]
        if isinstance(parent, (ast.stmt, ast.ExceptHandler)):
            first = self.source.position(self.source.span(parent)[0])[0]
        elif isinstance(parent, ast.match_case):
            first = parent.pattern.lineno
        else:
            first = colon_line
        # ``else:`` and ``finally:`` stand on the colon's own line; a header over several lines begins above it.
        line = colon_line if self.block is not getattr(parent, "body", None) else min(first, colon_line)
        return self.source.indent(line).rpartition("\f")[2]


def run_of(source: Source, first: ast.stmt, last: ast.stmt | None = None) -> Run:
    """The run from ``first`` to ``last``, found by position, so that the nodes may be another parse's.

    Raises Refused where the two are not in one block.
    """
    tail = last or first
    for parent, _, block in blocks_of(source.tree):
        if not block[0].lineno <= first.lineno <= (block[-1].end_lineno or 0):
            continue
        begin = next((number for number, each in enumerate(block) if _same(each, first)), None)
        if begin is None:
            continue
        end = next((number for number, each in enumerate(block) if _same(each, tail)), None)
        if end is None or end < begin:
            break
        return Run(source, parent, block, begin, end)
    raise Refused(f"{source.path}: the statements from line {first.lineno} are not one run in a block")


def _same(one: ast.stmt, other: ast.stmt) -> bool:
    return (
        (one.lineno, one.col_offset) == (other.lineno, other.col_offset)
        and type(one) is type(other)
        and (one.end_lineno, one.end_col_offset) == (other.end_lineno, other.end_col_offset)
    )


def unit_of(source: Source) -> str:
    """What one level of indentation is in this file: a tab, or so many blanks; four where it has none."""
    for parent, _, block in blocks_of(source.tree):
        if isinstance(parent, (ast.stmt, ast.ExceptHandler, ast.match_case)):
            line, above = block[0].lineno, _line(parent)
            inner, outer = source.indent(line), source.indent(above)
            if line > above and inner.startswith(outer) and len(inner) > len(outer):
                return inner[len(outer) :]
    return "    "


def _line(parent: ast.stmt | ast.ExceptHandler | ast.match_case) -> int:
    return parent.pattern.lineno if isinstance(parent, ast.match_case) else parent.lineno
