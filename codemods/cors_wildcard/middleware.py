"""Where CORSMiddleware is configured, and which arguments it is given."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.names.scopes import Binding
    from codemods.engine.project import Module, Project

_CLASSES = {"fastapi.middleware.cors.CORSMiddleware", "starlette.middleware.cors.CORSMiddleware"}
_WRAPPERS = {"fastapi.middleware.Middleware", "starlette.middleware.Middleware"}


@dataclass(frozen=True, slots=True)
class Configured:
    """One configuration: the call, and its arguments for origins as far as they are given."""

    call: ast.Call
    origins: ast.keyword | None
    regex: ast.keyword | None


def configured(module: Module, project: Project) -> Iterator[Configured]:
    """The configurations that allow credentials, with all their arguments in sight."""
    for call in module.nodes(ast.Call):
        if not _is_cors(call, module, project) or any(keyword.arg is None for keyword in call.keywords):
            continue
        given = {keyword.arg: keyword for keyword in call.keywords}
        credentials = given.get("allow_credentials")
        if credentials is not None and _is_true(credentials.value, module):
            yield Configured(call, given.get("allow_origins"), given.get("allow_origin_regex"))


def _is_cors(call: ast.Call, module: Module, project: Project) -> bool:
    """``app.add_middleware(CORSMiddleware, ...)``, ``Middleware(CORSMiddleware, ...)`` or ``CORSMiddleware(app, ...)``."""
    if not any(keyword.arg == "allow_credentials" for keyword in call.keywords):
        return False
    if project.types.qualified(call.func, module) in _CLASSES:
        return len(call.args) <= 1
    adds = isinstance(call.func, ast.Attribute) and call.func.attr == "add_middleware"
    if not adds and project.types.qualified(call.func, module) not in _WRAPPERS:
        return False
    named = [keyword.value for keyword in call.keywords if keyword.arg in {"middleware_class", "cls"}]
    classes = [*call.args, *named]
    return len(classes) == 1 and project.types.qualified(classes[0], module) in _CLASSES


def _is_true(node: ast.expr, module: Module) -> bool:
    value = only_value(node, module) if isinstance(node, ast.Name) else node
    return isinstance(value, ast.Constant) and value.value is True


def only_value(name: ast.Name, module: Module) -> ast.expr | None:
    """What a name is bound to in this file, where that is one assignment and nothing changes it."""
    binding = only_binding(name, module)
    return None if binding is None else binding.value


def only_binding(name: ast.Name, module: Module) -> Binding | None:
    """The one plain assignment of a name; None where there are several, or it is bound in another way."""
    found = module.scopes.bindings(name) if name in module.scopes.scope_of else []
    return found[0] if len(found) == 1 and found[0].kind == "assign" else None
