"""Where an object was made: from any expression back to the constructor calls and parameters that it may come from."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.inference.definitions import Function, default_of, fixture_name, own_nodes, self_stores
from codemods.engine.names.index import Found

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.engine.names.scopes import Binding
    from codemods.engine.project import Module, Project
    from codemods.libraries.fastapi.model import Place

_DEEPEST = 24
_MANAGERS = {"asgi_lifespan.LifespanManager", "asgi_lifespan._manager.LifespanManager"}


@dataclass(frozen=True, eq=False, slots=True)
class Origin:
    """A call that makes an object, or a parameter that it is handed in by."""

    module: Module
    node: ast.Call | ast.arg

    @property
    def place(self) -> Place:
        """Where it stands."""
        from codemods.libraries.fastapi.model import Place

        return Place(self.module.path, self.node.lineno, self.node.col_offset)


class Unknown(Exception):  # noqa: N818 - an answer, not a failure
    """Where something was made cannot be told."""


def origins(node: ast.expr, module: Module, project: Project) -> tuple[Origin, ...]:
    """All that the expression may come from, each once; empty where that cannot be told."""
    try:
        found = _Tracer(project).trace(node, module, 0)
    except Unknown:
        return ()
    return tuple({origin.place: origin for origin in found}.values())


class _Tracer:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.active: set[ast.AST] = set()

    def trace(self, node: ast.expr, module: Module, depth: int) -> list[Origin]:
        if depth > _DEEPEST:
            raise Unknown
        if node in self.active:
            return []
        self.active.add(node)
        try:
            match node:
                case ast.Name():
                    return self.name(node, module, depth)
                case ast.Attribute():
                    return self.attribute(node, module, depth)
                case ast.Call():
                    return self.call(node, module, depth)
                case ast.Await() | ast.NamedExpr():
                    return self.trace(node.value, module, depth + 1)
                case ast.IfExp():
                    return self.several([node.body, node.orelse], module, depth)
                case ast.BoolOp(op=ast.Or()):
                    return self.several(node.values, module, depth)
                case ast.Constant(value=None):
                    return []
            raise Unknown
        finally:
            self.active.discard(node)

    def several(self, nodes: Iterable[ast.expr], module: Module, depth: int) -> list[Origin]:
        return [origin for node in nodes for origin in self.trace(node, module, depth + 1)]

    def name(self, node: ast.Name, module: Module, depth: int) -> list[Origin]:
        scope = module.scopes.binder(node) if node in module.scopes.scope_of else None
        if scope is None:
            return self.named(module.path, node.id, depth)
        bindings = scope.bindings[node.id]
        found = [origin for each in bindings for origin in self.binding(each, module, depth)]
        if not found:
            raise Unknown
        return found

    def binding(self, binding: Binding, module: Module, depth: int) -> list[Origin]:
        node = binding.node
        if binding.kind == "annotation":
            return []
        if isinstance(node, ast.alias):
            return self.imported(node, module, depth)
        if isinstance(node, ast.arg):
            return self.parameter(node, module, depth)
        if binding.kind in {"assign", "walrus", "with"} and binding.value is not None:
            return self.trace(binding.value, module, depth + 1)
        raise Unknown

    def imported(self, alias: ast.alias, module: Module, depth: int) -> list[Origin]:
        statement = module.parents[alias]
        if not isinstance(statement, ast.ImportFrom):
            raise Unknown
        index = self.project.index
        target = index.imported_file(module.path, statement.module, statement.level)
        if target is None:
            raise Unknown
        if is_test(module.path) and not statement.level and self.may_be_several(statement.module, module):
            raise Unknown
        return self.named(target, alias.name, depth)

    def may_be_several(self, name: str | None, module: Module) -> bool:
        """Whether several files have the name: which one a test imports depends on where it is started."""
        return len(self.project.locate(name or "", module.path)) > 1

    def named(self, path: str, name: str, depth: int) -> list[Origin]:
        """A module-level name of another file (or of this one, where a star import binds it)."""
        answer = self.project.index.attribute(path, [name], self.project.layout.name(path))
        if not isinstance(answer, Found) or answer.kind != "value":
            raise Unknown
        other = self.project.module(answer.path)
        if other is None:
            raise Unknown
        bindings = other.scopes.module.bindings.get(answer.name, [])
        if not bindings:
            raise Unknown
        return [origin for each in bindings for origin in self.binding(each, other, depth + 1)]

    def attribute(self, node: ast.Attribute, module: Module, depth: int) -> list[Origin]:
        base = self.project.types.of(node.value, module)
        if base is not None and base.kind == "module" and base.path:
            answer = self.project.index.attribute(base.path, [node.attr], base.name)
            if isinstance(answer, Found) and answer.kind == "value":
                return self.named(answer.path, answer.name, depth + 1)
            raise Unknown
        if base is not None and base.kind in {"instance", "class"} and base.path:
            found = self.project.types.class_def(base)
            if found is None:
                raise Unknown
            return self.member(found[1], node.attr, found[0], depth)
        if node.attr == "router" or (node.attr == "app" and base is not None and base.name in _MANAGERS):
            made = self.trace(node.value, module, depth + 1)
            calls = [origin.node for origin in made if isinstance(origin.node, ast.Call)]
            if node.attr == "router" and base is not None and base.last in {"FastAPI", "Starlette"}:
                return made
            if node.attr == "app" and len(calls) == 1 == len(made) and calls[0].args:
                return self.trace(calls[0].args[0], made[0].module, depth + 1)
        raise Unknown

    def member(self, owner: ast.ClassDef, name: str, module: Module, depth: int) -> list[Origin]:
        """What an attribute of a class of the repository's own is set to, in its body or by its methods."""
        values: list[ast.expr] = []
        for statement in owner.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=bound)], value=value) if bound == name:
                    values.append(value)
                case ast.AnnAssign(target=ast.Name(id=bound), value=ast.expr() as value) if bound == name:
                    values.append(value)
                case ast.FunctionDef(name=bound) | ast.AsyncFunctionDef(name=bound) if bound == name:
                    assert isinstance(statement, Function)
                    return self.results(statement, module, depth)
        for store in self_stores(owner).get(name, []):
            statement = module.statement(store)
            if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
                raise Unknown
            values.append(statement.value)
        if not values:
            raise Unknown
        return self.several(values, module, depth)

    def call(self, node: ast.Call, module: Module, depth: int) -> list[Origin]:
        called = self.project.types.of(node.func, module)
        if called is not None and called.kind == "function":
            definition = self.project.types.function_def(called)
            if definition is None:
                raise Unknown
            made = self.results(definition[1], definition[0], depth)
            return [
                origin for each in made for origin in self.handed(each, definition[1], node, module, depth)
            ]
        if isinstance(node.func, ast.Attribute) and node.func.attr == "__enter__":
            return self.trace(node.func.value, module, depth + 1)
        return [Origin(module, node)]

    def handed(
        self, made: Origin, function: Function, call: ast.Call, module: Module, depth: int
    ) -> list[Origin]:
        """A result of a function; for one of its parameters, what this call hands in."""
        if not isinstance(made.node, ast.arg):
            return [made]
        given = argument(call, function, made.node)
        if given is None:
            return [made] if made.node not in _parameters(function) else []
        return self.trace(given, module, depth + 1)

    def results(self, function: Function, module: Module, depth: int) -> list[Origin]:
        """What a function returns, or yields."""
        nodes = list(own_nodes(function))
        yields = [node.value for node in nodes if isinstance(node, ast.Yield)]
        values = yields or [node.value for node in nodes if isinstance(node, ast.Return)]
        given = [value for value in values if value is not None]
        if not given or depth > _DEEPEST:
            raise Unknown
        return self.several(given, module, depth)

    def parameter(self, node: ast.arg, module: Module, depth: int) -> list[Origin]:
        """A fixture's value for tests and fixtures; otherwise the parameter itself."""
        function = module.parents.get(module.parents[node])
        if not isinstance(function, Function):
            raise Unknown
        is_test = function.name.startswith("test") or fixture_name(function) is not None
        if is_test and default_of(function, node) is None:
            found = fixture(node.arg, module, self.project, function)
            if found is None:
                raise Unknown
            return self.results(found[1], found[0], depth + 1)
        return [Origin(module, node)]


def _parameters(function: Function) -> list[ast.arg]:
    given = function.args
    return [*given.posonlyargs, *given.args, *given.kwonlyargs]


def argument(call: ast.Call, function: Function, parameter: ast.arg) -> ast.expr | None:
    """What a call hands to a parameter; None where it hands nothing, or that cannot be told."""
    for keyword in call.keywords:
        if keyword.arg == parameter.arg:
            return keyword.value
    positional = [*function.args.posonlyargs, *function.args.args]
    if parameter not in positional or any(isinstance(each, ast.Starred) for each in call.args):
        return None
    place = positional.index(parameter)
    if positional[0].arg in {"self", "cls"}:
        place -= 1
    return call.args[place] if 0 <= place < len(call.args) else None


def fixture(name: str, module: Module, project: Project, asking: Function) -> tuple[Module, Function] | None:
    """The pytest fixture that a test means: its file's own, the nearest conftest's, or the only one of that name."""
    folder = module.path.split("/")[:-1]
    near = [module.path]
    near += ["/".join([*folder[:depth], "conftest.py"]) for depth in range(len(folder), -1, -1)]
    for path in dict.fromkeys(near):
        found = _in_file(name, path, project, asking)
        if found is not None:
            return found
    places = project.containing(f"def {name}(".encode(), b"fixture")
    others = [found for path in places if (found := _in_file(name, path, project, asking)) is not None]
    return others[0] if len(others) == 1 else None


def _in_file(name: str, path: str, project: Project, asking: Function) -> tuple[Module, Function] | None:
    module = project.module(path)
    if module is None:
        return None
    node = project.types.kept(module).fixtures(module).get(name)
    return (module, node) if node is not None and node is not asking else None
