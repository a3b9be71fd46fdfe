"""What must hold so that values may be handed over where the query is run, and that a patch is what was meant."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.names.traverse import walk
from codemods.sql_injection.values import NoPatch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.engine.finding import Edit
    from codemods.engine.project import Module
    from codemods.sql_injection.template import Template

_COMPOUND = (
    ast.With, ast.AsyncWith, ast.For, ast.AsyncFor, ast.If, ast.While, ast.Try, ast.TryStar, ast.Match,
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef,
)  # fmt: skip


def check_values(template: Template, module: Module) -> None:
    """The parts of the text only give values. Raises NoPatch."""
    for hole in template.holes:
        if any(
            isinstance(part, (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Starred))
            for part in walk(hole.node)
        ):
            raise NoPatch("its parts do more than give a value")


def check_order(variable: ast.Name, at: ast.expr, template: Template, module: Module) -> None:
    """A query that is put together above: its values are the same where it is run. Raises NoPatch."""
    scope = module.scopes.binder(variable)
    assert scope is not None
    if len(module.scopes.loads(scope, variable.id)) != 1:
        raise NoPatch(f"`{variable.id}` is used more than once")
    first, last = module.statement(template.node), module.statement(at)
    function = module.function(first)
    if function is None or function is not module.function(last):
        raise NoPatch("it is put together in another function")
    parts = [part for hole in template.holes for part in walk(hole.node)]
    if any(isinstance(part, (ast.Call, ast.Await)) and not _is_str(part) for part in parts):
        block = _block(first, module)
        if last not in block or block.index(last) != block.index(first) + 1:
            raise NoPatch("its parts are worked out before other statements")
    read = {part.id for part in parts if isinstance(part, ast.Name)}
    around = set(module.ancestors(first))
    loops = any(
        isinstance(part, (ast.For, ast.AsyncFor, ast.While)) and part not in around
        for part in module.ancestors(at)
    )
    for part in walk(function):
        stores = isinstance(part, (ast.Name, ast.Attribute, ast.Subscript)) and not isinstance(
            part.ctx, ast.Load
        )
        if (
            stores
            and isinstance(part, ast.expr)
            and part.lineno > first.lineno
            and (loops or part.lineno <= last.lineno)
        ):
            root = _root(part)
            if root in read:
                raise NoPatch(f"`{root}` changes in between")


def check_syntax(statements: Iterable[ast.stmt], edits: Iterable[Edit], module: Module) -> None:
    """What the edits leave of simple statements still parses. Raises NoPatch."""
    for statement in statements:
        if isinstance(statement, _COMPOUND):
            continue
        start, end = module.source.span(statement)
        text, place = "", start
        for edit in edits:
            if start <= edit.start and edit.end <= end:
                if edit.start < place:
                    raise NoPatch("its parts are not followed")
                text += module.source.text[place : edit.start] + edit.text
                place = edit.end
        text += module.source.text[place:end]
        try:
            ast.parse(f"async def f():\n {text}")
        except SyntaxError as error:
            raise NoPatch("its parts are not followed") from error


def _is_str(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str"


def _root(node: ast.expr) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _block(statement: ast.stmt, module: Module) -> list[ast.stmt]:
    parent = module.parents.get(statement)
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, None)
        if isinstance(block, list) and statement in block:
            return block
    return [statement]
