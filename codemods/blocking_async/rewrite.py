"""The call as the event loop wants it, with its arguments where they are."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.finding import Change, Edit, ImportNeed, Refused

if TYPE_CHECKING:
    from codemods.blocking_async.calls import Blocking
    from codemods.engine.project import Module

_GAP = re.compile(r"(?:[ \t\r\n\f]|#[^\n]*)*")


def change(call: ast.Call, found: Blocking, module: Module) -> Change:
    """``await`` and what waits without blocking. Only the head of the call changes, so that other rules' edits of its arguments go along."""
    source, path = module.source, module.path
    start, end = source.span(call)
    func_end = source.span(call.func)[1]
    opening = _GAP.match(source.text, func_end)
    assert opening is not None
    if "#" in opening[0] or source.text[opening.end()] != "(":
        raise Refused("No patch: the function is in parentheses of its own.")
    first = opening.end() + 1
    asyncio, needs = _asyncio(module)
    parent = module.parents.get(call)
    closed = isinstance(parent, (ast.Attribute, ast.Subscript)) and parent.value is call
    closed = closed or (isinstance(parent, ast.Call) and parent.func is call)
    head = f"{'(' if closed else ''}await {asyncio}."
    if found.sleeps:
        edits = [Edit(path, start, func_end, f"{head}sleep")]
    else:
        gap = _GAP.match(source.text, first)
        assert gap is not None
        if "\n" in gap[0]:
            indent = gap[0].rpartition("\n")[2]
            newline = "\r\n" if "\r\n" in gap[0] else "\n"
            edits = [
                Edit(path, start, func_end, f"{head}to_thread"),
                Edit(path, gap.end(), gap.end(), f"{found.called},{newline}{indent}"),
            ]
        else:
            comma = ", " if call.args or call.keywords else ""
            edits = [Edit(path, start, first, f"{head}to_thread({found.called}{comma}")]
    if closed:
        edits.append(Edit(path, end, end, ")"))
    return Change(tuple(edits), needs)


def _asyncio(module: Module) -> tuple[str, tuple[ImportNeed, ...]]:
    """What this file calls the module, and the import that it needs."""
    for statement in module.tree.body:
        for alias in statement.names if isinstance(statement, ast.Import) else ():
            if alias.name == "asyncio" and alias.asname:
                return alias.asname, (ImportNeed(module.path, "asyncio", alias=alias.asname),)
    return "asyncio", (ImportNeed(module.path, "asyncio"),)
