"""The arguments of calls, by place and by name."""

from __future__ import annotations

import ast


def last(func: ast.expr) -> str:
    """The last part of what is called; empty for anything computed."""
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def at(call: ast.Call, place: int) -> ast.expr | None:
    """The positional argument at a place."""
    return call.args[place] if place < len(call.args) else None


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The argument of a name."""
    return next((each.value for each in call.keywords if each.arg == name), None)


def first(call: ast.Call, name: str) -> ast.expr | None:
    """The first argument, which may be given by its name."""
    return at(call, 0) or keyword(call, name)
