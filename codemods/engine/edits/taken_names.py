"""Which names a file uses, so that new code takes none of them."""

from __future__ import annotations

import ast
import builtins
import keyword

_BUILTIN = frozenset(dir(builtins))


def names_in_use(tree: ast.AST) -> set[str]:
    """Every name that is bound, read or declared anywhere in ``tree``; attributes after a dot are none."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            found.update(node.names)
        elif isinstance(node, ast.MatchMapping):
            found.update([node.rest] if node.rest else [])
        else:
            name = getattr(
                node, "name", None
            )  # definitions, except handlers, match captures, type parameters
            if isinstance(name, str):
                found.add(name)
    return found


def free_name(tree: ast.AST, *candidates: str) -> str | None:
    """The first of ``candidates`` that ``tree`` does not use and that is no keyword or builtin; None if all are taken."""
    used = names_in_use(tree)
    return next(
        (
            name
            for name in candidates
            if name not in used and name not in _BUILTIN and not keyword.iskeyword(name)
        ),
        None,
    )
