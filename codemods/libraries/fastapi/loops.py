"""Routers that are included in a loop over a list that is written down."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.names.index import Found

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project


def rounds(call: ast.Call, module: Module, project: Project) -> list[dict[str, ast.expr]]:
    """For each round of the loop around ``include_router``, the ``router`` and the ``prefix`` that the loop gives.

    One empty round where there is no such loop, or its list is not in sight in this file.
    """
    router = call.args[0] if call.args else None
    prefix = next((keyword.value for keyword in call.keywords if keyword.arg == "prefix"), None)
    loop = next((node for node in module.ancestors(call) if isinstance(node, ast.For)), None)
    if not isinstance(router, ast.Name) or loop is None:
        return [{}]
    items = _items(loop.iter, module, project)
    found = []
    for item in items or ():
        given = _taken(loop.target, item)
        if given is None or router.id not in given:
            return [{}]
        one = {"router": given[router.id]}
        if isinstance(prefix, ast.Name) and prefix.id in given:
            one["prefix"] = given[prefix.id]
        found.append(one)
    return found or [{}]


def _items(node: ast.expr, module: Module, project: Project) -> list[ast.expr] | None:
    if isinstance(node, (ast.List, ast.Tuple)):
        return None if any(isinstance(item, ast.Starred) for item in node.elts) else node.elts
    if isinstance(node, ast.Name):
        bindings = module.scopes.bindings(node) if node in module.scopes.scope_of else []
        if len(bindings) == 1 and bindings[0].kind == "assign" and bindings[0].value is not None:
            inner = bindings[0].value
            answer = project.index.attribute(module.path, [node.id], project.layout.name(module.path))
            kept = isinstance(answer, Found) and answer.path == module.path and not _grows(node.id, module)
            return _items(inner, module, project) if kept and not isinstance(inner, ast.Name) else None
    return None


def _grows(name: str, module: Module) -> bool:
    """Whether a list gets more items than it is written with."""
    return any(
        isinstance(call.func, ast.Attribute)
        and call.func.attr in {"append", "extend", "insert", "remove", "pop", "clear"}
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == name
        for call in module.nodes(ast.Call)
    )


def _taken(target: ast.expr, item: ast.expr) -> dict[str, ast.expr] | None:
    if isinstance(target, ast.Name):
        return {target.id: item}
    if (
        isinstance(target, ast.Tuple)
        and isinstance(item, (ast.Tuple, ast.List))
        and len(target.elts) == len(item.elts)
    ):
        return {
            name.id: part
            for name, part in zip(target.elts, item.elts, strict=True)
            if isinstance(name, ast.Name)
        }
    return None
