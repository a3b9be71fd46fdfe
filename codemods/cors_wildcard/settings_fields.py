"""The application's settings: a list of origins that they hold already, and what a field's default is."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.libraries.spelling import scope_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.inference.type_model import Type
    from codemods.engine.names.scopes import Scope
    from codemods.engine.project import Module, Project

_BASES = {
    "pydantic_settings.BaseSettings", "pydantic.BaseSettings", "pydantic.v1.BaseSettings",
    "pydantic.env_settings.BaseSettings", "pydantic_settings.main.BaseSettings",
}  # fmt: skip
_ORIGINS = re.compile(r"(?=.*(?:cors|allow))\w*origins(?:_list)?$", re.IGNORECASE)
_LISTS = {"builtins.list", "typing.List", "builtins.set", "builtins.tuple", "typing.Set", "typing.Sequence"}
_URLS = {"AnyHttpUrl", "HttpUrl", "AnyUrl"}


def origins_field(at: ast.expr, module: Module, project: Project) -> str | None:
    """The expression for a list of origins in settings that this place can see: ``settings.cors_origins``."""
    here = scope_at(at, module)
    scope: Scope | None = here
    while scope is not None:
        for name, bindings in scope.bindings.items():
            if not re.search(r"settings|config|cfg", name, re.IGNORECASE) or len(bindings) != 1:
                continue
            if module.scopes.lookup(name, here) is not scope:
                continue
            if scope is here and getattr(bindings[0].node, "lineno", 0) >= at.lineno:
                continue
            found = project.types.bound(name, scope, module)
            if found is None or found.kind != "instance" or found.optional or not found.path:
                continue
            field = _field(found, project)
            if field is not None:
                return _written(name, *field)
        scope = scope.parent
    return None


def _written(name: str, field: str, element: str) -> str:
    if element in _URLS:  # an URL ends in a slash, an origin does not
        return f'[str(origin).rstrip("/") for origin in {name}.{field}]'
    return f"{name}.{field}"


def _field(found: Type, project: Project) -> tuple[str, str] | None:
    """A list of origins among the fields and properties, and the type of what is in it."""
    if not _BASES & set(project.types.ancestry(found)):
        return None
    definition = project.types.class_def(found)
    for module, node in [definition] if definition is not None else []:
        for name, annotation, default in _members(node):
            if not _ORIGINS.search(name) or (default is not None and _has_star(default)):
                continue
            stated = project.types.annotation(annotation, module)
            if stated is None or stated.optional or stated.name not in _LISTS:
                continue
            element = stated.args[0].name if stated.args else "builtins.str"
            if element == "builtins.str" or element.rpartition(".")[2] in _URLS:
                return name, element.rpartition(".")[2]
    return None


def _members(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr, ast.expr | None]]:
    for statement in node.body:
        if (
            isinstance(statement, ast.FunctionDef)
            and statement.returns is not None
            and statement.decorator_list
        ):
            marks = {ast.unparse(mark).rpartition(".")[2] for mark in statement.decorator_list}
            if "property" in marks or "cached_property" in marks:
                yield statement.name, statement.returns, None
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id, statement.annotation, statement.value


def _has_star(default: ast.expr) -> bool:
    return any(isinstance(part, ast.Constant) and part.value == "*" for part in ast.walk(default))


def default_of(node: ast.Attribute, module: Module, project: Project) -> ast.expr | None:
    """The default of a settings field that an expression reads; None where it is no such field."""
    base = project.types.of(node.value, module)
    if (
        base is None
        or base.kind != "instance"
        or not base.path
        or not _BASES & set(project.types.ancestry(base))
    ):
        return None
    definition = project.types.class_def(base)
    for statement in definition[1].body if definition is not None else []:
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and statement.target.id == node.attr
        ):
            value = statement.value
            if isinstance(value, ast.Call):
                given = [keyword.value for keyword in value.keywords if keyword.arg == "default"]
                value = next(iter([*given, *value.args[:1]]), None)
            return value
    return None
