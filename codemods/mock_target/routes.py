"""Which handler a test client's request reaches: same method, and the one longest route that its path ends with."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

METHODS = frozenset({"get", "post", "put", "patch", "delete", "options", "head"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


def handler(call: ast.Call, project: Project) -> tuple[Module, Function] | None:
    """The function that serves ``client.post("/path")``; None where no single route is meant."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in METHODS or not call.args:
        return None
    requested = _segments(call.args[0])
    if not requested:
        return None
    best: list[tuple[Module, Function]] = []
    longest = 0
    for module, function, route in _routes(call.func.attr, project):
        length = len(route)
        if length >= max(longest, 1) and _ends_with(requested, route):
            best = [*(best if length == longest else []), (module, function)]
            longest = length
    return best[0] if len(best) == 1 else None


def _segments(node: ast.expr) -> list[str | None]:
    """The parts of a path between slashes, without query; None stands for what is only known when the test runs."""
    text = ""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        for value in node.values:
            text += str(value.value) if isinstance(value, ast.Constant) else "\0"
    path = text.partition("?")[0]
    return [None if "\0" in part else part for part in path.strip("/").split("/")] if "/" in path else []


def _ends_with(requested: list[str | None], route: list[str]) -> bool:
    if len(route) > len(requested):
        return False
    tail = requested[len(requested) - len(route) :]
    return all(
        part == wanted or wanted.startswith(("{", "<")) for part, wanted in zip(tail, route, strict=True)
    )


def _routes(method: str, project: Project) -> list[tuple[Module, Function, list[str]]]:
    found = []
    for path in project.containing(f".{method}(".encode()):
        if is_test(path) or b"@" not in project.read(path):
            continue
        module = project.module(path)
        if module is None:
            continue
        for node in walk(module.tree):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            for mark in node.decorator_list:
                if (
                    isinstance(mark, ast.Call)
                    and isinstance(mark.func, ast.Attribute)
                    and mark.func.attr == method
                    and mark.args
                    and isinstance(mark.args[0], ast.Constant)
                    and isinstance(mark.args[0].value, str)
                ):
                    parts = [part for part in mark.args[0].value.strip("/").split("/") if part]
                    if parts and any(not part.startswith(("{", "<")) for part in parts):
                        found.append((module, node, parts))
    return found
