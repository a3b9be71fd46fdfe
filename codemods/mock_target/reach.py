"""Which of the project's own functions a test reaches, as far as its calls can be resolved."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.names.traverse import walk
from codemods.mock_target.routes import handler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.inference.types import Type
    from codemods.engine.project import Module, Project
    from codemods.mock_target.sites import Site

Function = ast.FunctionDef | ast.AsyncFunctionDef
Key = tuple[str, int]
_MOST = 200
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Reached:
    """What a test runs.

    ``functions``: file and first line of each function that is reached; its value says whether some way there goes
    through an import inside a function (which may run after the patch starts). ``complete``: every call was resolved.
    """

    functions: dict[Key, bool]
    complete: bool

    def paths(self) -> frozenset[str]:
        """The files that hold reached functions."""
        return frozenset(path for path, _ in self.functions)


def tests_of(site: Site, module: Module) -> list[Function]:
    """The tests that run under the replacement; empty where that can't be told (fixtures, helpers)."""
    inner: ast.AST = site.call
    for node in module.ancestors(site.call):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if node.name.startswith("test") and not _is_fixture(node):
                return [node]
            owner = module.parents.get(node)
            if node.name in {"setUp", "asyncSetUp", "setup_method"} and isinstance(owner, ast.ClassDef):
                return _methods(owner)
            return []
        if isinstance(node, ast.ClassDef) and inner in node.decorator_list:
            return _methods(node)
        inner = node
    return []


def _methods(owner: ast.ClassDef) -> list[Function]:
    return [
        node
        for node in owner.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test")
    ]


def _is_fixture(node: Function) -> bool:
    return any("fixture" in ast.unparse(mark) for mark in node.decorator_list)


def reached(tests: list[Function], module: Module, project: Project, *, whole: bool = False) -> Reached:
    """The functions that the tests call, and those that they call in turn.

    ``whole``: only a complete answer is of use; the search ends at the first call that can't be resolved.
    """
    functions: dict[Key, bool] = {}
    complete = True
    todo: list[tuple[Key, bool, int]] = [((module.path, test.lineno), False, 0) for test in tests]
    while todo and (complete or not whole):
        here, late, depth = todo.pop(0)
        calls = project.remembered(("calls", here), partial(_calls_of, here, project))
        complete = complete and calls.complete
        for called, through_late in calls.called:
            now_late = late or through_late
            known = functions.get(called)
            if known is not None and (known or not now_late):
                continue
            if depth >= _DEPTH or len(functions) >= _MOST:
                complete = False
                continue
            functions[called] = now_late
            todo.append((called, now_late, depth + 1))
    return Reached(functions, complete)


@dataclass(frozen=True, slots=True)
class _Calls:
    """The project's own functions that one function calls, each with whether it is imported late."""

    called: tuple[tuple[Key, bool], ...]
    complete: bool


def _calls_of(place: Key, project: Project) -> _Calls:
    path, line = place
    module = project.module(path)
    function = (
        next(
            (
                node
                for node in walk(module.tree)
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.lineno == line
            ),
            None,
        )
        if module is not None
        else None
    )
    if module is None or function is None:
        return _Calls((), complete=False)
    reader = _Reader(project)
    called = [
        found
        for statement in function.body
        for node in walk(statement)
        if isinstance(node, ast.Call)
        for found in reader.call(node, module)
    ]
    return _Calls(tuple(dict.fromkeys(called)), reader.complete)


class _Reader:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.complete = True

    def call(self, call: ast.Call, module: Module) -> Iterator[tuple[Key, bool]]:
        late = _is_late(call.func, module)
        found = self.project.types.of(call.func, module)
        if found is not None and found.kind == "class":
            found = self.project.types.member(found, "__init__")
            found = found if found is not None and found.kind == "function" else None
        elif found is None:
            self.complete = False
        served = handler(call, self.project) if is_test(module.path) else None
        if served is not None and (found is None or found.kind == "instance"):
            yield (served[0].path, served[1].lineno), False
        if found is not None and found.kind == "function":
            yield from self._definition(found, late)
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            if isinstance(argument, (ast.Name, ast.Attribute)):
                given = self.project.types.of(argument, module)
                if given is not None and given.kind == "function":
                    yield from self._definition(given, _is_late(argument, module))

    def _definition(self, found: Type, late: bool) -> Iterator[tuple[Key, bool]]:
        definition = self.project.types.function_def(found)
        if definition is None:
            self.complete = False
        else:
            yield (definition[0].path, definition[1].lineno), late


def _is_late(node: ast.expr, module: Module, seen: frozenset[str] = frozenset()) -> bool:
    """Whether an expression's first name is imported inside a function."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Await, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    if not isinstance(node, ast.Name) or node not in module.scopes.scope_of:
        return False
    if node.id in seen:
        return False
    seen |= {node.id}
    scope = module.scopes.binder(node)
    if scope is None or scope is module.scopes.module:
        return False
    for binding in scope.bindings[node.id]:
        if binding.kind == "import":
            return True
        if binding.value is not None and any(
            _is_late(part, module, seen)
            for part in walk(binding.value)
            if isinstance(part, ast.Name) and part is not node
        ):
            return True
    return False
