"""Uses that put an end to a client: they must not build one first."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal

from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.project import Module

CLOSING = frozenset(
    {"close", "aclose", "disconnect", "shutdown", "quit", "stop", "dispose", "wait_closed", "terminate"}
)

Closing = Literal["no", "statement", "guarded", "odd"]


def closing(load: ast.expr, module: Module) -> tuple[Closing, ast.stmt | None]:
    """How the expression ``load`` (a client) is closed here.

    ``statement``: by a statement of its own, which is given; ``guarded``: as part of an ``if`` that tests the client and
    closes it; ``odd``: in some other way; ``no``: not at all.
    """
    guard = _guard(load, module)
    if guard is not None:
        return "guarded", guard
    call = _closing_call(load, module)
    if call is None:
        parent = module.parents.get(load)
        passed_on = isinstance(parent, ast.Attribute) and parent.attr in CLOSING
        return ("odd", None) if passed_on else ("no", None)
    statement = _own_statement(call, module)
    return ("statement", statement) if statement is not None else ("odd", None)


def _closing_call(load: ast.expr, module: Module) -> ast.Call | None:
    node: ast.AST = load
    parent = module.parents.get(node)
    while isinstance(parent, ast.Attribute) and parent.value is node:
        above = module.parents.get(parent)
        if isinstance(above, ast.Call) and above.func is parent:
            return above if parent.attr in CLOSING else None
        node, parent = parent, above
    return None


def _own_statement(call: ast.Call, module: Module) -> ast.stmt | None:
    parent = module.parents.get(call)
    if isinstance(parent, ast.Await):
        parent = module.parents.get(parent)
    return parent if isinstance(parent, ast.Expr) else None


def _guard(load: ast.expr, module: Module) -> ast.If | None:
    """The ``if client:`` or ``if client is not None:`` around a use, where its body closes that client."""
    text = ast.unparse(load)
    for parent in module.ancestors(load):
        if (
            isinstance(parent, ast.If)
            and _tests(parent.test, text)
            and not parent.orelse
            and _closes(parent, text, module)
        ):
            return parent
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return None
    return None


def _tests(test: ast.expr, text: str) -> bool:
    if (
        isinstance(test, ast.Compare)
        and len(test.ops) == 1
        and isinstance(test.ops[0], (ast.IsNot, ast.NotEq))
    ):
        comparator = test.comparators[0]
        return (
            ast.unparse(test.left) == text
            and isinstance(comparator, ast.Constant)
            and comparator.value is None
        )
    return ast.unparse(test) == text


def _closes(guard: ast.If, text: str, module: Module) -> bool:
    """Whether every statement of the body that uses the client closes it (or is about its name only)."""
    closed = False
    for statement in guard.body:
        for node in walk(statement):
            if (
                isinstance(node, (ast.Name, ast.Attribute))
                and isinstance(node.ctx, ast.Load)
                and ast.unparse(node) == text
            ):
                if _closing_call(node, module) is None:
                    return False
                closed = True
    return closed
