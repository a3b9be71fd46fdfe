"""When a piece of code runs: while its module is imported, later, or never."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from codemods.engine.files.testing import is_test
from codemods.engine.names.facts import dotted, is_type_checking
from codemods.engine.names.traverse import walk
from codemods.lazy_client.needles import imported
from codemods.lazy_client.places import stem
from codemods.lazy_client.sites import is_main_guard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module, Project

Function = ast.FunctionDef | ast.AsyncFunctionDef
_DEPTH = 8
_CALLED_AT_ONCE = frozenset(
    {
        "map",
        "filter",
        "sorted",
        "min",
        "max",
        "any",
        "all",
        "list",
        "tuple",
        "set",
        "reduce",
        "functools.reduce",
    }
    | {"asyncio.run", "anyio.run", "trio.run"}
)
_ON_CONSTRUCTION = frozenset(
    {"__init__", "__new__", "__post_init__", "__call__", "__set_name__", "model_post_init"}
)


@dataclass(frozen=True)
class When:
    """``import``: runs on import, ``how`` says in which role. ``main``: only as a program. ``typing``: never.

    ``later``: inside ``function`` (None for a lambda).
    """

    time: Literal["import", "later", "main", "typing"]
    how: str = ""
    function: Function | None = None


def when(node: ast.AST, module: Module) -> When:
    """When the code at ``node`` runs."""
    how = ""
    child = node
    for parent in module.ancestors(node):
        match parent:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if child in parent.decorator_list:
                    how = how or "in a decorator"
                elif child is parent.args:
                    how = how or "in a parameter's default or annotation"
                elif child is parent.returns:
                    how = how or "in an annotation"
                else:
                    return When("later", how, parent)
            case ast.Lambda() if child is parent.body:
                return When("later", how)
            case ast.ClassDef():
                how = how or ("in a decorator" if child in parent.decorator_list else "in a class body")
            case ast.AnnAssign() if child is parent.annotation:
                how = how or "in an annotation"
            case ast.If():
                if is_main_guard(parent) and child not in parent.orelse:
                    return When("main")
                if is_type_checking(parent.test) and child in parent.body:
                    return When("typing")
        child = parent
    return When("import", how or "at the top level")


class Reach:
    """Which functions run while modules are imported, because something at a top level calls them."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._known: dict[tuple[str, str, int], str] = {}

    def caller(self, function: Function, module: Module, depth: int = 0) -> str:
        """Where the call that runs ``function`` on import stands (``path:line``); empty if there is none in sight."""
        key = (module.path, function.name, function.lineno)
        if key in self._known or depth > _DEPTH:
            return self._known.get(key, "")
        self._known[key] = ""
        for site, where in self._calls(function, module):
            moment = when(site, where)
            found = ""
            if moment.time == "import":
                found = f"{where.path}:{site.lineno}"
            elif moment.time == "later" and moment.function is not None and moment.function is not function:
                found = self.caller(moment.function, where, depth + 1)
            if found:
                self._known[key] = found
                return found
        return ""

    def _calls(self, function: Function, module: Module) -> Iterator[tuple[ast.expr, Module]]:
        """The expressions that call ``function``, in its own and in other modules."""
        holder = module.parents.get(function)
        while isinstance(holder, (ast.If, ast.Try, ast.With, ast.ExceptHandler)):
            holder = module.parents.get(holder)
        if isinstance(holder, ast.ClassDef):
            yield from self._method_calls(function, holder, module)
        elif isinstance(holder, ast.Module):
            yield from _name_calls(function.name, module)
            for other, bound in self._importers(function.name, module):
                yield from _name_calls(bound, other)
        elif isinstance(holder, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from self._inner_calls(function, holder, module)

    def _method_calls(
        self, method: Function, owner: ast.ClassDef, module: Module
    ) -> Iterator[tuple[ast.expr, Module]]:
        if method.name in _ON_CONSTRUCTION:
            yield from self._constructions(owner.name, module, 0)
        if method.name.startswith("__") and method.name != "__call__":
            yield from _attribute_calls(method.name, owner, module)
            return
        marks = {(dotted(mark) or "").rpartition(".")[2] for mark in method.decorator_list}
        is_property = bool(marks & {"property", "cached_property"})
        yield from _attribute_calls(method.name, owner, module, loads=is_property)
        for other, bound in self._importers(owner.name, module):
            yield from _attribute_calls(method.name, None, other, bound, loads=is_property)

    def _constructions(self, name: str, module: Module, depth: int) -> Iterator[tuple[ast.expr, Module]]:
        places = [(module, name), *self._importers(name, module)]
        for where, bound in places:
            yield from _name_calls(bound, where)
            if depth > 2:
                continue
            for node in where.tree.body:
                if isinstance(node, ast.ClassDef) and any(dotted(base) == bound for base in node.bases):
                    yield from self._constructions(node.name, where, depth + 1)

    def _inner_calls(
        self, function: Function, holder: Function, module: Module
    ) -> Iterator[tuple[ast.expr, Module]]:
        """Calls of a function that another function defines; one that is returned runs where a decorator is built."""
        for node in walk(holder):
            if (
                not isinstance(node, ast.Name)
                or node.id != function.name
                or not isinstance(node.ctx, ast.Load)
            ):
                continue
            parent = module.parents[node]
            if isinstance(parent, ast.Call) and parent.func is node:
                yield parent, module
            elif isinstance(parent, ast.Return) and module.function(parent) is holder:
                for call, where in self._calls(holder, module):
                    above = where.parents.get(call)
                    applied = isinstance(above, ast.Call) and above.func is call
                    if isinstance(call, ast.Call) and (applied or _is_decorator(call, where)):
                        yield call, where

    def _importers(self, name: str, module: Module) -> Iterator[tuple[Module, str]]:
        """Other modules that import ``name`` from this one, with the name it has there."""
        for path in self.project.containing(name.encode(), stem(module.path).encode()):
            if path == module.path or is_test(path) or not imported(name).search(self.project.read(path)):
                continue
            other = self.project.module(path)
            if other is None:
                continue
            for node in walk(other.tree):
                if not isinstance(node, ast.ImportFrom):
                    continue
                for alias in node.names:
                    if alias.name == name and self.project.index.imported_file(path, node.module, node.level) == module.path:  # fmt: skip
                        yield other, alias.asname or alias.name


def _is_decorator(node: ast.expr, module: Module) -> bool:
    return node in getattr(module.parents.get(node), "decorator_list", ())


def _name_calls(name: str, module: Module) -> Iterator[tuple[ast.expr, Module]]:
    for node in walk(module.tree):
        if not isinstance(node, ast.Name) or node.id != name or not isinstance(node.ctx, ast.Load):
            continue
        if module.scopes.binder(node) is not module.scopes.module:
            continue
        parent = module.parents[node]
        if isinstance(parent, ast.Call) and (
            parent.func is node or (dotted(parent.func) or "").rpartition(".")[2] in _CALLED_AT_ONCE
        ):
            yield parent, module
        elif _is_decorator(node, module):
            yield node, module


def _attribute_calls(
    name: str, owner: ast.ClassDef | None, module: Module, bound: str = "", *, loads: bool = False
) -> Iterator[tuple[ast.expr, Module]]:
    """Calls of a method: on ``self`` inside the class, on the class, on what is built from it."""
    class_name = bound or (owner.name if owner is not None else "")
    for node in walk(module.tree):
        if not isinstance(node, ast.Attribute) or node.attr != name or not isinstance(node.ctx, ast.Load):
            continue
        parent = module.parents[node]
        is_call = isinstance(parent, ast.Call) and parent.func is node
        if not is_call and not loads and not _is_decorator(node, module):
            continue
        if _is_instance(node.value, class_name, owner, module):
            yield node, module


def _is_instance(node: ast.expr, name: str, owner: ast.ClassDef | None, module: Module) -> bool:
    match node:
        case ast.Name(id="self" | "cls"):
            return owner is not None and owner in module.ancestors(node)
        case ast.Name() if node.id == name:
            return True
        case ast.Name():
            return any(
                isinstance(binding.value, ast.Call) and dotted(binding.value.func) == name
                for binding in module.scopes.bindings(node)
            )
        case ast.Call(func=ast.Name(id="super")):
            return False
        case ast.Call():
            return dotted(node.func) == name
    return False
