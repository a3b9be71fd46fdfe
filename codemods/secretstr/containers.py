"""Dictionaries, lists and tuples followed to the wire."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.secretstr import display, wire
from codemods.secretstr.annotated import promises_texts
from codemods.secretstr.reads import all_reads, reads_of, reads_of_container, uses_of
from codemods.secretstr.sinks import Sink, known_sink

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

_DEEPEST = 4


def spread_sink(mapping: ast.expr, key: str, module: Module, project: Project, depth: int = 0) -> Sink | None:
    """Whether ``key`` of a dictionary reaches a known call as a keyword: ``OpenAI(**options)``."""
    parent = module.parents.get(mapping)
    if isinstance(parent, ast.keyword) and parent.arg is None:
        call = module.parents[parent]
        return known_sink(call, key, module, project) if isinstance(call, ast.Call) else None
    if isinstance(parent, (ast.Assign, ast.AnnAssign)) and depth < _DEEPEST:
        for target in parent.targets if isinstance(parent, ast.Assign) else [parent.target]:
            for read in reads_of(target, module):
                sink = spread_sink(read, key, module, project, depth + 1)
                if sink is not None:
                    return sink
    return None


def container_sink(node: ast.expr, module: Module, project: Project, depth: int = 0) -> Sink | None:
    """Whether the dictionary, list or tuple ``node`` reaches the wire as text."""
    if depth > _DEEPEST:
        return None
    parent = module.parents.get(node)
    match parent:
        case ast.Dict() | ast.List() | ast.IfExp() | ast.BoolOp() | ast.BinOp() | ast.NamedExpr():
            return container_sink(parent, module, project, depth)
        case ast.keyword(arg=None):
            return None  # ``**options``: the key decides, see spread_sink
        case ast.keyword():
            call = module.parents[parent]
            return wire.handed_over(call, node, module, project) if isinstance(call, ast.Call) else None
        case ast.Call():
            if isinstance(parent.func, ast.Name) and parent.func.id in {"dict", "list", "tuple"}:
                return container_sink(parent, module, project, depth)
            if isinstance(parent.func, ast.Attribute) and parent.func.attr == "update":
                changed = (
                    container_sink(read, module, project, depth + 1)
                    for read in reads_of(parent.func.value, module)
                )
                found = next((sink for sink in changed if sink is not None), None)
                if found is not None:
                    return found
            return wire.handed_over(parent, node, module, project)
        case ast.Attribute(attr="copy"):
            copied = module.parents.get(parent)
            return container_sink(copied, module, project, depth) if isinstance(copied, ast.Call) else None
        case ast.Assign() | ast.AnnAssign():
            return _container_assigned(parent, module, project, depth)
        case ast.Return():
            return _container_returned(parent, module, project, depth)
    return None


def _container_assigned(
    statement: ast.Assign | ast.AnnAssign, module: Module, project: Project, depth: int
) -> Sink | None:
    for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
        sink = wire.attribute_target(target, module, project)
        if sink is not None:
            return sink
        for other, read in all_reads(target, module, project):
            sink = container_sink(read, other, project, depth + 1)
            if sink is not None:
                return sink
    if isinstance(statement, ast.AnnAssign) and promises_texts(statement.annotation):
        return Sink("the annotation promises text")
    return None


def _container_returned(statement: ast.Return, module: Module, project: Project, depth: int) -> Sink | None:
    function = module.function(statement)
    if function is None or display.shows_its_result(function):
        return None
    if promises_texts(function.returns):
        return Sink(f"{function.name}() promises text")
    for other, used in uses_of(function, module, project):
        sink = container_sink(used, other, project, depth + 1)
        if sink is not None:
            return sink
    return None


def changed_container(mapping: ast.expr, key: str | None, module: Module, project: Project) -> Sink | None:
    """``headers["X-Key"] = secret`` and ``headers.update(key=secret)`` on a dictionary that goes to the wire."""
    if not isinstance(mapping, (ast.Name, ast.Attribute)):
        return None
    for read in reads_of_container(mapping, module):
        sink = container_sink(read, module, project, 1)
        if sink is None and key is not None:
            sink = spread_sink(read, key, module, project)
        if sink is not None:
            return sink
    return None
