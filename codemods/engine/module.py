"""One parsed file, as detectors look at it."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from codemods.engine.finding import Finding
from codemods.engine.names.scopes import Scopes
from codemods.engine.names.traverse import parents_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.files.source import Source
    from codemods.engine.finding import Applicability

Node = TypeVar("Node", bound=ast.AST)


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

    @cached_property
    def _by_kind(self) -> dict[type[ast.AST], list[ast.AST]]:
        found: dict[type[ast.AST], list[ast.AST]] = {}
        for node in walk(self.tree):
            found.setdefault(node.__class__, []).append(node)
        return found

    def nodes(self, kind: type[Node]) -> list[Node]:
        """All nodes of exactly this class, outer ones first. The file is walked once for all rules that ask."""
        return cast("list[Node]", self._by_kind.get(kind, []))

    def finding(
        self,
        rule: str,
        node: ast.expr | ast.stmt | ast.excepthandler | ast.keyword,
        message: str,
        applicability: Applicability,
        reason: str,
        *,
        notes: tuple[str, ...] = (),
        evidence: object = None,
    ) -> Finding:
        """A finding at ``node``."""
        line, column = self.source.position(self.source.span(node)[0])
        return Finding(
            rule=rule,
            path=self.path,
            line=line,
            column=column,
            end_line=node.end_lineno or line,
            message=message,
            applicability=applicability,
            reason=reason,
            notes=notes,
            evidence=evidence,
        )

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
