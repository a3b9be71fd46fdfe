"""The name that SQLAlchemy gives to the index of ``index=True``."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.names.facts import dotted

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

_DEFAULT = "ix_%(column_0_label)s"
_LONGEST = 60
"""PostgreSQL's names have 63 bytes, MySQL's 64 characters; SQLAlchemy shortens longer ones of its own by a hash."""
_TOKEN = re.compile(r"%\((\w+)\)s")


def index_name(table: str, schema: str, column: str, project: Project) -> str | None:
    """The index's name, by the convention of the repository's metadata; None where that is not certain."""
    templates = project.kept(_templates)
    if not templates:
        return None
    label = f"{schema.replace('.', '_')}_{table}_{column}" if schema else f"{table}_{column}"
    values = {"table_name": table, "column_0_label": label}
    values |= dict.fromkeys(["column_0_name", "column_0_N_name", "column_0N_name"], column)
    names = set()
    for template in templates:
        if any(token not in values for token in _TOKEN.findall(template)):
            return None
        names.add(_TOKEN.sub(lambda found: values[found[1]], template))
    name = next(iter(names)) if len(names) == 1 else ""
    return name if name and len(name) <= _LONGEST else None


def _templates(project: Project) -> list[str]:
    """Every way in which the repository's metadata may name an index; empty where one of them can't be read."""
    found: set[str] = set()
    plain = 0
    bases = {*project.containing(b"DeclarativeBase"), *project.containing(b"declarative_base(")}
    bases = {path for path in bases if not is_test(path)}
    made = {*project.containing(b"naming_convention"), *project.containing(b"MetaData(")}
    for path in sorted(made | bases):
        module = None if is_test(path) else project.module(path)
        for call in module.nodes(ast.Call) if module is not None else ():
            named = {keyword.arg: keyword.value for keyword in call.keywords}
            if (dotted(call.func) or "").rpartition(".")[
                2
            ] != "MetaData" and "naming_convention" not in named:
                continue
            if "schema" in named or None in named or len(call.args) > 1:
                return []
            if "naming_convention" in named:
                template = _of(named["naming_convention"], module)
                if template is None:
                    return []
                found.add(template)
            else:
                plain += 1
    return sorted(found | {_DEFAULT} if plain or len(bases) > 1 or not found else found)


def _of(node: ast.expr, module: Module | None) -> str | None:
    """The template for indexes in a naming convention."""
    if module is not None and isinstance(node, ast.Name) and node in module.scopes.scope_of:
        bindings = module.scopes.bindings(node)
        if len(bindings) == 1 and bindings[0].value is not None:
            node = bindings[0].value
    if not isinstance(node, ast.Dict):
        return None
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and key.value == "ix":
            return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
    return None
