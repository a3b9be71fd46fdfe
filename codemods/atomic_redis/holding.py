"""By what names a client is held where it is used."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.atomic_redis.mocks import Holders

if TYPE_CHECKING:
    from codemods.engine.project import Module


def last_name(receiver: ast.expr) -> str:
    """The word nearest to the command: ``get_redis`` of ``get_redis()``, ``state`` attributes' own name."""
    match receiver:
        case ast.Await(value=inner):
            return last_name(inner)
        case ast.Call(func=inner):
            return last_name(inner)
        case ast.Attribute(attr=attr):
            return attr
        case ast.Name(id=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str() as text)):
            return text
    return ""


def holders(receiver: ast.expr, module: Module) -> Holders:
    """How a test would put another client in this one's place."""
    from codemods.atomic_redis.callers import parameter

    passed = parameter(receiver, module)
    called = passed[2] if passed is not None else ""
    found = [last_name(receiver)]
    if isinstance(receiver, ast.Name) and receiver in module.scopes.scope_of:
        for binding in module.scopes.bindings(receiver):
            if isinstance(binding.node, ast.arg):
                return Holders((), called)
            if binding.value is not None:
                found.append(last_name(binding.value))
    return Holders(tuple(dict.fromkeys(name for name in found if name)), called)
