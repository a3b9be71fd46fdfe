"""Expressions that are proven to be text or bytes, beyond what types tell: request headers, form fields, environment."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.inference.definitions import default_of
from codemods.engine.names.facts import dotted

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

_TEXT_METHODS = {
    "strip", "lstrip", "rstrip", "lower", "upper", "casefold", "title", "removeprefix", "removesuffix", "hexdigest",
    "zfill", "decode", "format",
}  # fmt: skip
_REQUEST_MAPS = {
    "headers",
    "cookies",
    "query_params",
    "path_params",
    "META",
    "GET",
    "POST",
    "args",
    "form",
    "environ",
}
_TEXT_CALLS = {"os.getenv()", "os.environ.get()", "json.dumps()", "secrets.token_urlsafe()", "secrets.token_hex()", "getpass.getpass()", "builtins.input()"}  # fmt: skip
_SECURITY_TEXT = {
    "fastapi.security.HTTPAuthorizationCredentials.credentials", "fastapi.security.HTTPAuthorizationCredentials.scheme",
    "fastapi.security.HTTPBasicCredentials.username", "fastapi.security.HTTPBasicCredentials.password",
    "fastapi.security.OAuth2PasswordRequestForm.username", "fastapi.security.OAuth2PasswordRequestForm.password",
    "fastapi.security.oauth2.OAuth2PasswordRequestForm.password", "fastapi.security.OAuth2PasswordRequestForm.client_secret",
}  # fmt: skip
_PARAMETERS = {"Header", "Query", "Cookie", "Form", "Path"}
_KEYS = (
    "APIKeyHeader",
    "APIKeyQuery",
    "APIKeyCookie",
    "OAuth2PasswordBearer",
    "OAuth2AuthorizationCodeBearer",
)


def is_text(node: ast.expr, module: Module, project: Project) -> bool:
    """Whether an expression is proven to be ``str`` (or None)."""
    match node:
        case ast.JoinedStr():
            return True
        case ast.Constant(value=value):
            return isinstance(value, str)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return is_text(left, module, project) or is_text(right, module, project)
        case ast.BinOp(op=ast.Mod(), left=left):
            return is_text(left, module, project)
        case ast.BoolOp(op=ast.Or(), values=values):
            return all(is_text(each, module, project) for each in values)
        case ast.IfExp(body=body, orelse=orelse):
            return is_text(body, module, project) and is_text(orelse, module, project)
        case ast.NamedExpr(value=value):
            return is_text(value, module, project)
    found = project.types.of(node, module)
    if found is not None and found.kind == "instance" and not found.path:
        if found.name == "builtins.str" or found.name in _TEXT_CALLS or found.name in _SECURITY_TEXT:
            return True
        if found.name.endswith(".get_secret_value()"):
            return "SecretBytes" not in found.name
    return _shaped_like_text(node, module, project)


def _shaped_like_text(node: ast.expr, module: Module, project: Project) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=attr)):
            if attr in {"get", "getlist"}:
                return _is_request_map(value)
            return attr in _TEXT_METHODS and not _may_be_bytes(value, module, project)
        case ast.Subscript(
            value=ast.Call(func=ast.Attribute(attr="split" | "rsplit" | "partition" | "rpartition"))
        ):
            return True
        case ast.Subscript() if _is_answer(node):
            return True
        case ast.Subscript(value=value):
            return _is_request_map(value) or is_text(value, module, project)
        case ast.Name():
            return _is_request_parameter(node, module, project)
    return False


def _is_answer(node: ast.expr) -> bool:
    """A part of ``response.json()``: whatever it is, it is no secret."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "json"
        and not node.args
        and not node.keywords
    )


def _may_be_bytes(value: ast.expr, module: Module, project: Project) -> bool:
    found = project.types.of(value, module)
    return found is not None and (found.name == "builtins.bytes" or bool(found.path))


def _is_request_map(node: ast.expr) -> bool:
    if (dotted(node) or "") == "os.environ":
        return True
    return (
        isinstance(node, ast.Attribute)
        and node.attr in _REQUEST_MAPS
        and not isinstance(node.value, ast.Call)
    )


def _is_request_parameter(node: ast.Name, module: Module, project: Project) -> bool:
    """A parameter that FastAPI fills with text: ``x_api_key=Header()``, ``key=Security(APIKeyHeader(...))``."""
    bindings = module.scopes.bindings(node)
    if not bindings:
        return False
    if all(
        binding.kind == "assign" and binding.value is not None and not _mentions(binding.value, node.id)
        for binding in bindings
    ):
        return (
            len(bindings) == 1
            and bindings[0].value is not None
            and _shaped_like_text(bindings[0].value, module, project)
        )
    if len(bindings) != 1 or not isinstance(bindings[0].node, ast.arg):
        return False
    argument = bindings[0].node
    scope = module.scopes.binder(node)
    function = scope.node if scope is not None else None
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) or argument.annotation is not None:
        return False
    default = default_of(function, argument)
    if not isinstance(default, ast.Call):
        return False
    last = (dotted(default.func) or "").rpartition(".")[2]
    if last in _PARAMETERS:
        return True
    if last in {"Security", "Depends"} and default.args:
        found = project.types.of(default.args[0], module)
        return found is not None and found.kind == "instance" and found.last in _KEYS
    return False


def _mentions(value: ast.expr, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(value))


def is_bytes(node: ast.expr, module: Module, project: Project) -> bool:
    """Whether an expression is proven to be ``bytes``."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, bytes)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "encode":
        return True
    found = project.types.of(node, module)
    return found is not None and found.kind == "instance" and found.name == "builtins.bytes"
