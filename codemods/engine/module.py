"""One parsed file, as detectors look at it."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from codemods.engine.names.scopes import Scopes
from codemods.engine.names.traverse import parents_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.files.source import Source


class Module:
    """One parsed file: its source, tree, parents and scopes."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.path = source.path
        self.tree = source.tree
        self.annotations: dict[ast.Constant, ast.expr] = {}

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """Each node's parent."""
        return parents_of(self.tree)

    @cached_property
    def scopes(self) -> Scopes:
        """Which scope binds which name."""
        return Scopes(self.tree)

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around ``node``, innermost first, up to the module."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that holds ``node`` (or is it)."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def function(self, node: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The innermost ``def`` around ``node``."""
        for parent in self.ancestors(node):
            if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
                return parent
        return None
