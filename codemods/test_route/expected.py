"""What a test expects of a response: whether it fails for certain where no route serves its request."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.inference.definitions import Function, fixture_name
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.project import Module

_MISSING = {404, 405}
_SPEAKS = re.compile(
    r"404|405|not_?found|not_?allowed|missing|non_?exist|unknown|invalid_?(?:url|path|route)|no_such", re.I
)
_STOPS = {"skip", "skipif", "xfail"}
_HARMLESS = ("CORSMiddleware", "GZipMiddleware", "SessionMiddleware", "HTTPSRedirectMiddleware")


def fails_without_route(call: ast.Call, module: Module, middlewares: tuple[str, ...]) -> str | None:
    """What the test expects that a 404 or 405 cannot give (``200``, ``a JSON key``); None where it may pass without.

    A test that speaks of 404 or 405 anywhere, that is skipped or expected to fail, or that catches exceptions around the
    call says nothing.
    """
    function = module.function(call)
    if function is None or not (function.name.startswith("test") or fixture_name(function) is not None):
        return None
    if _SPEAKS.search(function.name) or _stopped(call, module) or _guarded(call, function, module):
        return None
    if any(_is_missing(node) for node in walk(function)):
        return None
    found = None
    for use in _uses(call, function, module):
        expected = _expectation(use, module)
        if expected is None:
            continue
        if isinstance(expected, str):
            found = found or expected
        elif not expected & _MISSING:
            others = [name for name in middlewares if not name.endswith(_HARMLESS)]
            if others and any(code >= 400 for code in expected):
                return None
            found = found or " or ".join(map(str, sorted(expected)))
        else:
            return None
    return found


def _is_missing(node: ast.AST) -> bool:
    """Whether a constant or name speaks of 404 or 405."""
    if isinstance(node, ast.Constant):
        return (isinstance(node.value, int) and node.value in _MISSING) or (
            isinstance(node.value, str)
            and re.search(r"\b40[45]\b|[Nn]ot [Ff]ound|Not Allowed", node.value) is not None
        )
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return re.search(r"_40[45]|NOT_FOUND|METHOD_NOT_ALLOWED", name) is not None


def _stopped(call: ast.Call, module: Module) -> bool:
    """Whether the test, its class or its file is skipped, expected to fail, or parametrised over something unseen."""
    for node in module.ancestors(call):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for mark in node.decorator_list:
                names = {part.attr for part in walk(mark) if isinstance(part, ast.Attribute)}
                names |= {part.id for part in walk(mark) if isinstance(part, ast.Name)}
                if names & _STOPS:
                    return True
                if any(isinstance(part, ast.Constant) and "Client" in str(part.value) for part in walk(mark)):
                    return True
    return any(
        isinstance(part, ast.Attribute) and part.attr in _STOPS
        for statement in module.tree.body
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == "pytestmark"
        for part in walk(statement.value)
    )


def _guarded(call: ast.Call, function: Function, module: Module) -> bool:
    """Whether exceptions are caught or expected around the call, or the test may end before by a skip."""
    for node in module.ancestors(call):
        if node is function:
            break
        if isinstance(node, (ast.Try, ast.TryStar)) and node.handlers:
            return True
        if isinstance(node, (ast.With, ast.AsyncWith)) and any(
            isinstance(part, ast.Attribute) and part.attr in {"raises", "assertRaises", "suppress"}
            for item in node.items
            for part in walk(item.context_expr)
        ):
            return True
    return any(
        isinstance(node, ast.Attribute) and node.attr in {"skip", "skipTest", "xfail"}
        for node in walk(function)
    )


def _uses(call: ast.Call, function: Function, module: Module) -> list[ast.AST]:
    """Where the response stands: the call itself, or the reads of the name that it is assigned to."""
    node: ast.AST = call
    parent = module.parents[node]
    if isinstance(parent, ast.Await):
        node, parent = parent, module.parents[parent]
    if isinstance(parent, (ast.Assign, ast.AnnAssign)):
        target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
        if not isinstance(target, ast.Name):
            return []
        return _reads(target.id, parent.lineno, function)
    if isinstance(parent, ast.withitem) and isinstance(parent.optional_vars, ast.Name):
        return _reads(parent.optional_vars.id, call.lineno, function)
    return [node]


def _reads(name: str, line: int, function: Function) -> list[ast.AST]:
    """The reads of a name after ``line``, until it is bound again."""
    names = [node for node in walk(function) if isinstance(node, ast.Name) and node.id == name]
    again = min(
        (node.lineno for node in names if isinstance(node.ctx, ast.Store) and node.lineno > line),
        default=1 << 30,
    )
    return [node for node in names if isinstance(node.ctx, ast.Load) and line < node.lineno <= again]


def _expectation(use: ast.AST, module: Module) -> frozenset[int] | str | None:
    """The statuses that are asserted, or in words what else a 404 fails; None where nothing is expected."""
    parent = module.parents.get(use)
    if not isinstance(parent, ast.Attribute):
        return None
    around = module.parents[parent]
    if parent.attr == "raise_for_status" and isinstance(around, ast.Call):
        return "no error status"
    if parent.attr == "is_success" and isinstance(around, ast.Assert):
        return "success"
    if parent.attr == "status_code":
        return _statuses(parent, around, module)
    return None


def _statuses(node: ast.Attribute, around: ast.AST, module: Module) -> frozenset[int] | None:
    if (
        isinstance(around, ast.Call)
        and isinstance(around.func, ast.Attribute)
        and around.func.attr == "assertEqual"
    ):
        other = [each for each in around.args if each is not node]
        code = _code(other[0]) if other else None
        return frozenset({code}) if code is not None else None
    if not isinstance(around, ast.Compare) or len(around.ops) != 1:
        return None
    if not isinstance(module.parents[around], ast.Assert):
        return None
    other_side = around.comparators[0] if around.left is node else around.left
    if isinstance(around.ops[0], ast.Eq):
        code = _code(other_side)
        return frozenset({code}) if code is not None else None
    if isinstance(around.ops[0], ast.In) and isinstance(other_side, (ast.Tuple, ast.List, ast.Set)):
        codes = [_code(each) for each in other_side.elts]
        return frozenset(code for code in codes if code is not None) if None not in codes else None
    return None


def _code(node: ast.expr) -> int | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    found = re.match(r"HTTP_(\d{3})_", name)
    if found is not None:
        return int(found[1])
    return {"OK": 200, "ok": 200, "CREATED": 201, "created": 201, "ACCEPTED": 202, "NO_CONTENT": 204}.get(
        name
    )
