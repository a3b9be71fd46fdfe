"""Which values are certain to come from whoever sends a request."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.inference.definitions import default_of
from codemods.engine.names.facts import dotted

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

_VERBS = {"get", "post", "put", "patch", "delete", "route", "api_route", "websocket"}
_REQUESTS = (
    "flask.request.",
    "quart.request.",
    "fastapi.Request.",
    "starlette.requests.Request.",
    "django.http.HttpRequest.",
)
_MARKS = {"Depends", "Security"}


def comes_from_a_request(node: ast.expr, module: Module, project: Project, depth: int = 0) -> bool:
    """Whether text is a parameter of a route's handler, or read from a request."""
    if depth > 4:
        return False
    if isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        found = project.types.of(node, module)
        if found is not None and found.name.startswith(_REQUESTS):
            return True
        if isinstance(node, ast.Call):
            inner = node.func.value if isinstance(node.func, ast.Attribute) else None
            parts = [*node.args, *([inner] if inner is not None else [])]
            return any(comes_from_a_request(part, module, project, depth + 1) for part in parts)
        return comes_from_a_request(node.value, module, project, depth + 1)
    if not isinstance(node, ast.Name) or node not in module.scopes.scope_of:
        return False
    bindings = module.scopes.bindings(node)
    if len(bindings) != 1:
        return False
    binding = bindings[0]
    if binding.kind == "assign" and binding.value is not None:
        return comes_from_a_request(binding.value, module, project, depth + 1)
    scope = module.scopes.binder(node)
    if not isinstance(binding.node, ast.arg) or scope is None:
        return False
    function = scope.node
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) or not _is_handler(function):
        return False
    default = default_of(function, binding.node)
    if isinstance(default, ast.Call) and (dotted(default.func) or "").rpartition(".")[2] in _MARKS:
        return False
    found = project.types.annotation(binding.node.annotation, module)
    return found is not None and found.name == "builtins.str"


def is_parameter(node: ast.expr, module: Module) -> bool:
    """Whether it is a function's parameter, also by way of ``str()``."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "str"
        and len(node.args) == 1
    ):
        node = node.args[0]
    if not isinstance(node, ast.Name) or node not in module.scopes.scope_of:
        return False
    return any(binding.kind == "parameter" for binding in module.scopes.bindings(node))


def _is_handler(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(mark, ast.Call)
        and isinstance(mark.func, ast.Attribute)
        and mark.func.attr in _VERBS
        and bool(mark.args)
        and isinstance(mark.args[0], ast.Constant)
        and isinstance(mark.args[0].value, str)
        and mark.args[0].value.startswith("/")
        for mark in function.decorator_list
    )
