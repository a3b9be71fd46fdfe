"""The text that a string expression has, where constants alone decide it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.names.index import Found

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

_DEPTH = 6


def fold(node: ast.expr, module: Module, project: Project, depth: int = 0) -> str | None:
    """The text of a literal, f-string, sum, ``%`` or ``format`` of constants; None where it isn't known."""
    if depth > _DEPTH:
        return None

    def inner(part: ast.expr) -> str | None:
        return fold(part, module, project, depth + 1)

    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr():
            parts = [inner(part) for part in node.values]
            return None if None in parts else "".join(part or "" for part in parts)
        case ast.FormattedValue(conversion=-1, format_spec=None):
            return inner(node.value)
        case ast.BinOp(op=ast.Add()):
            left, right = inner(node.left), inner(node.right)
            return None if left is None or right is None else left + right
        case ast.BinOp(op=ast.Mod()):
            return _percent(node, module, project, depth)
        case ast.Call(func=ast.Attribute(attr="format"), keywords=[]):
            assert isinstance(node.func, ast.Attribute)
            return _filled(inner(node.func.value), [inner(argument) for argument in node.args], "{}")
        case ast.Call(func=ast.Attribute(attr="join"), args=[ast.List() | ast.Tuple() as listed]):
            assert isinstance(node.func, ast.Attribute)
            between, joined = inner(node.func.value), [inner(part) for part in listed.elts]
            return None if between is None or None in joined else between.join(part or "" for part in joined)
        case ast.Attribute(attr="__name__"):
            known = project.types.of(node.value, module)
            return project.layout.name(known.path) if known is not None and known.kind == "module" and known.path else None  # fmt: skip
        case ast.Name(id="__name__"):
            return project.layout.name(module.path)
        case ast.Name():
            return _constant(node, module, project, depth)
    return None


def _percent(node: ast.BinOp, module: Module, project: Project, depth: int) -> str | None:
    values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
    return _filled(
        fold(node.left, module, project, depth + 1),
        [fold(value, module, project, depth + 1) for value in values],
        "%s",
    )


def _filled(text: str | None, values: list[str | None], mark: str) -> str | None:
    if text is None or None in values or text.count(mark) != len(values):
        return None
    for value in values:
        text = text.replace(mark, value or "", 1)
    return text


def _constant(node: ast.Name, module: Module, project: Project, depth: int) -> str | None:
    if node not in module.scopes.scope_of:
        return None
    bindings = module.scopes.bindings(node)
    if len(bindings) != 1:
        return None
    binding = bindings[0]
    if binding.value is not None and binding.kind == "assign":
        return fold(binding.value, module, project, depth + 1)
    statement = module.parents.get(binding.node)
    if isinstance(binding.node, ast.alias) and isinstance(statement, ast.ImportFrom):
        path = project.index.imported_file(module.path, statement.module, statement.level)
        answer = project.index.attribute(path, [binding.node.name], "") if path else None
        home = project.module(answer.path) if isinstance(answer, Found) and answer.kind == "value" else None
        if home is not None and isinstance(answer, Found):
            others = home.scopes.module.bindings.get(answer.name, [])
            if len(others) == 1 and others[0].value is not None:
                return fold(others[0].value, home, project, depth + 1)
    return None
