"""What SQL an expression holds, and what ``text()`` would read in it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.names.index import Found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codemods.engine.project import Module, Project

_BIND = re.compile(r"(?<![:\w\\]):(\w+)(?![:\w])")
"""What ``text()`` reads as a bind parameter: SQLAlchemy's own pattern."""
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|(\$\w*\$).*?\1", re.DOTALL)
_DEEPEST = 8
_POSITIONAL = re.compile(r"%s|%\(\w+\)s|\?|\$\d")


@dataclass(frozen=True, slots=True)
class Statement:
    """The SQL of an expression that is proven to be a string.

    ``texts``: all the literals that it may be made of, in any order; None where it is computed.
    """

    texts: tuple[str, ...] | None


def statement_of(
    node: ast.expr, module: Module, project: Project, seen: frozenset[tuple[str, int, str]] = frozenset()
) -> Statement | None:
    """The SQL that an expression holds; None where it is not proven to be a string.

    ``seen``: the variables that led here, which may be made of one another.
    """
    match node:
        case ast.Constant(value=str() as text):
            return Statement((text,))
        case ast.JoinedStr():
            fixed = [part.value for part in node.values if isinstance(part, ast.Constant)]
            return Statement((str("".join(map(str, fixed))),) if len(fixed) == len(node.values) else None)
        case ast.BinOp(op=ast.Add()):
            parts = [statement_of(part, module, project, seen) for part in (node.left, node.right)]
            return _added(parts) if any(parts) else None
        case ast.BinOp(op=ast.Mod(), left=left):
            return Statement(None) if statement_of(left, module, project, seen) else None
        case ast.IfExp():
            parts = [statement_of(part, module, project, seen) for part in (node.body, node.orelse)]
            return _joined(parts) if all(parts) else None
        case ast.Call(func=ast.Attribute(value=base, attr=attr)):
            known = statement_of(base, module, project, seen)
            if known is None or attr not in {
                "format",
                "join",
                "replace",
                "strip",
                "format_map",
                "lstrip",
                "rstrip",
            }:
                return None
            return known if attr.endswith("strip") and not node.args else Statement(None)
        case ast.Name():
            return _of_name(node, module, project, seen)
    return None


def _of_name(
    node: ast.Name, module: Module, project: Project, seen: frozenset[tuple[str, int, str]]
) -> Statement | None:
    """A variable that every binding in sight makes a string."""
    if node not in module.scopes.scope_of:
        return None
    scope = module.scopes.binder(node)
    if scope is None:
        return None
    variable = (module.path, id(scope), node.id)
    if variable in seen or len(seen) > _DEEPEST:
        return Statement(None)
    seen |= {variable}
    found: list[Statement | None] = []
    for binding in scope.bindings[node.id]:
        if binding.kind == "annotation":
            continue
        if isinstance(binding.node, ast.alias):
            found.append(_imported(binding.node, module, project, seen))
            continue
        value = binding.value
        if binding.kind == "augmented" and isinstance(binding.node, ast.AugAssign):
            value = binding.node.value
        if value is None or binding.kind not in {"assign", "augmented"}:
            return None
        if isinstance(value, ast.Name) and value.id == node.id:
            return None
        if any(isinstance(part, ast.Name) and part.id == node.id for part in ast.walk(value)):
            found.append(Statement(None))
            continue
        found.append(statement_of(value, module, project, seen))
    return _joined(found) if found and all(found) else None


def _imported(
    alias: ast.alias, module: Module, project: Project, seen: frozenset[tuple[str, int, str]]
) -> Statement | None:
    """A constant of another file, which that file binds to strings only."""
    statement = module.parents[alias]
    if not isinstance(statement, ast.ImportFrom):
        return None
    target = project.index.imported_file(module.path, statement.module, statement.level)
    if target is None:
        return None
    answer = project.index.attribute(target, [alias.name], project.layout.name(target))
    home = project.module(answer.path) if isinstance(answer, Found) else None
    if not isinstance(answer, Found) or home is None:
        return None
    found = [
        statement_of(binding.value, home, project, seen)
        if binding.kind == "assign" and binding.value is not None
        else None
        for binding in home.scopes.module.bindings.get(answer.name, [])
        if binding.kind != "annotation"
    ]
    return _joined(found) if found and all(found) else None


def _joined(parts: Sequence[Statement | None]) -> Statement:
    texts: list[str] = []
    for part in parts:
        if part is None or part.texts is None:
            return Statement(None)
        texts += part.texts
    return Statement(tuple(texts))


def _added(parts: Sequence[Statement | None]) -> Statement:
    """The strings of a sum, one behind the other; where a part has several, each by itself."""
    joined = _joined(parts)
    alone = joined.texts is not None and all(
        part is not None and part.texts is not None and len(part.texts) == 1 for part in parts
    )
    return Statement(("".join(joined.texts),)) if alone and joined.texts is not None else joined


def binds_in(text: str) -> set[str]:
    """The bind parameters that ``text()`` reads outside of quotes and comments."""
    return set(_BIND.findall(_QUOTED.sub(" '' ", text)))


def misread(text: str) -> str | None:
    """What ``text()`` would take for a bind parameter although it stands in quotes or in a comment; None for nothing."""
    for quoted in _QUOTED.finditer(text):
        found = _BIND.search(quoted.group())
        if found is not None:
            return found.group()
    return None


def positional(text: str) -> str | None:
    """The first placeholder of a driver's own (``%s``, ``?``, ``$1``); None where there is none."""
    found = _POSITIONAL.search(_QUOTED.sub(" '' ", text))
    return found.group() if found else None
