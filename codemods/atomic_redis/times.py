"""Spans of time until a key expires: proven to be positive, or open to doubt."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.atomic_redis.expressions import constant_number
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

_PERIOD = re.compile(
    r"ttl|expir|timeout|window|sec|period|interval|duration|lifetime|life|age|time|minute|hour|day|week|month"
    r"|delay|cooldown|lease|retention|span|validity|delta|wait|backoff|valid|keep|limit|block|ban"
    r"|^(self|cls|ex|px|ms|s)$",
    re.IGNORECASE,
)


def whole_and_positive(node: ast.expr, module: Module, project: Project, unit: str) -> bool:
    """Whether a time is proven to be one that ``SET`` takes: an ``int`` or ``timedelta`` of one ``unit`` at least."""
    found = constant_number(node, module, project)
    if found is None:
        return False
    if _is_timedelta(node, module, project):
        return found >= (0.001 if unit == "px" else 1)
    return isinstance(found, int) and found >= 1


def _is_timedelta(node: ast.expr, module: Module, project: Project) -> bool:
    found = project.types.of(node, module)
    return found is not None and found.name in {"datetime.timedelta", "datetime.timedelta()"}


def may_be_zero(node: ast.expr, module: Module, project: Project, depth: int = 0) -> bool:
    """Whether a time is computed in a way that often gives 0 or less: a difference, or a remainder of time.

    A parameter whose name doesn't say that it is a span of time may be anything.
    """
    if constant_number(node, module, project) is not None:
        return constant_number(node, module, project) <= 0  # type: ignore[operator]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "max":
        return False
    for part in walk(node):
        if isinstance(part, ast.BinOp) and isinstance(part.op, (ast.Sub, ast.Mod, ast.FloorDiv)):
            return True
        if isinstance(part, ast.Call) and not _only_converts(part):
            return True
        if isinstance(part, ast.Name) and depth < 2 and part in module.scopes.scope_of:
            scope = module.scopes.binder(part)
            bindings = scope.bindings[part.id] if scope is not None else []
            plain = part not in _bases(node)
            if (
                plain
                and any(isinstance(item.node, ast.arg) for item in bindings)
                and not _PERIOD.search(part.id)
            ):
                return True
            values = [item.value for item in bindings]
            if any(value is not None and may_be_zero(value, module, project, depth + 1) for value in values):
                return True
    return False


def _bases(node: ast.expr) -> set[ast.AST]:
    """Names that are no number themselves, or whose unit is said: ``c`` of ``c.ttl``, ``n`` of ``timedelta(days=n)``."""
    found: set[ast.AST] = set()
    for part in walk(node):
        if isinstance(part, (ast.Attribute, ast.Subscript)):
            found.add(part.value)
        elif isinstance(part, ast.Call) and (dotted(part.func) or "").endswith("timedelta"):
            found.update(walk(part))
    return found


def _only_converts(call: ast.Call) -> bool:
    last = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return last in {
        "int",
        "round",
        "ceil",
        "timedelta",
        "total_seconds",
        "min",
        "max",
        "getenv",
        "get",
        "float",
        "config",
    }
