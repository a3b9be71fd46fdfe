"""Whether an argument reads the environment or the application's settings."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.names.facts import dotted
from codemods.engine.names.index import Found

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

_DEPTH = 4


def reads_settings(call: ast.Call, module: Module, project: Project, depth: int = 0) -> bool:
    """Whether any argument of ``call`` is more than literals and constants."""
    values = [*call.args, *(item.value for item in call.keywords)]
    return any(_reads(value, module, project, depth) for value in values)


def _reads(value: ast.expr, module: Module, project: Project, depth: int) -> bool:
    if depth > _DEPTH:
        return False
    match value:
        case ast.Constant():
            return False
        case ast.Name():
            return _name_reads(value, module, project, depth)
        case ast.Attribute():
            # ``settings.REDIS_URL``, ``Config.Data.URL``, ``config.url``: an attribute of anything but a literal.
            return dotted(value) is None or not _is_constant_of_module(value, module, project, depth)
        case ast.Call():
            name = dotted(value.func) or ""
            if name.rpartition(".")[2] in {"getenv", "get", "env", "config", "str", "int"} and not value.args:
                return False
            if name in {"int", "str", "bool", "float"} or name.rpartition(".")[2][:1].isupper():
                return reads_settings(value, module, project, depth + 1)
            if name in {"dict", "timedelta", "datetime.timedelta", "ssl.create_default_context"}:
                return reads_settings(value, module, project, depth + 1)
            if name.rpartition(".")[2] in {"from_url"}:
                return reads_settings(value, module, project, depth + 1)
            return True
        case ast.Lambda():
            return False
    return any(
        _reads(child, module, project, depth + 1)
        for child in ast.iter_child_nodes(value)
        if isinstance(child, ast.expr)
    )


def _name_reads(node: ast.Name, module: Module, project: Project, depth: int) -> bool:
    if node not in module.scopes.scope_of:
        return False
    for binding in module.scopes.bindings(node):
        if isinstance(binding.node, ast.alias):
            statement = module.parents.get(binding.node)
            if not isinstance(statement, ast.ImportFrom):
                continue
            answer = _imported(statement, binding.node, module, project)
            if answer is None or _value_reads(answer, project, depth):
                return True
        elif binding.value is None or _reads(binding.value, module, project, depth + 1):
            return True
    return False


def _imported(statement: ast.ImportFrom, alias: ast.alias, module: Module, project: Project) -> Found | None:
    path = project.index.imported_file(module.path, statement.module, statement.level)
    if path is None:
        return None
    answer = project.index.attribute(path, [alias.name], project.layout.name(path))
    return answer if isinstance(answer, Found) else None


def _value_reads(answer: Found, project: Project, depth: int) -> bool:
    if answer.kind != "value":
        return answer.kind not in {"function", "class", "module"}
    home = project.module(answer.path)
    bindings = home.scopes.module.bindings.get(answer.name, []) if home is not None else []
    if home is None or not bindings:
        return True
    return any(
        binding.value is None or _reads(binding.value, home, project, depth + 1)
        for binding in bindings
        if binding.kind != "annotation"
    )


def _is_constant_of_module(node: ast.Attribute, module: Module, project: Project, depth: int) -> bool:
    """``constants.URL`` where the repository's own module ``constants`` holds a literal; also a library's names."""
    base = project.types.of(node.value, module)
    if base is not None and base.kind == "external":
        return not (base.name == "os" or base.name.startswith(("os.", "django.conf", "flask", "dynaconf")))
    if base is None or base.kind != "module" or not base.path:
        return False
    answer = project.index.attribute(base.path, [node.attr], base.name)
    return isinstance(answer, Found) and not _value_reads(answer, project, depth)
