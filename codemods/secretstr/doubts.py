"""Why a field or a parameter that is declared a secret may hold something else at run time."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.names.facts import dotted
from codemods.secretstr.kinds import secret_type
from codemods.secretstr.reads import uses_of
from codemods.secretstr.texts import is_text
from codemods.secretstr.trust import configurations, owner_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.inference.definitions import Function
    from codemods.engine.inference.type_model import Type
    from codemods.engine.project import Module, Project

_SETTINGS = {"pydantic_settings.BaseSettings", "pydantic.BaseSettings", "pydantic.v1.BaseSettings", "pydantic_settings.main.BaseSettings"}  # fmt: skip
_VALIDATORS = {"field_validator", "validator", "root_validator", "model_validator"}


def holds_no_secret(node: ast.expr, module: Module, project: Project) -> bool:
    """Whether the declaration is known to be untrue: a parameter before validation, a field that a validator unwraps."""
    if isinstance(node, ast.Name):
        return _before_validation(node, module)
    owned = owner_of(node, module, project)
    return owned is not None and _unwrapped_by_validator(*owned, project)


def doubt_about(node: ast.expr, module: Module, project: Project) -> str | None:
    """Why the expression may be plain text after all, in words; None where nothing says so."""
    if isinstance(node, ast.Name):
        return _plain_argument(node, module, project)
    owned = owner_of(node, module, project)
    if owned is None:
        return None
    return _plain_default(*owned, project) or _plain_construction(*owned, project)


def _before_validation(node: ast.Name, module: Module) -> bool:
    """A validator that runs before pydantic has made the secret, or instead of it."""
    bindings = module.scopes.bindings(node)
    if len(bindings) != 1 or not isinstance(bindings[0].node, ast.arg):
        return False
    scope = module.scopes.binder(node)
    function = scope.node if scope is not None else None
    for mark in getattr(function, "decorator_list", ()):
        if isinstance(mark, ast.Call) and (dotted(mark.func) or "").rpartition(".")[2] in _VALIDATORS:
            text = ast.unparse(mark)
            if re.search(r"mode='(?:before|plain|wrap)'|pre=True", text):
                return True
    return False


def _unwrapped_by_validator(owner: Type, name: str, project: Project) -> bool:
    """``@field_validator("key")`` that returns ``value.get_secret_value()``."""
    for _, node in project.types.classes.lineage(owner):
        for part in node.body:
            if not isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            for mark in part.decorator_list:
                text = ast.unparse(mark)
                if "validator" in text and (f"'{name}'" in text or "'*'" in text) and _returns_text(part):
                    return True
    return False


def _returns_text(function: Function) -> bool:
    return any(
        isinstance(part, ast.Return)
        and isinstance(part.value, ast.Call)
        and isinstance(part.value.func, ast.Attribute)
        and part.value.func.attr == "get_secret_value"
        for part in ast.walk(function)
    )


def _plain_default(owner: Type, name: str, project: Project) -> str | None:
    """A default that is plain text, which pydantic validates in settings only."""
    for module, node in project.types.classes.lineage(owner):
        for part in node.body:
            if not (
                isinstance(part, ast.AnnAssign)
                and isinstance(part.target, ast.Name)
                and part.target.id == name
            ):
                continue
            default = _default(part.value)
            if default is None or not (
                isinstance(getattr(default, "value", None), bytes) or is_text(default, module, project)
            ):
                return None
            if set(project.types.ancestry(owner)) & _SETTINGS or _validates(part.value, owner, project):
                return None
            return (
                f"the default at {module.path}:{part.lineno} is plain text, which pydantic does not validate: "
                "without a value the field holds a str"
            )
    return None


def _default(value: ast.expr | None) -> ast.expr | None:
    """The default of a field, from ``Field(...)`` and a factory too."""
    if not isinstance(value, ast.Call) or (dotted(value.func) or "").rpartition(".")[2] not in {
        "Field",
        "field",
    }:
        return value
    for keyword in value.keywords:
        if keyword.arg == "default":
            return keyword.value
        if keyword.arg == "default_factory" and isinstance(keyword.value, ast.Lambda):
            return keyword.value.body
    return value.args[0] if value.args else None


def _validates(value: ast.expr | None, owner: Type, project: Project) -> bool:
    texts = [*configurations(owner, project), *([ast.unparse(value)] if value is not None else [])]
    return any(
        re.search(r"validate_default['\"]?\s*[=:]\s*True|validate_all\s*=\s*True", text) for text in texts
    )


def _plain_construction(owner: Type, name: str, project: Project) -> str | None:
    """A dataclass or plain class that is built with text, or a model that is built without validation."""
    short = owner.last
    validated = any(base.startswith(("pydantic", "sqlmodel")) for base in project.types.ancestry(owner))
    for path in project.containing(short.encode(), name.encode()):
        if validated and b"model_construct" not in project.read(path):
            continue
        module = project.module(path)
        for node in ast.walk(module.tree) if module is not None else ():
            if module is None or not isinstance(node, ast.Call):
                continue
            value = next((each.value for each in node.keywords if each.arg == name), None)
            if value is None:
                continue
            func = node.func
            if isinstance(func, ast.Attribute) and func.attr in {"model_construct", "construct"}:
                func = func.value
            elif validated:
                continue
            if project.types.qualified(func, module) == owner.name and is_text(value, module, project):
                return f"{path}:{value.lineno} builds {short} with plain text, unvalidated"
    return None


def _plain_argument(node: ast.Name, module: Module, project: Project) -> str | None:
    """A caller that gives text for a parameter that is declared a secret; a default that is text."""
    bindings = module.scopes.bindings(node)
    if len(bindings) != 1 or not isinstance(bindings[0].node, ast.arg):
        return None
    scope = module.scopes.binder(node)
    function = scope.node if scope is not None else None
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    for other, value in _given(function, node.id, module, project):
        if is_text(value, other, project) and secret_type(project.types.of(value, other), project) is None:
            return f"{other.path}:{value.lineno} gives plain text for {node.id}"
    return None


def _given(
    function: Function, name: str, module: Module, project: Project
) -> Iterator[tuple[Module, ast.expr]]:
    """What callers hand over for a parameter, and its default."""
    positional = [*function.args.posonlyargs, *function.args.args]
    names = [each.arg for each in positional]
    if isinstance(module.parents.get(function), ast.ClassDef) and names[:1] and names[0] in {"self", "cls"}:
        names = names[1:]
    for other, call in uses_of(function, module, project):
        inner = call.value if isinstance(call, ast.Await) else call
        if not isinstance(inner, ast.Call):
            continue
        for keyword in inner.keywords:
            if keyword.arg == name:
                yield other, keyword.value
        if name in names and names.index(name) < len(inner.args):
            before = inner.args[: names.index(name) + 1]
            if not any(isinstance(each, ast.Starred) for each in before):
                yield other, before[-1]
