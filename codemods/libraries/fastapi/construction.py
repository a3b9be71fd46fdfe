"""What an app or router has from its constructor: routes, documentation, middleware."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.libraries.fastapi.hazards import catches_missing
from codemods.libraries.fastapi.kinds import APPS
from codemods.libraries.fastapi.model import Place, Route
from codemods.libraries.fastapi.paths import MANY, text_of

if TYPE_CHECKING:
    from codemods.engine.project import Module
    from codemods.libraries.fastapi.nodes import Node, Nodes

_DOCUMENTS = {"openapi_url": "/openapi.json", "docs_url": "/docs", "redoc_url": "/redoc"}


def constructed(node: Node, call: ast.Call, module: Module, reader: Nodes) -> None:
    """Adds to ``node`` what its constructor call ``call`` gives it."""
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}
    place = Place(module.path, call.lineno, call.col_offset)
    if node.role == "app" and not node.kind.startswith("starlette."):
        _documents(node, given, place, module, reader)
    root = given.get("root_path")
    node.rooted = (root is not None and not (isinstance(root, ast.Constant) and not root.value)) or any(
        keyword.arg is None for keyword in call.keywords
    )
    routes = given.get("routes") or (call.args[1] if node.kind in APPS and len(call.args) > 1 else None)
    if routes is not None:
        _listed(node, routes, "", module, reader)
    for each in _elements(given.get("middleware"), module):
        if isinstance(each, ast.Call) and each.args:
            reader.middleware([node], each.args[0], place, module)
    handlers = given.get("exception_handlers")
    if handlers is not None and (
        not isinstance(handlers, ast.Dict)
        or any(key is None or catches_missing(key, None, module) for key in handlers.keys)
    ):
        node.entries.append(Route(MANY, (), place, guess=True))


def _documents(node: Node, given: dict[str, ast.expr], place: Place, module: Module, reader: Nodes) -> None:
    for name, usual in _DOCUMENTS.items():
        value = given.get(name)
        if isinstance(value, ast.Constant) and value.value is None:
            continue
        path = text_of(value, module, reader.project) if value is not None else usual
        path = path if path != MANY else f"{MANY}{usual}"
        node.entries.append(Route(path, ("GET",), place, handler=name))
        if name == "docs_url":
            node.entries.append(Route(f"{path}/oauth2-redirect", ("GET",), place, handler=name))


def _elements(node: ast.expr | None, module: Module) -> list[ast.expr]:
    if isinstance(node, ast.Name) and node in module.scopes.scope_of:
        bindings = module.scopes.bindings(node)
        node = bindings[0].value if len(bindings) == 1 else None
    return node.elts if isinstance(node, (ast.List, ast.Tuple)) else []


def _listed(node: Node, routes: ast.expr, prefix: str, module: Module, reader: Nodes) -> None:
    """Starlette's lists of ``Route``, ``WebSocketRoute`` and ``Mount``."""
    place = Place(module.path, routes.lineno, routes.col_offset)
    elements = _elements(routes, module)
    if not elements and not (isinstance(routes, ast.List) and not routes.elts):
        node.entries.append(Route(f"{prefix}/{MANY}", (), place, guess=True))
    for each in elements:
        name = (reader.project.types.qualified(each.func, module) or "") if isinstance(each, ast.Call) else ""
        last = name.rpartition(".")[2]
        if not isinstance(each, ast.Call) or last not in {"Route", "APIRoute", "WebSocketRoute", "Mount"}:
            node.entries.append(Route(f"{prefix}/{MANY}", (), place, guess=True))
            continue
        path = each.args[0] if each.args else _named(each, "path")
        text = prefix + (text_of(path, module, reader.project) if path is not None else MANY)
        here = Place(module.path, each.lineno, each.col_offset)
        if last == "Mount":
            _mounted(node, each, text.rstrip("/"), module, reader)
            continue
        endpoint = each.args[1] if len(each.args) > 1 else _named(each, "endpoint")
        handler = reader.function(endpoint, module) if endpoint is not None else None
        node.entries.append(
            Route(
                text,
                ("WEBSOCKET",) if last == "WebSocketRoute" else _methods(each, known=handler is not None),
                here,
                handler[0].name if handler else "",
                (handler[1].path, handler[0].lineno) if handler else None,
                guess=MANY in text,
            )
        )


def _mounted(node: Node, call: ast.Call, path: str, module: Module, reader: Nodes) -> None:
    inner = _named(call, "routes")
    target = call.args[1] if len(call.args) > 1 else _named(call, "app")
    if inner is not None and target is None:
        _listed(node, inner, path, module, reader)
        return
    prefix = ast.copy_location(ast.Constant(path), call)
    reader.include([node], target, prefix, (call, module), mounted=True)


def _methods(call: ast.Call, *, known: bool) -> tuple[str, ...]:
    given = _named(call, "methods")
    if given is None:
        return ("GET",) if known else ()
    if isinstance(given, (ast.List, ast.Tuple)) and all(
        isinstance(each, ast.Constant) for each in given.elts
    ):
        return tuple(str(each.value).upper() for each in given.elts if isinstance(each, ast.Constant))
    return ()


def _named(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
