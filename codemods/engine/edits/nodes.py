"""The LibCST node of a statement known from ``ast``, found by its place in the tree: no position metadata is needed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from codemods.engine.edits.blocks import run_of
from codemods.engine.edits.bounded_parsing import too_much
from codemods.engine.finding import Refused

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    import libcst

    from codemods.engine.files.source import Source


@lru_cache(maxsize=16)
def cst_module(source: Source) -> libcst.Module:
    """The file as LibCST parses it. Raises Refused where LibCST cannot, or would not come to an end."""
    import libcst as cst

    if (reason := too_much(source)) is not None:
        raise Refused(f"{source.path}: {reason}")
    try:
        return cst.parse_module(source.text)
    except cst.ParserSyntaxError as error:
        raise Refused(f"{source.path}: LibCST cannot parse it: {error.message}") from error


def cst_statement(source: Source, statement: ast.stmt) -> libcst.BaseStatement | libcst.BaseSmallStatement:
    """The LibCST node of ``statement``: a small statement, or a compound one. Raises Refused where there is none."""
    for node, twin in zip(_ast_statements(source.tree), _cst_statements(cst_module(source)), strict=True):
        if (node.lineno, node.col_offset) == (statement.lineno, statement.col_offset) and type(node) is type(
            statement
        ):
            return twin
    run_of(source, statement)
    raise Refused(f"{source.path}: no statement at line {statement.lineno}")


def _ast_statements(node: ast.AST) -> Iterator[ast.stmt]:
    """All statements below ``node``, in source order."""
    import ast

    for name in ("body", "handlers", "cases", "orelse", "finalbody"):
        for child in getattr(node, name, None) or ():
            if isinstance(child, ast.stmt):
                yield child
            if isinstance(child, ast.AST):
                yield from _ast_statements(child)


def _cst_statements(node: libcst.CSTNode) -> Iterator[libcst.BaseStatement | libcst.BaseSmallStatement]:
    """All statements below ``node``, in source order, but for lines, which only hold small statements."""
    import libcst as cst

    for name in ("body", "handlers", "cases", "orelse", "finalbody"):
        value = getattr(node, name, None)
        children = value if isinstance(value, (list, tuple)) else [value]
        for child in children:
            if isinstance(child, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
                yield child
            if isinstance(
                child,
                (
                    cst.BaseCompoundStatement,
                    cst.SimpleStatementLine,
                    cst.BaseSuite,
                    cst.Else,
                    cst.Finally,
                    cst.ExceptHandler,
                    cst.ExceptStarHandler,
                    cst.MatchCase,
                ),
            ):
                yield from _cst_statements(child)
