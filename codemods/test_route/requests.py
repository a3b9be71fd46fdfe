"""What a test client's call asks for: method and path, and the apps that it asks."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.libraries.fastapi import origins, table_of
from codemods.libraries.fastapi.arguments import keyword
from codemods.libraries.fastapi.paths import MANY, SYMBOL, is_plain, segments, text_of

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.libraries.fastapi import App
    from codemods.libraries.fastapi.origins import Origin

_METHODS = {"get", "post", "put", "patch", "delete"}
_BY_NAME = {"request", "stream"}
_FOLLOWING = {"fastapi.testclient.TestClient", "starlette.testclient.TestClient"}
_CLIENTS = {
    *_FOLLOWING, "httpx.AsyncClient", "httpx.Client", "httpx2.AsyncClient", "async_asgi_testclient.TestClient",
    "async_asgi_testclient.testing.TestClient",
}  # fmt: skip
_TRANSPORTS = {"httpx.ASGITransport", "httpx._transports.asgi.ASGITransport", "httpx2.ASGITransport"}
_BASE = re.compile(rf"https?://[^/]*(/[^{MANY}]*)?$")
_MOVED = re.compile(rb"\.(?:base_url|root_path)\s*=[^=]")
_STRANGE = ("%", "..", "\\", "*", "://")


@dataclass(frozen=True, slots=True)
class Request:
    """``path`` is marked as the paths of routes are; ``base``: what the client puts before it.

    ``follows``: the client follows redirects, so that a slash at the end counts for nothing.
    """

    method: str
    node: ast.expr
    path: str
    base: str
    apps: tuple[App, ...]
    follows: bool

    @property
    def whole(self) -> str:
        """The path that the app is asked for."""
        return self.base + self.path


def request_of(call: ast.Call, module: Module, project: Project) -> Request | None:
    """The request that a call makes; None for anything but a test client's, and where its app or path is unknown."""
    asked = _asked(call)
    if asked is None:
        return None
    method, node = asked
    if not isinstance(node, (ast.Constant, ast.JoinedStr, ast.Name, ast.BinOp)):
        return None
    if isinstance(node, ast.Constant) and not (isinstance(node.value, str) and "/" in node.value):
        return None
    path = text_of(node, module, project)
    path = path if path.startswith(("/", SYMBOL, MANY)) else f"/{path}"
    if not path.startswith(("/", SYMBOL)) or any(sign in path for sign in _STRANGE):
        return None
    if not any(is_plain(part) and part != "/" for part in segments(path)):
        return None
    assert isinstance(call.func, ast.Attribute)
    found = project.types.of(call.func.value, module)
    if found is not None and (found.path or found.name.removesuffix("()") not in _CLIENTS):
        return None
    made = origins(call.func.value, module, project)
    apps: dict[App, None] = {}
    bases: set[str] = set()
    follows = True
    for origin in made:
        client = _client(origin, project)
        if client is None:
            return None
        apps |= dict.fromkeys(client[0])
        bases.add(client[1])
        follows = follows and client[2]
    if not apps or len(bases) != 1 or any(app.rooted for app in apps):
        return None
    return Request(method, node, path, bases.pop(), tuple(apps), follows)


def _asked(call: ast.Call) -> tuple[str, ast.expr] | None:
    if not isinstance(call.func, ast.Attribute) or any(isinstance(each, ast.Starred) for each in call.args):
        return None
    if call.func.attr in _METHODS:
        node = call.args[0] if call.args else keyword(call, "url")
        return (call.func.attr.upper(), node) if node is not None else None
    if call.func.attr in _BY_NAME:
        given = call.args[0] if call.args else keyword(call, "method")
        node = call.args[1] if len(call.args) > 1 else keyword(call, "url")
        if isinstance(given, ast.Constant) and str(given.value).lower() in _METHODS and node is not None:
            return str(given.value).upper(), node
    return None


def _client(origin: Origin, project: Project) -> tuple[tuple[App, ...], str, bool] | None:
    """The apps of a client's constructor call, its base path, whether it follows redirects."""
    call, module = origin.node, origin.module
    if not isinstance(call, ast.Call) or any(each.arg is None for each in call.keywords):
        return None
    kind = project.types.qualified(call.func, module)
    if kind not in _CLIENTS or keyword(call, "root_path") is not None or _MOVED.search(module.source.data):
        return None
    app = keyword(call, "app")
    if app is None and "TestClient" in kind and call.args:
        app = call.args[0]
    transport = keyword(call, "transport")
    if app is None and transport is not None:
        app = _transported(transport, module, project)
    base = _base(keyword(call, "base_url"), module, project)
    follow = keyword(call, "follow_redirects")
    if base is None or (base and kind in _FOLLOWING):
        return None
    follows = (
        kind in _FOLLOWING if follow is None else isinstance(follow, ast.Constant) and bool(follow.value)
    )
    found = _apps(app, module, project) if app is not None else None
    return (found, base, follows) if found else None


def _transported(node: ast.expr, module: Module, project: Project) -> ast.expr | None:
    """The app that a transport, built in the same file, hands requests to."""
    for made in origins(node, module, project):
        if (
            isinstance(made.node, ast.Call)
            and made.module is module
            and project.types.qualified(made.node.func, module) in _TRANSPORTS
            and keyword(made.node, "root_path") is None
        ):
            return keyword(made.node, "app") or (made.node.args[0] if made.node.args else None)
    return None


def _base(node: ast.expr | None, module: Module, project: Project) -> str | None:
    if node is None:
        return ""
    text = text_of(node, module, project)
    found = _BASE.match(text)
    return None if found is None or SYMBOL in text else (found[1] or "").rstrip("/")


def _apps(node: ast.expr, module: Module, project: Project) -> tuple[App, ...] | None:
    """The apps of the table that an expression means; None where one is unknown."""
    table = table_of(project)
    found = [table.app(origin.place) for origin in origins(node, module, project)]
    known = [app for app in found if app is not None]
    return tuple(known) if known and len(known) == len(found) else None
