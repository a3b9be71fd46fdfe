"""How a library's function is written at one place of a file: by the import that is there, or by one that is needed."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.edits.taken_names import free_name
from codemods.engine.finding import ImportNeed, Refused

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from codemods.engine.module import Module
    from codemods.engine.names.scopes import Scope
    from codemods.engine.project import Project


@dataclass(frozen=True, slots=True)
class Spelling:
    """``text`` is what to write; ``need`` is the import that it rests on, None where the place has one of its own."""

    text: str
    need: ImportNeed | None


def spelled(
    at: ast.AST,
    module: Module,
    project: Project,
    *,
    package: str,
    attribute: str,
    same: Collection[str] = (),
    otherwise: tuple[str, ...] = (),
) -> Spelling:
    """How ``package.attribute`` is written at the node ``at``.

    ``same``: other qualified names of the very same thing (``sqlalchemy.sql.text``). ``otherwise``: names under which it
    is imported where its own means something else. An import of the name that the place sees is used; then a module
    that the file imports whole, where it takes nothing from it by name; then an import is needed. Raises Refused where
    no name is left.
    """
    scope = scope_at(at, module)
    wanted = {f"{package}.{attribute}", *same}
    for home, alias, statement in _imports(scope, module):
        name = alias.asname or alias.name
        if (
            isinstance(statement, ast.ImportFrom)
            and alias.name == attribute
            and module.scopes.lookup(name, scope) is home
            and (found := project.types.bound(name, home, module)) is not None
            and found.name in wanted
        ):
            written = "." * statement.level + (statement.module or "")
            top = home is module.scopes.module
            if top or statement.lineno < getattr(at, "lineno", 0):
                return Spelling(
                    name, ImportNeed(module.path, written, attribute, alias.asname) if top else None
                )
    whole = _whole(package, scope, module)
    if whole is not None:
        return Spelling(f"{whole.name}.{attribute}", whole)
    if module.scopes.lookup(attribute, scope) is None and not module.scopes.module.binds(attribute):
        return Spelling(attribute, ImportNeed(module.path, package, attribute))
    taken = free_name(module.tree, *otherwise)
    if taken is None:
        raise Refused(f"No patch: `{attribute}` means something else in this file.")
    return Spelling(taken, ImportNeed(module.path, package, attribute, taken))


def scope_at(node: ast.AST, module: Module) -> Scope:
    """The scope in which a node is evaluated."""
    inner = node
    for around in module.ancestors(node):
        own = module.scopes.own.get(around)
        if own is not None and not _outside(inner, around):
            return own
        inner = around
    return module.scopes.module


def _outside(inner: ast.AST, around: ast.AST) -> bool:
    """Whether a part of a definition is evaluated where the definition stands: decorators, defaults, bases."""
    if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return inner not in around.body
    return isinstance(around, ast.Lambda) and inner is around.args


def _imports(scope: Scope, module: Module) -> Iterator[tuple[Scope, ast.alias, ast.Import | ast.ImportFrom]]:
    """The imports that a scope may see, its own first."""
    home: Scope | None = scope
    while home is not None:
        for bindings in home.bindings.values():
            for binding in bindings:
                if binding.kind == "import" and isinstance(binding.node, ast.alias):
                    statement = module.parents[binding.node]
                    assert isinstance(statement, (ast.Import, ast.ImportFrom))
                    yield home, binding.node, statement
        home = home.parent


def _whole(package: str, scope: Scope, module: Module) -> ImportNeed | None:
    """The import of the whole package, where the file takes nothing else from it by name."""
    found = None
    for statement in module.tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == package and not statement.level:
            return None
        for alias in statement.names if isinstance(statement, ast.Import) else ():
            name = alias.asname or package
            if alias.name == package and module.scopes.lookup(name, scope) is module.scopes.module:
                found = ImportNeed(module.path, package, None, alias.asname)
    return found
