"""What functions give: by their annotations, else by all that they return; parameters, dependencies, fixtures."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from codemods.engine.inference.definitions import (
    Function,
    default_of,
    falls_through,
    find_inside,
    fixture_name,
    injected,
    own_nodes,
)
from codemods.engine.inference.type_model import GENERATORS, NONE, Type, awaited, join, yielded
from codemods.engine.names.facts import dotted

if TYPE_CHECKING:
    from codemods.engine.inference.types import Types
    from codemods.engine.names.scopes import Scope
    from codemods.engine.project import Module

_SELF = {"typing.Self", "typing_extensions.Self"}


class Callables:
    """Looks functions up; asks ``types`` for the types of what they return."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.project = types.project

    def definition(self, found: Type) -> tuple[Module, Function] | None:
        """The ``def`` of one of the repository's own functions or methods."""
        module = self.project.module(found.path) if found.path else None
        if module is None:
            return None
        home = self.project.layout.name(found.path)
        node = find_inside(module.tree, found.name.removeprefix(f"{home}."))
        return (module, node) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else None

    def result(self, function: Function, module: Module, own: Type | None = None) -> Type | None:
        """What calling ``function`` gives: its annotation, else what all its returns (or yields) agree on."""
        inner: Type | None
        yields: list[ast.Yield | ast.YieldFrom] = []
        if function.returns is not None:
            inner = self.types.annotation(function.returns, module)
            if inner is not None and inner.name in _SELF:
                inner = own or self.class_around(function, module)
            if inner is not None and isinstance(function, ast.AsyncFunctionDef) and inner.last in GENERATORS:
                yields = [part for part in own_nodes(function) if isinstance(part, ast.Yield)]
        else:
            yields, returns = _exits(function)
            if yields:
                values = [self.types.of(part.value, module) if part.value else NONE for part in yields]
                joined = join(values) if all(isinstance(part, ast.Yield) for part in yields) else None
                return Type("typing.Generator", args=(joined,)) if joined is not None else None
            if not returns:
                return None
            inner = join([self.types.of(part.value, module) if part.value else NONE for part in returns])
            if inner is not None and falls_through(function.body):
                inner = replace(inner, optional=True)
        if inner is None:
            return None
        if isinstance(function, ast.AsyncFunctionDef) and not yields:
            return Type("typing.Coroutine", args=(inner,), proof=inner.proof)
        return inner

    def provided(self, dependency: ast.expr, module: Module) -> Type | None:
        """What FastAPI injects for ``Depends(dependency)``: a function's result, or an instance of a class."""
        found = self.types.of(dependency, module)
        if found is None:
            return None
        if found.kind == "class":
            return Type(found.name, path=found.path, proof=found.proof)
        if found.kind == "function":
            return yielded(self.types.returned(found))
        return None

    def entered(self, value: ast.expr, module: Module, *, is_async: bool) -> Type | None:
        """What ``with value as name`` binds."""
        found = self.types.of(value, module)
        if found is None:
            return None
        if found.last in GENERATORS:
            return yielded(found)
        if found.path:
            method = self.types.classes.method(found, "__aenter__" if is_async else "__enter__")
            return awaited(self.result(method[1], method[0], found)) if method else None
        return found

    def parameter(self, node: ast.arg, scope: Scope, module: Module) -> Type | None:
        """A parameter: its annotation, ``Depends`` default, ``self`` and ``cls``, or the pytest fixture it names."""
        function = scope.node
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return None
        if node in (function.args.vararg, function.args.kwarg):
            return None
        default = default_of(function, node)
        if node.annotation is not None:
            found = self.types.annotation(node.annotation, module)
            if found is not None and isinstance(default, ast.Constant) and default.value is None:
                return replace(found, optional=True)
            if found is not None or default is None:
                return found
        if isinstance(default, ast.Call):
            name = dotted(default.func)
            if name is not None and name.rpartition(".")[2] in {"Depends", "Security"} and default.args:
                return self.provided(default.args[0], module)
        first = (function.args.posonlyargs + function.args.args)[:1]
        if first and first[0] is node and isinstance(module.parents.get(function), ast.ClassDef):
            marks = {(dotted(item) or "").rpartition(".")[2] for item in function.decorator_list}
            own = self.class_around(function, module)
            if own is None or "staticmethod" in marks:
                return None
            is_class = "classmethod" in marks or function.name in {"__new__", "__init_subclass__"}
            return replace(own, kind="class") if is_class else own
        is_test = function.name.startswith("test") or fixture_name(function) is not None
        if default is None and is_test and node.arg not in injected(function):
            return self.fixture(node.arg, module, function)
        return None

    def class_around(self, function: Function, module: Module) -> Type | None:
        """An instance of the class whose method ``function`` is."""
        parent = module.parents.get(function)
        if not isinstance(parent, ast.ClassDef):
            return None
        return Type(self.types.own_name(parent, module), path=module.path)

    def fixture(self, name: str, module: Module, asking: Function | None = None) -> Type | None:
        """What the pytest fixture ``name`` gives, as seen from ``module``: its own, then each ``conftest.py`` above."""
        folder = module.path.split("/")[:-1]
        places = [module.path] + [
            "/".join([*folder[:depth], "conftest.py"]) for depth in range(len(folder), -1, -1)
        ]
        for path in dict.fromkeys(places):
            other = module if path == module.path else self.project.module(path)
            if other is None:
                continue
            node = self.types.kept(other).fixtures(other).get(name)
            if node is not None and node is not asking:
                return yielded(self.result(node, other))
        return None


def _exits(function: Function) -> tuple[list[ast.Yield | ast.YieldFrom], list[ast.Return]]:
    yields: list[ast.Yield | ast.YieldFrom] = []
    returns: list[ast.Return] = []
    for part in own_nodes(function):
        if isinstance(part, (ast.Yield, ast.YieldFrom)):
            yields.append(part)
        elif isinstance(part, ast.Return):
            returns.append(part)
    return yields, returns
