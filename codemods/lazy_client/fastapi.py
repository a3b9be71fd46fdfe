"""The check for a missing key that a getter in a FastAPI module makes, so that its caller gets a 503."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.lazy_client.sites import Site

_NAMES = frozenset({"FastAPI", "APIRouter", "HTTPException", "Depends"})
_GETTING = frozenset({"os.getenv", "os.environ.get"})


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """``key``: text of the expression that is empty where the key is missing; ``error``: how HTTPException is written.

    ``needed``: the name under which HTTPException has to be imported, empty if the file has it. ``variable``: the
    environment variable, empty where its name is not a literal.
    """

    key: str
    error: str
    needed: str
    detail: str
    variable: str


def key_check(site: Site, module: Module, project: Project) -> KeyCheck | None:
    """The check, where the module is FastAPI's and the key is read from the environment; otherwise None."""
    if (
        site.shape not in {"plain", "wrapped"}
        or site.call is None
        or site.match is None
        or not _is_fastapi(module)
    ):
        return None
    value = _key(site)
    if value is None or not _from_environment(value, module, project):
        return None
    error, needed = _error(module, project)
    detail = f"{site.match.client.vendor} API key not configured"
    written = " ".join(module.source.segment(value).split())
    return KeyCheck(written, error, needed, detail, _variable(value, module))


def _is_fastapi(module: Module) -> bool:
    for node in module.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "fastapi" and any(alias.name in _NAMES for alias in node.names):  # fmt: skip
            return True
        if isinstance(node, ast.Import) and any(alias.name == "fastapi" for alias in node.names):
            return True
    return False


def _key(site: Site) -> ast.expr | None:
    assert site.call is not None
    assert site.match is not None
    client = site.match.client
    for keyword in site.call.keywords:
        if keyword.arg in client.keys:
            return keyword.value
    args = site.call.args
    if 0 <= client.position < len(args) and not any(isinstance(arg, ast.Starred) for arg in args):
        return args[client.position]
    return None


def _from_environment(value: ast.expr, module: Module, project: Project) -> bool:
    if isinstance(value, ast.Name):
        bindings = module.scopes.module.bindings.get(value.id, [])
        known = [binding for binding in bindings if binding.kind != "annotation"]
        return len(known) == 1 and known[0].value is not None and isinstance(known[0].value, ast.Call) and _from_environment(known[0].value, module, project)  # fmt: skip
    if not isinstance(value, ast.Call) or project.types.qualified(value.func, module) not in _GETTING:
        return False
    defaults = [*value.args[1:], *(keyword.value for keyword in value.keywords)]
    return all(isinstance(default, ast.Constant) and not default.value for default in defaults)


def _variable(value: ast.expr, module: Module) -> str:
    """The environment variable that holds the key."""
    if isinstance(value, ast.Name):
        known = [binding.value for binding in module.scopes.module.bindings.get(value.id, [])]
        value = next((found for found in known if found is not None), value)
    first = value.args[0] if isinstance(value, ast.Call) and value.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _error(module: Module, project: Project) -> tuple[str, str]:
    bound = module.scopes.module.bindings
    known = (
        project.types.bound("HTTPException", module.scopes.module, module)
        if "HTTPException" in bound
        else None
    )
    if known is not None and known.name in {
        "fastapi.HTTPException", "fastapi.exceptions.HTTPException",
        "starlette.exceptions.HTTPException",
    }:  # fmt: skip
        return "HTTPException", ""
    imported = [alias for node in module.tree.body if isinstance(node, ast.Import) for alias in node.names]
    plain = next((alias for alias in imported if alias.name == "fastapi"), None)
    from_import = any(
        isinstance(node, ast.ImportFrom) and node.module == "fastapi" for node in module.tree.body
    )
    if plain is not None and not from_import:
        return f"{plain.asname or 'fastapi'}.HTTPException", ""
    taken = any("HTTPException" in scope.bindings for scope in module.scopes.all)
    return ("FastAPIHTTPException", "FastAPIHTTPException") if taken else ("HTTPException", "HTTPException")
