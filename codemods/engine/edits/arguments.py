"""One more argument for a call, laid out as its others are."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.finding import Edit, Refused

if TYPE_CHECKING:
    from codemods.engine.files.source import Source

_CLOSING = re.compile(r"(?:\s*\))*")


def add_argument(source: Source, call: ast.Call, text: str) -> Edit:
    """The edit that puts ``text`` (``timeout=10``) behind the last argument of ``call``.

    On a line of its own where the last argument has one; a trailing comma stays last. Raises Refused where the call
    ends in ``**options``, which may hold the argument, or in a generator without parentheses.
    """
    if any(keyword.arg is None for keyword in call.keywords):
        raise Refused("No patch: the call ends in `**`, and the argument may be in there.")
    given: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    end = source.span(call)[1]
    if not given:
        return Edit(source.path, end - 1, end - 1, text)
    last = max(given, key=lambda each: source.span(each)[1])
    if isinstance(last, ast.GeneratorExp) and len(given) == 1:
        raise Refused("No patch: the call's only argument is a generator without parentheses of its own.")
    stop = source.span(last)[1]
    stop += _parentheses_after(source.text[stop:end])
    line = source.position(source.span(last)[0])[0]
    before = source.lines[line - 1][: source.position(source.span(last)[0])[1] - 1]
    own_line = not before.strip() and line > source.position(source.span(call.func)[1])[0]
    if own_line and "\n" in source.text[stop:end]:
        newline = "\r\n" if "\r\n" in source.text[stop:end] else "\n"
        if source.text[stop:end].lstrip(" \t").startswith(","):
            comma = stop + source.text[stop:end].index(",") + 1
            rest = source.text[comma:end].partition("\n")[0]
            behind = comma + len(rest.rstrip("\r"))  # a comment stays beside its argument
            return Edit(source.path, behind, behind, f"{newline}{before}{text},")
        if "#" not in source.text[stop:end]:
            return Edit(source.path, stop, stop, f",{newline}{before}{text}")
    return Edit(source.path, stop, stop, f", {text}")


def _parentheses_after(rest: str) -> int:
    """How many characters of closing parentheses belong to the last argument; the call's own is the last of all."""
    found = _CLOSING.match(rest[:-1])
    return found.end() if found is not None else 0
