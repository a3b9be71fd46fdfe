"""Where a module builds clients while it is imported: the definitions in one file."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from codemods.engine.names.facts import dotted, is_type_checking
from codemods.engine.names.traverse import walk
from codemods.lazy_client.clients import Match, match
from codemods.lazy_client.settings_reads import reads_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module, Project

Shape = Literal["plain", "choice", "wrapped", "branches", "derived"]
_DEFERRED = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(eq=False)
class Site:
    """A module-level name that is bound to a client, or to something made from one.

    ``statement``: the top-level statement that binds it, all of which moves into the getter. ``values``: what the name
    is bound to, one per branch. ``shape``: ``plain`` for ``NAME = Ctor()``, ``choice`` for a conditional expression,
    ``wrapped`` where the client is only a part of the value, ``branches`` for an ``if`` or ``try``, ``derived`` for
    what is made from another site. ``refusal``: why it cannot be rewritten, known from its shape alone.
    """

    name: str
    statement: ast.stmt
    binding: ast.stmt
    shape: Shape
    values: list[ast.expr]
    match: Match | None
    call: ast.Call | None = None
    annotation: ast.expr | None = None
    refusal: str = ""
    setup: list[ast.stmt] = field(default_factory=list)

    @property
    def fallback(self) -> bool:
        """Whether the name may be None instead."""
        return any(
            is_none(value) or (isinstance(value, ast.IfExp) and _none_arm(value)) for value in self.values
        )


def is_none(node: ast.expr) -> bool:
    """Whether an expression is the literal None."""
    return isinstance(node, ast.Constant) and node.value is None


def _none_arm(node: ast.IfExp) -> bool:
    return any(
        is_none(arm) or (isinstance(arm, ast.IfExp) and _none_arm(arm)) for arm in (node.body, node.orelse)
    )


def is_main_guard(node: ast.AST) -> bool:
    """Whether a statement is ``if __name__ == "__main__":``."""
    if not isinstance(node, ast.If) or not isinstance(node.test, ast.Compare):
        return False
    sides = [node.test.left, *node.test.comparators]
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)


class Finder:
    """Finds the definitions of one module."""

    def __init__(self, module: Module, project: Project, own: frozenset[str]) -> None:
        self.module = module
        self.project = project
        self.own = own

    def find(self) -> list[Site]:
        """Every definition, in source order."""
        return [site for statement in self.module.tree.body for site in self._top(statement)]

    def _top(self, statement: ast.stmt) -> Iterator[Site]:
        for binding, block in self._bindings(statement, ""):
            yield from self._site(statement, binding, block)

    def _bindings(self, node: ast.stmt, inside: str) -> Iterator[tuple[ast.stmt, str]]:
        """The simple statements of a block that runs on import, with the kind of odd block around each."""
        match node:
            case ast.Assign() | ast.AnnAssign() | ast.Expr():
                yield node, inside
            case ast.If():
                if is_main_guard(node) or is_type_checking(node.test):
                    return
                if any(isinstance(part, ast.NamedExpr) for part in walk(node.test)):
                    yield node, inside
                for child in (*node.body, *node.orelse):
                    yield from self._bindings(child, inside)
            case ast.Try() | ast.TryStar():
                parts = [*node.body, *node.orelse, *node.finalbody]
                for child in (*parts, *(line for handler in node.handlers for line in handler.body)):
                    yield from self._bindings(child, inside)
            case ast.With() | ast.AsyncWith():
                for child in node.body:
                    yield from self._bindings(child, "with")
            case ast.For() | ast.While() | ast.Match():
                bodies = (
                    [case.body for case in node.cases]
                    if isinstance(node, ast.Match)
                    else [node.body, node.orelse]
                )
                for body in bodies:
                    for child in body:
                        yield from self._bindings(child, type(node).__name__.lower())

    def _site(self, statement: ast.stmt, binding: ast.stmt, inside: str) -> Iterator[Site]:
        value = binding.test if isinstance(binding, ast.If) else getattr(binding, "value", None)
        if value is None:
            return
        found = list(self._constructions(value))
        if not found:
            return
        call, matched = found[0]
        walruses = [part for part in walk(value) if isinstance(part, ast.NamedExpr) and part.value is call]
        if walruses:
            yield Site(walruses[0].target.id, statement, binding, "plain", [call], matched, call, None, "it is bound inside an expression")  # fmt: skip
            return
        if isinstance(binding, (ast.Expr, ast.If)):
            return
        assert isinstance(binding, (ast.Assign, ast.AnnAssign))
        targets = binding.targets if isinstance(binding, ast.Assign) else [binding.target]
        annotation = binding.annotation if isinstance(binding, ast.AnnAssign) else None
        if len(targets) > 1 or not isinstance(targets[0], ast.Name):
            name = next((part.id for target in targets for part in walk(target) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)), "")  # fmt: skip
            if name and (value is call or (isinstance(value, ast.Tuple) and call in value.elts)):
                yield Site(name, statement, binding, "plain", [call], matched, call, None, "one statement binds several names")  # fmt: skip
            return
        shape = self._shape(value, call)
        if shape is None:
            return
        refusal = f"it is built inside a `{inside}` block" if inside else ""
        if statement is not binding and shape != "wrapped":
            shape = "branches"
        elif statement is not binding:
            return
        yield Site(targets[0].id, statement, binding, shape, [value], matched, call, annotation, refusal)

    def _constructions(self, value: ast.expr) -> Iterator[tuple[ast.Call, Match]]:
        todo: list[ast.AST] = [value]
        while todo:
            node = todo.pop(0)
            if isinstance(node, _DEFERRED):
                continue
            if isinstance(node, ast.Call):
                matched = self.match(node)
                if matched is not None:
                    yield node, matched
            todo.extend(ast.iter_child_nodes(node))

    def match(self, call: ast.Call) -> Match | None:
        """What the table knows of a call."""
        func = call.func.value if isinstance(call.func, ast.Subscript) else call.func
        if not self._likely(func):
            return None
        known = self.project.types.of(func, self.module)
        if known is None or known.kind not in {"external", "instance", "class", "function"}:
            return None
        found = match(known.name, self.own)
        if found is None or (found.client.configured and not reads_settings(call, self.module, self.project)):
            return None
        return found

    def _likely(self, func: ast.expr) -> bool:
        """A cheap look at the name's root before its type is asked for."""
        while isinstance(func, (ast.Attribute, ast.Call, ast.Subscript)):
            func = func.func if isinstance(func, ast.Call) else func.value
        return isinstance(func, ast.Name) and (func.id in self._roots or "*" in self._roots)

    @cached_property
    def _roots(self) -> frozenset[str]:
        """Names that may mean a library of the table: bound at the top level by an import, an assignment or a class."""
        found: set[str] = set()
        for node in _top_level(self.module.tree.body):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                found.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
            elif (
                isinstance(node, ast.Assign)
                and len(node.targets) == 1
                and isinstance(node.targets[0], ast.Name)
            ):
                found.add(node.targets[0].id)
            elif isinstance(node, ast.ClassDef) and self.own:
                found.add(node.name)
        return frozenset(found)

    def _shape(self, value: ast.expr, call: ast.Call) -> Shape | None:
        if value is call:
            return "plain"
        if isinstance(value, ast.IfExp):
            arms = list(_arms(value))
            return (
                "choice"
                if call in arms and all(is_none(arm) or isinstance(arm, ast.Call) for arm in arms)
                else None
            )
        node: ast.expr = value
        while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)) and node is not call:
            if isinstance(node, ast.Call) and call in [*node.args, *(item.value for item in node.keywords)]:
                return "wrapped" if dotted(node.func) else None
            node = node.func if isinstance(node, ast.Call) else node.value
        return "wrapped" if node is call else None


def _top_level(block: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run on import, also those inside other statements."""
    for node in block:
        yield node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from _top_level(getattr(node, name, []))
        for handler in getattr(node, "handlers", []):
            yield from _top_level(handler.body)


def _arms(node: ast.IfExp) -> Iterator[ast.expr]:
    for arm in (node.body, node.orelse):
        if isinstance(arm, ast.IfExp):
            yield from _arms(arm)
        else:
            yield arm
