"""Which functions FastAPI calls: handlers of routes and dependencies."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.libraries.fastapi.kinds import MARKS, role_of

if TYPE_CHECKING:
    from codemods.engine.inference.definitions import Function
    from codemods.engine.project import Module, Project

DEPENDS = {
    "fastapi.Depends", "fastapi.Security", "fastapi.param_functions.Depends", "fastapi.param_functions.Security",
    "fastapi.params.Depends", "fastapi.params.Security",
}  # fmt: skip


def route_mark(function: Function, module: Module, project: Project) -> ast.Call | None:
    """The decorator that makes a function the handler of a route of a proven FastAPI or Starlette app or router."""
    for mark in function.decorator_list:
        if (
            isinstance(mark, ast.Call)
            and isinstance(mark.func, ast.Attribute)
            and mark.func.attr in MARKS
            and role_of(project.types.of(mark.func.value, module), project) in {"app", "router"}
        ):
            return mark
    return None


def dependencies(project: Project) -> frozenset[tuple[str, int]]:
    """The functions that are given to ``Depends`` or ``Security``: file and line of each ``def``."""
    return frozenset(project.kept(_dependencies))


def _dependencies(project: Project) -> tuple[tuple[str, int], ...]:
    found: set[tuple[str, int]] = set()
    for path in {*project.containing(b"Depends("), *project.containing(b"Security(")}:
        module = project.module(path)
        for call in module.nodes(ast.Call) if module is not None else ():
            assert module is not None
            given = call.args[0] if call.args else next(
                (keyword.value for keyword in call.keywords if keyword.arg == "dependency"), None
            )  # fmt: skip
            if given is None or project.types.qualified(call.func, module) not in DEPENDS:
                continue
            named = project.types.of(given, module)
            if named is not None and named.kind == "function":
                definition = project.types.function_def(named)
                if definition is not None:
                    found.add((definition[0].path, definition[1].lineno))
    return tuple(sorted(found))
