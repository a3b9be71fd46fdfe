"""What becomes of a value: the name of the secret that it is made for, if it is one."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.libraries.secret_names import is_distinct, kind_of, words

if TYPE_CHECKING:
    from codemods.engine.project import Module

_MAKES = {
    "create",
    "gen",
    "generate",
    "generated",
    "generator",
    "issue",
    "make",
    "mint",
    "new",
    "rand",
    "random",
    "randomize",
}
_NO_SECRET = {
    "anonymized", "bench", "benchmark", "boundary", "demo", "dummy", "example", "fake", "fixture", "mock", "placeholder", "playground",
    "sample", "seed", "simulate", "simulated", "simulation", "test",
}  # fmt: skip
_THROUGH = (
    ast.BinOp, ast.JoinedStr, ast.FormattedValue, ast.ListComp, ast.GeneratorExp, ast.comprehension, ast.List, ast.Tuple,
    ast.Starred, ast.IfExp, ast.Await,
)  # fmt: skip
_THROUGH_CALLS = {
    "str",
    "list",
    "tuple",
    "int",
    "hex",
    "format",
    "bytes",
    "repr",
    "map",
    "hash",
    "reversed",
    "round",
    "floor",
}
_THROUGH_METHODS = {
    "join", "zfill", "format", "encode", "decode", "hexdigest", "upper", "lower", "rjust", "ljust", "hex", "to_bytes", "b64encode",
    "urlsafe_b64encode", "append", "extend", "strip", "rstrip", "lstrip", "sha256", "sha1", "md5", "sha512", "update", "new", "floor",
}  # fmt: skip
_SECRET_KINDS = {"password", "secret", "key", "token", "code"}


def secret_made(node: ast.expr, module: Module) -> str | None:
    """The name that says that the value of ``node`` is (a part of) a secret; None where nothing does.

    It is the variable, attribute, dictionary key or argument that the value goes into, or the function that returns it.
    """
    inner: ast.AST = node
    for around in module.ancestors(node):
        match around:
            case ast.Assign(targets=targets):
                named = [name for target in targets for name in _targets(target)]
                return _first(named) or _function(around, named, module)
            case ast.AnnAssign(target=target) | ast.AugAssign(target=target) | ast.NamedExpr(target=target):
                named = list(_targets(target))
                return _first(named) or _function(around, named, module)
            case ast.Return():
                return _function(around, [], module)
            case ast.keyword(arg="default" | "default_factory") if isinstance(inner, ast.Lambda):
                pass
            case ast.keyword(arg=str() as name):
                return _first([name])
            case ast.Dict(keys=keys, values=values) if inner in values:
                key = keys[values.index(inner)] if isinstance(inner, ast.expr) else None
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    return _first([key.value])
                return None
            case ast.Call(func=func) if isinstance(inner, ast.keyword):
                if not _named(func).lower().endswith(("field", "column")):
                    return None
            case ast.Call(func=func):
                if not _goes_on(func) and inner is not func:
                    return None
                if (
                    isinstance(func, ast.Attribute)
                    and func.attr in {"append", "extend"}
                    and inner is not func
                ):
                    return _first(list(_targets(func.value))) or _function(
                        around, list(_targets(func.value)), module
                    )
            case ast.Attribute() | ast.Subscript() | ast.Lambda():
                pass
            case _ if isinstance(around, _THROUGH):
                pass
            case _:
                return None
        inner = around
    return None


def is_pretence(path: str, module: Module, node: ast.AST) -> bool:
    """Whether the place makes up data: mocks, demonstrations, simulations, fixtures."""
    said = set(words(path.rpartition(".")[0]))
    for around in module.ancestors(node):
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            said |= set(words(around.name))
    return bool(_NO_SECRET.intersection(said)) or "faker" in said or "factories" in said


def _goes_on(func: ast.expr) -> bool:
    return (isinstance(func, ast.Name) and func.id in _THROUGH_CALLS | _THROUGH_METHODS) or (
        isinstance(func, ast.Attribute) and func.attr in _THROUGH_METHODS | {"choice", "choices"}
    )


def _named(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _targets(target: ast.expr) -> list[str]:
    if isinstance(target, ast.Name):
        return [target.id]
    if isinstance(target, ast.Attribute):
        return [target.attr]
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return [str(target.slice.value)]
    return []


def _first(names: list[str]) -> str | None:
    return next((name for name in names if _means_secret(name)), None)


def _means_secret(name: str) -> bool:
    """``token`` alone counts here: what is drawn at random is no parser's."""
    return kind_of(name) in _SECRET_KINDS and (
        is_distinct(name) or words(name)[-1] in {"token", "csrf", "xsrf", "jwt"}
    )


def _function(at: ast.AST, named: list[str], module: Module) -> str | None:
    """The function around, if it is there to make a secret, and the value is what it returns."""
    function = module.function(at)
    if function is None or not _MAKES.intersection(words(function.name)):
        return None
    made = [word for word in words(function.name) if word not in _MAKES]
    if not _means_secret(function.name) and not _means_secret("_".join(made)):
        return None
    if not named:
        return function.name
    for part in ast.walk(function):
        if isinstance(part, (ast.Return, ast.Yield)) and part.value is not None:
            for name in ast.walk(part.value):
                if isinstance(name, ast.Name) and name.id in named:
                    return function.name
    return None
