"""Which fixtures and set-up functions are in force in a test."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.project import Module

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def in_force(path: str, owner: ast.AST, module: Module, call: ast.Call) -> bool:
    """Whether a patch made in ``owner`` (a function of file ``path``, or the file itself) may hold in a decorated test.

    ``call`` is the decorator, in ``module``. Where that can't be told, it may.
    """
    test = _decorated(call, module)
    if isinstance(owner, ast.ClassDef):
        return owner in module.ancestors(call)
    if not isinstance(owner, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return path == module.path or path.endswith("conftest.py")
    if owner is test:
        return True
    if owner.name.startswith("test"):
        return False
    fixture = next((mark for mark in owner.decorator_list if (dotted(mark.func if isinstance(mark, ast.Call) else mark) or "").endswith("fixture")), None)  # fmt: skip
    if fixture is None:
        around = module.parents.get(owner) if path == module.path else None
        if isinstance(around, ast.ClassDef):
            return any(isinstance(parent, ast.ClassDef) and (parent is around or parent.bases) for parent in module.ancestors(call))  # fmt: skip
        return path == module.path or path.endswith("conftest.py")
    if isinstance(fixture, ast.Call) and any(keyword.arg == "autouse" for keyword in fixture.keywords):
        return True
    if not isinstance(test, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return True
    return _asks_for(test, owner.name, module)


def _decorated(call: ast.Call, module: Module) -> ast.AST | None:
    parent = module.parents.get(call)
    return parent if call in getattr(parent, "decorator_list", ()) else None


def _asks_for(test: _Function, name: str, module: Module) -> bool:
    """Whether a test takes a fixture, by its parameters (also those of fixtures in its file) or by a mark."""
    if any(
        isinstance(node, ast.Constant) and node.value == name
        for mark in test.decorator_list
        for node in walk(mark)
    ):
        return True
    by_name = {
        node.name: node
        for node in walk(module.tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    todo: list[_Function] = [test]
    seen: set[str] = set()
    while todo:
        current = todo.pop()
        for argument in (*current.args.posonlyargs, *current.args.args, *current.args.kwonlyargs):
            if argument.arg == name:
                return True
            if argument.arg in by_name and argument.arg not in seen:
                seen.add(argument.arg)
                todo.append(by_name[argument.arg])
    return False
