"""What the repository's own calls pass for a parameter."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.inference.types import Type
    from codemods.engine.project import Module, Project

_MANY = 40
Function = ast.FunctionDef | ast.AsyncFunctionDef


def parameter(receiver: ast.expr, module: Module) -> tuple[Function, ast.arg, str] | None:
    """The parameter that an expression reads: its function, itself, and the name by which the function is called.

    ``self.x`` counts where ``__init__`` only stores its parameter there; then the class is what is called.
    """
    if isinstance(receiver, ast.Name) and receiver in module.scopes.scope_of:
        bindings = module.scopes.bindings(receiver)
        scope = module.scopes.binder(receiver)
        function = scope.node if scope is not None else None
        if len(bindings) != 1 or not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return None
        argument = bindings[0].node
        return (function, argument, _called_as(function, module)) if isinstance(argument, ast.arg) else None
    if (
        isinstance(receiver, ast.Attribute)
        and isinstance(receiver.value, ast.Name)
        and receiver.value.id == "self"
    ):
        owner = next((part for part in module.ancestors(receiver) if isinstance(part, ast.ClassDef)), None)
        for method in owner.body if owner is not None else ():
            if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                for part in walk(method):
                    if (
                        isinstance(part, ast.Assign)
                        and isinstance(part.targets[0], ast.Attribute)
                        and part.targets[0].attr == receiver.attr
                        and isinstance(part.value, ast.Name)
                    ):
                        return parameter(part.value, module)
    return None


def _called_as(function: Function, module: Module) -> str:
    parent = module.parents.get(function)
    if function.name == "__init__" and isinstance(parent, ast.ClassDef):
        return parent.name
    return function.name


def place(function: Function, argument: ast.arg, module: Module) -> int | None:
    """The parameter's place among a call's positional arguments; None for keyword-only ones."""
    names = [*function.args.posonlyargs, *function.args.args]
    if argument not in names:
        return None
    marks = {getattr(mark, "id", "") for mark in function.decorator_list}
    bound = isinstance(module.parents.get(function), ast.ClassDef) and "staticmethod" not in marks
    return names.index(argument) - (1 if bound else 0)


def passed(
    function: Function, argument: ast.arg, name: str, module: Module, project: Project, *also: bytes
) -> Iterator[tuple[Module, ast.Call, ast.expr | None]]:
    """Every call by that name in the repository with what it passes; None where that can't be seen.

    ``also``: only files whose bytes hold these words too.
    """
    where = place(function, argument, module)
    for path in project.containing(f"{name}(".encode(), *also)[:_MANY]:
        other = project.module(path)
        if other is None:
            continue
        for part in walk(other.tree):
            if isinstance(part, ast.Call) and _name(part.func) == name:
                yield other, part, _given(part, where, argument.arg)


def _given(call: ast.Call, where: int | None, name: str) -> ast.expr | None:
    for word in call.keywords:
        if word.arg == name:
            return word.value
    if (
        where is None
        or len(call.args) <= where
        or any(isinstance(item, ast.Starred) for item in call.args[: where + 1])
    ):
        return None
    return call.args[where]


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def some_caller_passes_pipeline(receiver: ast.expr, module: Module, project: Project) -> str | None:
    """Where a caller passes a ``Pipeline`` for the parameter that ``receiver`` is; None if none does."""
    found = parameter(receiver, module)
    if found is None:
        return None
    for other, call, given in passed(*found, module, project, b"ipeline"):
        if given is None:
            continue
        known = project.types.of(given, other)
        if known is not None and (
            known.name.endswith((".pipeline()", ".multi_exec()")) or known.name.endswith("Pipeline")
        ):
            return f"{other.path}:{call.lineno}"
        word = given.attr if isinstance(given, ast.Attribute) else getattr(given, "id", "")
        if known is None and re.search(r"(^|_)(p|pipe|pipeline|tx|transaction)\d*$", word):
            return f"{other.path}:{call.lineno}"
    return None


def passed_types(receiver: ast.expr, module: Module, project: Project) -> Type | None:
    """The one type that all calls outside of tests pass for a parameter without annotation; None where they differ."""
    found = parameter(receiver, module)
    if found is None or found[1].annotation is not None or not isinstance(receiver, ast.Name):
        return None
    function, argument, name = found
    if name.startswith("__") or function.decorator_list or _escapes(name, project):
        return None
    result: Type | None = None
    for other, call, given in passed(function, argument, name, module, project):
        if is_test(other.path):
            continue
        called = project.types.of(call.func, other)
        if called is None or called.kind not in {"function", "class"} or called.path != module.path:
            return None
        known = project.types.of(given, other) if given is not None else None
        if known is None or known.kind != "instance" or (result is not None and known.name != result.name):
            return None
        result = result or known
    return result


def _escapes(name: str, project: Project) -> bool:
    """Whether a function of this name is handed on as a value, to be called who knows how."""
    paths = project.containing(name.encode())
    if len(paths) > _MANY:
        return True
    for path in paths:
        other = project.module(path)
        if other is None:
            return True
        called = {id(part.func) for part in walk(other.tree) if isinstance(part, ast.Call)}
        for part in walk(other.tree):
            if (
                isinstance(part, (ast.Name, ast.Attribute))
                and isinstance(part.ctx, ast.Load)
                and id(part) not in called
                and _name(part) == name
            ):
                return True
    return False
