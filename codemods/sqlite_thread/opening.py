"""The text that opens a thread's connection, and which database it opens."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.finding import Refused
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.engine.project import Module

_IN_MEMORY = (":memory:", "mode=memory", "''", '""')


def opening(call: ast.Call, names: dict[ast.AST, str], module: Module) -> str:
    """The call without ``check_same_thread``, on one line or several; ``names`` are parts to be written otherwise.

    Raises Refused where its layout cannot be kept.
    """
    source = module.source
    start, end = source.span(call)
    given: list[ast.expr | ast.keyword] = sorted(
        [*call.args, *call.keywords], key=lambda each: source.span(each)[0]
    )
    place = next(
        number
        for number, each in enumerate(given)
        if isinstance(each, ast.keyword) and each.arg == "check_same_thread"
    )
    if len(given) == 1:
        raise Refused("No patch: which database is opened is not said here.")
    if place:
        cut = (source.span(given[place - 1])[1], source.span(given[place])[1])
    else:
        cut = (source.span(given[0])[0], source.span(given[1])[0])
    pieces = [(*cut, "")] + [(*source.span(node), text) for node, text in names.items()]
    text = source.text[start:end]
    if "#" in text or '"""' in text or "'''" in text:
        raise Refused("No patch: there is a comment or a long text inside the call.")
    for first, last, new in sorted(pieces, reverse=True):
        text = text[: first - start] + new + text[last - start :]
    text = " ".join(line.strip() for line in text.splitlines())
    return text.replace("( ", "(").replace(", )", ")").replace(" )", ")")


def check_database(texts: Iterable[str]) -> None:
    """Raises Refused where the database may be one in memory, of which each connection has its own."""
    for text in texts:
        if any(mark in text for mark in _IN_MEMORY):
            raise Refused(
                "No patch: a database in memory belongs to its connection, and each thread would have an empty one."
            )


def meanings(node: ast.expr, module: Module) -> list[str]:
    """The text of an expression and of all that its names are bound to in the module."""
    found = [module.source.segment(node)]
    for part in walk(node):
        if isinstance(part, ast.Name) and part in module.scopes.scope_of:
            found += [
                module.source.segment(binding.value)
                for binding in module.scopes.bindings(part)
                if binding.value is not None
            ]
    return found
