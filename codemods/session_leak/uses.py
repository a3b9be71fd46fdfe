"""Who uses a dependency: FastAPI, tests that put another in its place, and callers that would notice a change."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.libraries.fastapi.handlers import DEPENDS, dependencies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.inference.definitions import Function
    from codemods.engine.project import Module, Project

_MANAGERS = {"contextlib.contextmanager", "contextlib.asynccontextmanager"}
_OVERRIDES = "dependency_overrides"
_LATER = {
    "add_task", "BackgroundTask", "create_task", "ensure_future", "run_in_executor", "submit", "Thread",
    "StreamingResponse", "EventSourceResponse", "run_coroutine_threadsafe", "start_soon",
}  # fmt: skip
"""What these are given may run after the dependency has ended."""
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Uses:
    """``injected``: whether FastAPI is given the function. ``others``: places (``path:line``) that use it themselves.

    ``iterated``: places that take the session out of the generator in a loop or a context manager. ``later``: handlers
    that hand work to something that may run after them.
    """

    injected: bool
    others: tuple[str, ...]
    iterated: tuple[str, ...]
    later: tuple[str, ...]


def uses_of(function: Function, module: Module, project: Project) -> Uses:
    """All uses in the repository."""
    others, iterated, dependents = [], [], []
    for node, home in references(function.name, project.types.own_name(function, module), project):
        place = f"{home.path}:{node.lineno}"
        match _kind(node, home, project):
            case "depends":
                dependents.append((node, home))
            case "iterated":
                iterated.append(place)
            case "other":
                others.append(place)
    later = _later(dependents, project, 0)
    return Uses(bool(dependents), tuple(sorted(others)), tuple(sorted(iterated)), tuple(sorted(set(later))))


def references(name: str, qualified: str, project: Project) -> Iterator[tuple[ast.expr, Module]]:
    """Every expression that means this function or class, or may mean it."""
    names, done = [name], set()
    while names:
        written = names.pop()
        done.add(written)
        for path in project.containing(written.encode()):
            home = project.module(path)
            if home is None:
                continue
            for alias in home.nodes(ast.alias):
                if alias.name == written and alias.asname and alias.asname not in {*done, *names}:
                    names.append(alias.asname)
            for node in home.nodes(ast.Name):
                if (
                    node.id == written
                    and isinstance(node.ctx, ast.Load)
                    and _means(node, qualified, home, project)
                ):
                    yield node, home
            for attribute in home.nodes(ast.Attribute):
                if attribute.attr == written and _means(attribute, qualified, home, project):
                    yield attribute, home


def _means(node: ast.Name | ast.Attribute, qualified: str, module: Module, project: Project) -> bool:
    found = project.types.of(node, module)
    if found is not None:
        return found.name == qualified
    if isinstance(node, ast.Name):
        return (
            any(binding.kind == "import" for binding in module.scopes.bindings(node))
            if node in module.scopes.scope_of
            else False
        )
    root: ast.expr = node
    while isinstance(root, ast.Attribute):
        root = root.value
    return (
        isinstance(root, ast.Name)
        and root in module.scopes.scope_of
        and any(binding.kind == "import" for binding in module.scopes.bindings(root))
        and project.types.of(root, module) is None
    )


def _kind(node: ast.expr, module: Module, project: Project) -> str:
    parent = module.parents[node]
    if isinstance(parent, ast.keyword):
        parent = module.parents[parent]
    if isinstance(parent, ast.Call) and parent.func is not node:
        name = project.types.qualified(parent.func, module) or ""
        if name in DEPENDS:
            return "depends"
        if name in _MANAGERS and parent.args == [node]:
            return "iterated"
    if isinstance(parent, ast.Call) and parent.func is node:
        around = module.parents[parent]
        if isinstance(around, (ast.For, ast.AsyncFor)) and around.iter is parent:
            return "iterated"
        return "other"
    if _OVERRIDES in module.source.segment(module.statement(node)).partition("\n")[0] or (
        isinstance(parent, (ast.Dict, ast.Subscript))
        and _OVERRIDES in module.source.segment(module.statement(node))
    ):
        return "override"
    return "other"


def _later(found: list[tuple[ast.expr, Module]], project: Project, depth: int) -> list[str]:
    """Handlers that depend on it, directly or by way of other dependencies, and hand work on."""
    result: list[str] = []
    for node, module in found:
        owner = _owner(node, module)
        if owner is None:
            alias = _alias(node, module)
            if alias is not None and depth <= _DEEPEST:
                qualified = f"{project.layout.name(module.path)}.{alias}"
                users = [
                    (each, home)
                    for each, home in _annotated(alias, module, project)
                    if _owner(each, home) is not None
                ]
                result += _later(users, project, depth + 1) if qualified else []
            continue
        if any(_name_of(call.func) in _LATER for call in walk(owner) if isinstance(call, ast.Call)):
            result.append(f"{owner.name} in {module.path}")
        elif depth <= _DEEPEST and _is_injected(owner, module, project):
            qualified = project.types.own_name(owner, module)
            users = [
                (each, home)
                for each, home in references(owner.name, qualified, project)
                if _kind(each, home, project) == "depends" or isinstance(owner, ast.ClassDef)
            ]
            users = [(each, home) for each, home in users if _owner(each, home) is not owner]
            result += _later(users, project, depth + 1)
    return result


def _is_injected(owner: Function | ast.ClassDef, module: Module, project: Project) -> bool:
    """Whether FastAPI is given the function or class, too, as far as that is told by its place or its name."""
    if isinstance(owner, ast.ClassDef):
        return bool(project.containing(b"Depends(", owner.name.encode()))
    return (module.path, owner.lineno) in dependencies(project)


def _annotated(alias: str, module: Module, project: Project) -> Iterator[tuple[ast.expr, Module]]:
    """Where a name such as ``SessionDep = Annotated[Session, Depends(get_db)]`` is read; too many rather than too few."""
    for path in project.containing(alias.encode()):
        home = module if path == module.path else project.module(path)
        for node in home.nodes(ast.Name) if home is not None else ():
            assert home is not None
            if node.id == alias and isinstance(node.ctx, ast.Load):
                yield node, home


def _alias(node: ast.expr, module: Module) -> str | None:
    statement = module.statement(node)
    if (
        isinstance(statement, ast.Assign)
        and len(statement.targets) == 1
        and isinstance(statement.targets[0], ast.Name)
    ):
        return statement.targets[0].id
    if type(statement).__name__ in {"AnnAssign", "TypeAlias"}:
        return dotted(getattr(statement, "target", None) or getattr(statement, "name", None))
    return None


def _owner(node: ast.expr, module: Module) -> Function | ast.ClassDef | None:
    """The function whose parameter the expression belongs to; the class for methods of one, and for class bodies."""
    inner: ast.AST = node
    for around in module.ancestors(node):
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if inner is not around.args:
                return None
            outside = module.parents[around]
            return outside if isinstance(outside, ast.ClassDef) else around
        if isinstance(around, ast.ClassDef):
            return around
        inner = around
    return None


def _name_of(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
