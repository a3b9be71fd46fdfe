"""The edit of a path as it is written in a test."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.finding import Edit
from codemods.libraries.fastapi.paths import led, segments

if TYPE_CHECKING:
    from codemods.engine.project import Module
    from codemods.test_route.meant import Step
    from codemods.test_route.requests import Request

_FIELD = re.compile(r"\{[^{}]*\}")
_OPENING = re.compile(r"[A-Za-z]{0,2}(\"{3}|'{3}|\"|')")


def edit_of(request: Request, step: Step, module: Module) -> Edit | None:
    """The edit that takes the step in the request's literal; None where its path is not written there in one piece."""
    node = request.node
    if not isinstance(node, (ast.Constant, ast.JoinedStr)):
        return None
    written = module.source.segment(node)
    opening = _OPENING.match(written)
    if opening is None or "\\" in written:
        return None
    content = written[opening.end() : -len(opening[1])]
    lead, path = led(request.path)
    skipped = _FIELD.match(content) if lead else None
    offset = module.source.span(node)[0] + opening.end()
    if skipped is not None:
        content, offset = content[skipped.end() :], offset + skipped.end()
    if not content.startswith("/") or opening[1] in content or bool(lead) != (skipped is not None):
        return None
    before = len(segments(request.base))
    start = step.start - before
    if start < 0:
        return None
    places = _places(content)
    old = segments(path)
    if places is None or len(places) < len(old) or start + step.drop > len(old):
        return None
    for number in range(start, start + step.drop):
        if content[places[number][0] : places[number][1]] != old[number]:
            return None
    if step.drop == 1 and len(step.put) == 1:
        first, last = places[start]
        return Edit(module.path, offset + first, offset + last, step.put[0])
    if step.put:
        at = places[start][0] - 1 if start < len(places) else len(content)
        return Edit(module.path, offset + at, offset + at, "".join(f"/{part}" for part in step.put))
    return Edit(module.path, offset + places[start][0] - 1, offset + places[start + step.drop - 1][1], "")


def _places(content: str) -> list[tuple[int, int]] | None:
    """Where the segments of a path as written begin and end; a replacement field counts as text of its segment."""
    found: list[tuple[int, int]] = []
    depth, start = 0, None
    for place, letter in enumerate(content):
        if letter == "{":
            depth += 1
        elif letter == "}":
            depth -= 1
        if depth:
            if start is None:
                start = place
            continue
        if letter in "/?":
            if start is not None:
                found.append((start, place))
            elif place and content[place - 1] == "/":
                return None
            start = None
            if letter == "?":
                return found
        elif start is None:
            start = place
    if start is not None:
        found.append((start, len(content)))
    return found
