"""State that a coroutine uses before a call and after it, and that another task may change in between."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.inference.definitions import own_nodes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.engine.names.scopes import Scope
    from codemods.engine.project import Module

_CHANGES = {
    "append", "appendleft", "extend", "insert", "pop", "popleft", "popitem", "remove", "discard", "clear", "add", "update",
    "setdefault",
}  # fmt: skip
_CONTAINERS = {"dict", "list", "set", "bytearray", "defaultdict", "deque"}
_ENDS_TRANSACTION = {"commit", "flush"}
_Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Touch:
    path: str
    at: _Position
    writes: bool


def in_use_on_both_sides(call: ast.Call, function: ast.AsyncFunctionDef, module: Module) -> str | None:
    """The first attribute, global or database session that is read or written before ``call``, and after it, once written.

    What lies behind an ``await`` that is there already is no longer as it was, and does not count.
    """
    nodes = list(own_nodes(function))
    waits = _waits(nodes, call, module)
    start, end = (call.lineno, call.col_offset), (call.end_lineno or 0, call.end_col_offset or 0)
    by_path: dict[str, list[_Touch]] = {}
    for touch in _touches(nodes, function, module):
        by_path.setdefault(touch.path, []).append(touch)
    for path, touches in by_path.items():
        before = [touch for touch in touches if touch.at < start]
        after = [touch for touch in touches if touch.at >= end]
        for first, last in (
            (before, [touch for touch in after if touch.writes]),
            ([touch for touch in before if touch.writes], after),
        ):
            if first and last:
                latest, earliest = max(each.at for each in first), min(each.at for each in last)
                if not any(latest < wait < earliest for wait in waits):
                    return path
    return None


def _waits(nodes: Iterable[ast.AST], call: ast.Call, module: Module) -> list[_Position]:
    """Where the coroutine waits already, whichever way it takes to the call: in one of the blocks that lead to it."""
    on_the_way: set[ast.AST] = set()
    for around in (call, *module.ancestors(call)):
        parent = module.parents.get(around)
        if isinstance(around, ast.stmt) and parent is not None:
            blocks = (getattr(parent, name, None) for name in ("body", "orelse", "finalbody"))
            on_the_way.update(*(block for block in blocks if isinstance(block, list) and around in block))
    return [
        (node.lineno, node.col_offset)
        for node in nodes
        if isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith)) and module.statement(node) in on_the_way
    ]


def _touches(nodes: list[ast.AST], function: ast.AsyncFunctionDef, module: Module) -> Iterable[_Touch]:
    scope = module.scopes.own[function]
    for node in nodes:
        if isinstance(node, ast.Attribute):
            path = _path(node)
            if path is None or _is_fresh(path, scope):
                continue
            if not _is_replaced(node, module):
                yield _Touch(path, (node.lineno, node.col_offset), writes=False)
            if _is_changed(node, module):
                yield _Touch(path, _end(module.statement(node)), writes=True)
        elif isinstance(node, ast.Name) and node in module.scopes.scope_of:
            binder = module.scopes.binder(node)
            if binder is None or binder.kind == "comprehension":
                continue
            if not _is_replaced(node, module):
                yield _Touch(node.id, (node.lineno, node.col_offset), writes=False)
            if (
                not isinstance(node.ctx, ast.Load) or _is_changed(node, module)
                if binder is not scope
                else _is_added_to(node, module) and not _is_fresh(node.id, scope)
            ):
                yield _Touch(node.id, _end(module.statement(node)), writes=True)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            receiver = node.func.value
            if node.func.attr in _ENDS_TRANSACTION and not isinstance(module.parents.get(node), ast.Await):
                path = _path(receiver)
                if path is not None:
                    yield _Touch(path, _end(module.statement(node)), writes=True)


def _is_replaced(node: ast.Attribute | ast.Name, module: Module) -> bool:
    """Whether the name only gets a new value, which is stored behind all that its statement does: nothing is read."""
    return isinstance(node.ctx, ast.Store) and not isinstance(module.parents.get(node), ast.AugAssign)


def _is_added_to(node: ast.Name, module: Module) -> bool:
    """``given["n"] += ...``: the item is read before the right side is computed."""
    current: ast.AST = node
    while isinstance(parent := module.parents.get(current), ast.Subscript) and parent.value is current:
        current = parent
    return current is not node and isinstance(parent, ast.AugAssign) and parent.target is current


def _is_changed(node: ast.Attribute | ast.Name, module: Module) -> bool:
    """Whether the thing itself, or what it holds, is bound, deleted or changed by a method of containers."""
    current: ast.AST = node
    if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
        return True
    while isinstance(parent := module.parents.get(current), ast.Subscript) and parent.value is current:
        if not isinstance(parent.ctx, ast.Load):
            return True
        current = parent
    return (
        isinstance(parent, ast.Attribute)
        and parent.attr in _CHANGES
        and isinstance(outer := module.parents.get(parent), ast.Call)
        and outer.func is parent
    )


def _path(node: ast.AST) -> str | None:
    """``self.a.b``; an item counts as the container that holds it."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Name):
            return ".".join([node.id, *reversed(parts)])
        else:
            return None


def _is_local(name: str, scope: Scope) -> bool:
    return scope.binds(name) and name not in scope.nonlocal_names


def _is_fresh(path: str, scope: Scope) -> bool:
    """Whether the object was made in this coroutine: what a class or a literal gives, and nothing that was looked up."""
    name = path.partition(".")[0]
    if not _is_local(name, scope):
        return False
    for binding in scope.bindings[name]:
        value = binding.value.value if isinstance(binding.value, ast.Await) else binding.value
        if isinstance(value, ast.Call):
            called = (_path(value.func) or "").rpartition(".")[2]
            if called[:1].isupper() or called in _CONTAINERS:
                continue
        if not isinstance(value, (ast.Dict, ast.List, ast.Set, ast.ListComp, ast.DictComp, ast.Constant)):
            return False
    return True


def _end(statement: ast.stmt) -> _Position:
    """Where what a statement writes is written: behind all that it reads, and before the blocks that it heads."""
    if isinstance(statement, (ast.For, ast.AsyncFor, ast.With, ast.AsyncWith, ast.If, ast.While)):
        return (statement.lineno, statement.col_offset)
    return (statement.end_lineno or statement.lineno, statement.end_col_offset or 0)
