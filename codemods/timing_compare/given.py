"""What a caller gives: values of a request, and parameters of functions that check something."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal

from codemods.engine.inference.definitions import default_of
from codemods.engine.names.facts import dotted
from codemods.libraries.secret_names import words

if TYPE_CHECKING:
    from codemods.engine.inference.definitions import Function
    from codemods.engine.project import Module, Project

Given = Literal["request", "parameter"]

_REQUESTS = (
    "flask.request", "flask.globals.request", "quart.request", "fastapi.Request", "fastapi.requests.Request", "fastapi.WebSocket",
    "starlette.requests.Request", "starlette.websockets.WebSocket", "django.http.HttpRequest", "django.http.request.HttpRequest",
    "aiohttp.web.Request", "litestar.Request", "sanic.Request", "rest_framework.request.Request", "bottle.request",
    "fastapi.security.HTTPAuthorizationCredentials", "fastapi.security.HTTPBasicCredentials", "fastapi.security.http.HTTP",
)  # fmt: skip
_HOLDERS = {
    "headers", "args", "form", "query_params", "cookies", "META", "GET", "POST", "COOKIES", "values", "query", "json", "data",
    "path_params", "credentials", "password", "username",
}  # fmt: skip
_TEXTS = {"headers", "query_params", "args", "cookies", "COOKIES", "GET"}
_MARKS = {"Header", "Query", "Cookie", "Form", "Body", "Path", "Security", "Depends"}
_ROUTES = {
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "websocket",
    "route",
    "api_route",
    "api_view",
}
_CHECKS = {
    "allow", "allowed", "auth", "authenticate", "authenticated", "authorize", "authorized", "check", "checks", "compare", "confirm",
    "ensure", "guard", "login", "match", "matches", "protect", "require", "required", "valid", "validate", "verified", "verify",
}  # fmt: skip


def given_by(node: ast.expr, module: Module, project: Project) -> Given | None:
    """Who gave a value: a request (also through FastAPI's parameters), or the caller of this function."""
    if isinstance(node, ast.Attribute) and node.attr in _HOLDERS:
        found = project.types.of(node.value, module)
        if found is not None and found.name.startswith(_REQUESTS):
            return "request"
        if (
            isinstance(node.value, ast.Name)
            and node.value.id == "request"
            and _is_parameter(node.value, module)
        ):
            return "request" if node.attr in {"headers", "META", "GET", "POST", "COOKIES"} else None
        if (
            isinstance(node.value, ast.Attribute)
            and node.value.attr == "request"
            and node.attr in {"headers", "META", "GET", "POST"}
        ):
            return "request"
    if not isinstance(node, ast.Name) or node not in module.scopes.scope_of:
        return None
    bindings = module.scopes.bindings(node)
    if not bindings or not isinstance(bindings[0].node, ast.arg):
        return None
    function = module.parents[module.parents[bindings[0].node]]
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) or bindings[0].node.arg in {
        "self",
        "cls",
    }:
        return None
    if _mark(bindings[0].node, function, module) is not None or _is_route(function):
        return "request"
    return "parameter"


def is_text_holder(node: ast.expr, module: Module, project: Project) -> bool:
    """Whether an expression is a request's mapping of names to text: its headers, query or cookies."""
    if not isinstance(node, ast.Attribute):
        return False
    found = project.types.of(node.value, module)
    if found is None or not found.name.startswith(_REQUESTS):
        return False
    return node.attr in _TEXTS or (node.attr == "form" and found.name.startswith(("flask.", "quart.")))


def checks(node: ast.AST, module: Module) -> bool:
    """Whether the function around ``node`` is there to check, by its name."""
    function = module.function(node)
    return function is not None and (
        bool(_CHECKS.intersection(words(function.name))) or function.name == "__call__"
    )


def parameter_is_optional(node: ast.arg, module: Module, project: Project) -> bool:
    """Whether a parameter may be None though its annotation says nothing of it: by its default, or by what injects it."""
    function = module.parents[module.parents[node]]
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    default = default_of(function, node)
    if isinstance(default, ast.Constant):
        return default.value is None
    mark = _mark(node, function, module)
    if mark is None:
        return False
    if (dotted(mark.func) or "").rpartition(".")[2] in {"Security", "Depends"}:
        return not _always_gives(mark, module, project)
    values = [keyword.value for keyword in mark.keywords if keyword.arg == "default"] or (
        mark.args if default is mark else []
    )
    return any(isinstance(value, ast.Constant) and value.value is None for value in values[:1])


def _always_gives(mark: ast.Call, module: Module, project: Project) -> bool:
    """Whether a dependency never gives None: a scheme that raises on its own, or a function that promises it."""
    if not mark.args:
        return False
    dependency = mark.args[0]
    if isinstance(dependency, ast.Name) and dependency in module.scopes.scope_of:
        bindings = module.scopes.bindings(dependency)
        value = bindings[0].value if len(bindings) == 1 else None
        if isinstance(value, ast.Call) and (project.types.qualified(value.func, module) or "").startswith(
            "fastapi.security."
        ):
            return not any(
                keyword.arg is None
                or (
                    keyword.arg == "auto_error"
                    and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is True)
                )
                for keyword in value.keywords
            )
    given = project.types.provided(dependency, module)
    return given is not None and not given.optional and given.kind == "instance"


def _mark(node: ast.arg, function: Function, module: Module) -> ast.Call | None:
    """``Header(...)`` and the like, as default or in ``Annotated``."""
    default = default_of(function, node)
    parts: list[ast.AST | None] = [default]
    if isinstance(node.annotation, ast.Subscript) and isinstance(node.annotation.slice, ast.Tuple):
        parts += node.annotation.slice.elts[1:]
    for part in parts:
        if isinstance(part, ast.Call) and (dotted(part.func) or "").rpartition(".")[2] in _MARKS:
            return part
    return None


def _is_route(function: Function) -> bool:
    return any(
        isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr in _ROUTES
        for mark in function.decorator_list
    )


def _is_parameter(node: ast.Name, module: Module) -> bool:
    return node in module.scopes.scope_of and any(
        each.kind == "parameter" for each in module.scopes.bindings(node)
    )
