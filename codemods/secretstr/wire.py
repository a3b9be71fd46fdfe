"""Containers that go to the wire: headers, cookies, credentials, query strings, bodies, environments, command lines."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.secretstr.sinks import Sink, called_names, place_of

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

_VERBS = {
    "get", "post", "put", "patch", "delete", "head", "options", "request", "stream", "build_request", "send",
    "ws_connect", "websocket_connect", "urlopen",
}  # fmt: skip
_LIBRARIES = ("requests", "httpx", "aiohttp", "urllib3", "starlette", "fastapi", "urllib", "websockets", "niquests", "curl_cffi", "httpcore", "treq", "rest_framework", "django.test")  # fmt: skip
_HEADERS = {"headers", "default_headers", "extra_headers", "additional_headers", "custom_headers"}
_ALWAYS_TEXT = {"headers": "header values", "cookies": "cookies", "auth": "credentials", "proxy_auth": "credentials",
    "params": "query parameters", "data": "form fields", "json": "a JSON body", "content": "a body", "fields": "fields"}  # fmt: skip
_RESPONSES_ONLY_HEADERS = (
    "starlette.responses",
    "fastapi.responses",
    "fastapi.Response",
    "starlette.Response",
)
_COMMANDS = {
    "subprocess.run", "subprocess.Popen", "subprocess.call", "subprocess.check_call", "subprocess.check_output",
    "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell",
}  # fmt: skip


def is_http(name: str) -> bool:
    """Whether a library's full name belongs to an HTTP client or server library."""
    return any(name == library or name.startswith(f"{library}.") for library in _LIBRARIES)


def handed_over(call: ast.Call, node: ast.expr, module: Module, project: Project) -> Sink | None:
    """What handing the container ``node`` to ``call`` means, if that is known to reach the wire as text."""
    place = place_of(call, node)
    if place is None:
        return None
    names = called_names(call, module, project)
    if isinstance(place, int):
        return _by_position(call, place, names)
    own = _is_own(call, module, project)
    for name in names:
        if name in _COMMANDS and place in {"env", "args", "input"}:
            return Sink(f"{name}() needs `{place}` as text")
        if name.startswith(_RESPONSES_ONLY_HEADERS) and place not in _HEADERS:
            return None
        if is_http(name):
            if place in _HEADERS:
                return Sink(f"{name}() sends header values as text")
            if place in _ALWAYS_TEXT:
                return Sink(f"{name}() sends {_ALWAYS_TEXT[place]} as text")
        elif place == "auth" and name.startswith("neo4j."):
            return Sink("neo4j sends credentials as text")
        elif place in {"basic_auth", "http_auth"}:
            return Sink("credentials are sent as text")
    if own:
        return None
    if place in _HEADERS:
        return Sink("header values are sent as text")
    last = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if (
        last in _VERBS
        and place in {"auth", "json", "params", "data", "cookies"}
        and not names
        and _is_url(call, module)
    ):
        return Sink(f"{_ALWAYS_TEXT[place]} are sent as text")
    return None


def _by_position(call: ast.Call, place: int, names: list[str]) -> Sink | None:
    for name in names:
        last = name.rpartition(".")[2]
        if name in _COMMANDS:
            return Sink(f"{name}() needs its arguments as text")
        if name in {"httpx.Headers", "starlette.datastructures.Headers", "httpx.Cookies"} and place == 0:
            return Sink(f"{name}() needs its values as text")
        if (
            is_http(name)
            and last == "update"
            and name.endswith((".headers.update", ".cookies.update", ".params.update"))
        ):
            return Sink("header values are sent as text")
        if (
            name.startswith(("requests.", "niquests."))
            and last in {"post", "put", "patch"}
            and place in {1, 2}
        ):
            return Sink(f"{name}() sends its body as text")
        if name == "urllib.request.Request" and place == 2:
            return Sink("header values are sent as text")
        if name in {"urllib.parse.urlencode"} and place == 0:
            return Sink("urlencode() turns values into text")
    if (
        place == 1
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in {"append", "add", "setdefault"}
        and isinstance(call.func.value, ast.Attribute)
        and call.func.value.attr == "headers"
    ):
        return Sink("header values are sent as text")
    if (
        isinstance(call.func, ast.Attribute)
        and call.func.attr == "update"
        and isinstance(call.func.value, ast.Attribute)
        and call.func.value.attr == "headers"
        and not names
    ):
        return Sink("header values are sent as text")
    return None


def _is_own(call: ast.Call, module: Module, project: Project) -> bool:
    """Whether the function is the repository's own: then its parameter decides, not its name."""
    known = project.types.of(call.func, module)
    if known is not None:
        return bool(known.path)
    if isinstance(call.func, ast.Attribute):
        owner = project.types.of(call.func.value, module)
        return owner is not None and bool(owner.path)
    return False


def _is_url(call: ast.Call, module: Module) -> bool:
    """Whether the first argument looks like an address; a cache's ``get(key)`` has none."""
    first = (
        call.args[0] if call.args else next((each.value for each in call.keywords if each.arg == "url"), None)
    )
    if isinstance(first, ast.Name):
        bindings = module.scopes.bindings(first)
        first = bindings[0].value if len(bindings) == 1 else None
    text = first.values[0] if isinstance(first, ast.JoinedStr) and first.values else first
    if isinstance(text, ast.BinOp):
        text = text.left
    if isinstance(text, ast.Constant) and isinstance(text.value, str):
        return text.value.startswith(("/", "http://", "https://"))
    return False


def header_target(target: ast.expr, module: Module, project: Project) -> Sink | None:
    """``client.headers[...] = value``, ``os.environ[...] = value``, ``response.headers[...] = value``."""
    if not isinstance(target, ast.Subscript):
        return None
    if project.types.qualified(target.value, module) == "os.environ":
        return Sink("os.environ takes text only")
    if isinstance(target.value, ast.Attribute) and target.value.attr in {"headers", "cookies"}:
        return Sink(
            "header values are sent as text" if target.value.attr == "headers" else "cookies are sent as text"
        )
    return None


def attribute_target(target: ast.expr, module: Module, project: Project) -> Sink | None:
    """``session.auth = (user, secret)``, ``client.headers = {...}`` of an HTTP library's object."""
    if not isinstance(target, ast.Attribute) or target.attr not in {"auth", "headers", "cookies", "params"}:
        return None
    owner = project.types.of(target.value, module)
    if owner is not None and not owner.path and is_http(owner.name):
        return Sink(f"{owner.name} sends {_ALWAYS_TEXT[target.attr]} as text")
    return None
