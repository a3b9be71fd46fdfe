"""How a function of the standard library is written at one place of a file: ``hmac.compare_digest``, with ``import hmac``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.finding import ImportNeed
from codemods.libraries.spelling import Spelling, scope_at, spelled

if TYPE_CHECKING:
    from codemods.engine.module import Module
    from codemods.engine.names.scopes import Scope
    from codemods.engine.project import Project


def standard(at: ast.AST, module: Module, project: Project, package: str, attribute: str) -> Spelling:
    """``package.attribute`` at the node ``at``, by the package's own name where the place sees nothing else under it.

    Raises Refused where no name is left.
    """
    scope = scope_at(at, module)
    home = module.scopes.lookup(package, scope)
    if home is not None and home is not module.scopes.module and _is_local_import(package, home, at, module):
        return Spelling(f"{package}.{attribute}", None)
    by_another_name = any(
        (
            isinstance(node, ast.ImportFrom)
            and node.module == package
            and any(alias.name == attribute for alias in node.names)
        )
        or (
            isinstance(node, ast.Import)
            and any(alias.name == package and alias.asname for alias in node.names)
        )
        for node in module.tree.body
    )
    if not by_another_name and (
        home is None or (home is module.scopes.module and _is_import(package, module))
    ):
        return Spelling(f"{package}.{attribute}", ImportNeed(module.path, package))
    return spelled(at, module, project, package=package, attribute=attribute)


def _is_local_import(package: str, home: Scope, at: ast.AST, module: Module) -> bool:
    """Whether the function around has imported the package before, at the beginning of one of its blocks around ``at``."""
    bindings = home.bindings[package]
    statement = module.parents.get(bindings[0].node)
    return (
        len(bindings) == 1
        and isinstance(statement, ast.Import)
        and isinstance(bindings[0].node, ast.alias)
        and bindings[0].node.name == package
        and statement.lineno < getattr(at, "lineno", 0)
        and module.parents[statement] in {home.node, *module.ancestors(at)}
    )


def _is_import(package: str, module: Module) -> bool:
    return all(
        isinstance(binding.node, ast.alias)
        and binding.node.name.partition(".")[0] == package
        and isinstance(module.parents.get(binding.node), ast.Import)
        for binding in module.scopes.module.bindings[package]
    )
