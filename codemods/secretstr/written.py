"""Secrets that become part of a text: f-strings, ``%``, ``format`` and ``str()``."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.secretstr.flow import Goes, ending, evident
from codemods.secretstr.guards import same
from codemods.secretstr.use import Use

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.secretstr.places import Secret

_PERCENT = re.compile(
    r"%(?:\((?P<key>[^)]*)\))?[#0\- +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<kind>[a-zA-Z%])"
)


def outer_text(node: ast.AST, module: Module) -> ast.JoinedStr | None:
    """The outermost f-string around a placeholder (a format specification is an f-string of its own)."""
    found: ast.JoinedStr | None = None
    current = module.parents.get(node)
    while isinstance(current, (ast.JoinedStr, ast.FormattedValue)):
        if isinstance(current, ast.JoinedStr):
            found = current
        if isinstance(current, ast.FormattedValue) and current.conversion == 114:
            return None
        current = module.parents.get(current)
    return found


def written_out(text: ast.expr, secret: Secret, module: Module, project: Project, how: str) -> Use | None:
    """The secret becomes part of ``text``, as its mask."""
    if _masked_on_purpose(secret, module):
        return None
    end = ending(text, module, project)
    if end.goes in {Goes.SHOWN, Goes.NOWHERE}:
        return None
    if end.goes is Goes.TEXT:
        return Use(f"{how} writes it out, and {end.what}", "masks")
    if evident(text):
        return Use(f"{how} writes it into a text that a machine reads", "masks")
    return Use(
        f"{how} writes it out",
        "masks",
        certain=False,
        note="Where this text goes could not be followed to its end; if people read it there, keep the mask.",
    )


def _masked_on_purpose(secret: Secret, module: Module) -> bool:
    """Whether the function unwraps the very same secret on another path, or serializes it: the mask is a choice."""
    function = module.function(secret.node)
    if function is None:
        return False
    if any("serializer" in ast.unparse(mark) for mark in function.decorator_list):
        return True
    returned = any(isinstance(around, ast.Return) for around in module.ancestors(secret.node))
    return returned and any(
        isinstance(part, ast.Attribute) and part.attr == "get_secret_value" and same(part.value, secret.node)
        for part in ast.walk(function)
    )


def failing(
    whole: ast.expr, module: Module, project: Project, what: str, *, wants_bytes: bool = False
) -> Use | None:
    """An operation that only text has: it raises, unless its result would be shown anyway."""
    return (
        None
        if ending(whole, module, project).goes is Goes.SHOWN
        else Use(what, "raises", wants_bytes=wants_bytes)
    )


def percent_kinds(text: str) -> dict[int, str]:
    """The conversions of a ``%`` template, by place."""
    kinds = [match["kind"] for match in _PERCENT.finditer(text) if match["kind"] != "%"]
    return dict(enumerate(kinds))


def percent_key_kinds(text: str) -> dict[str, str]:
    """The conversions of a ``%`` template, by key."""
    return {match["key"]: match["kind"] for match in _PERCENT.finditer(text) if match["key"] is not None}
