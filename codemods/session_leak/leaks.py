"""A function that makes a session, gives it away and does not see to it that it is closed."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from codemods.engine.inference.definitions import Function, own_nodes
from codemods.engine.names.traverse import walk
from codemods.session_leak.sessions import made_by

if TYPE_CHECKING:
    from collections.abc import Collection

    from codemods.engine.project import Module, Project

Shape = Literal[
    "returns",
    "returns from a block",
    "returns from a try",
    "yields",
    "yields in a try",
    "closes in name only",
]
_CLOSES = {"close", "aclose"}
_RELEASES = {*_CLOSES, "rollback", "commit", "invalidate"}
_EVERYTHING = {"builtins.Exception", "builtins.BaseException"}


@dataclass(frozen=True, slots=True)
class Leak:
    """What is wrong in one function.

    ``made``: the call that makes the session. ``name``: what it is bound to, empty where it is given away at once.
    ``first`` and ``last``: the statements between which it has to be closed, in one block; for a ``try`` both are it.
    ``exit``: the statement with the ``return`` or ``yield``. ``closed``: the statements that close it today.
    ``on_success``: whether a request without an error leaves it open, too.
    """

    shape: Shape
    made: ast.Call
    is_async: bool
    name: str
    creation: ast.stmt
    first: ast.stmt
    last: ast.stmt
    exit: ast.stmt
    closed: tuple[ast.stmt, ...] = ()
    on_success: bool = True


def leak_of(function: Function, module: Module, project: Project) -> Leak | None:
    """The leak of a function whose session is proven; None for everything else."""
    if function.decorator_list:
        return None
    exits = [node for node in own_nodes(function) if isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom))]
    if len(exits) != 1 or exits[0].value is None or isinstance(exits[0], ast.YieldFrom):
        return None
    statement = module.statement(exits[0])
    if isinstance(exits[0], ast.Yield) and not (
        isinstance(statement, ast.Expr) and statement.value is exits[0]
    ):
        return None
    given = exits[0].value
    if not any(project.containing(word, function.name.encode()) for word in (b"Depends(", b"Security(")):
        return None
    if isinstance(given, ast.Call):
        is_async = made_by(given, module, project) if statement in function.body else None
        if is_async is None or statement is not function.body[-1]:
            return None
        shape: Shape = "returns" if isinstance(statement, ast.Return) else "yields"
        return Leak(shape, given, is_async, "", statement, statement, statement, statement)
    return _of_name(given, statement, function, module, project) if isinstance(given, ast.Name) else None


def _of_name(
    given: ast.Name, exit_: ast.stmt, function: Function, module: Module, project: Project
) -> Leak | None:
    name = given.id
    bindings = module.scopes.bindings(given)
    if module.scopes.binder(given) is not module.scopes.own[function] or len(bindings) != 1:
        return None
    made, creation = bindings[0].value, bindings[0].node
    if not isinstance(made, ast.Call) or not isinstance(creation, ast.stmt):
        return None
    is_async = made_by(made, module, project)
    if is_async is None or _escapes(name, function, module):
        return None
    if bindings[0].kind == "with":
        inside = isinstance(exit_, ast.Return) and exit_ in getattr(creation, "body", ())
        plain = isinstance(creation, ast.AsyncWith) == is_async
        if not inside or not plain:
            return None
        return Leak("returns from a block", made, is_async, name, creation, exit_, exit_, exit_)
    if bindings[0].kind != "assign" or not _is_plain(creation, made):
        return None
    leak = Leak("yields", made, is_async, name, creation, exit_, exit_, exit_)
    parent = module.parents[exit_]
    if isinstance(parent, ast.Try) and exit_ in parent.body and parent in function.body:
        if creation in parent.body and not parent.finalbody:
            return _made_in_try(parent, leak, function, module, project)
        return _in_try(parent, leak, function, module, project)
    if creation in function.body and exit_ in function.body:
        return _in_row(leak, function.body)
    return None


def _is_plain(creation: ast.stmt, made: ast.Call) -> bool:
    """``db = SessionLocal()``, with or without an annotation."""
    if isinstance(creation, ast.Assign):
        return (
            len(creation.targets) == 1
            and isinstance(creation.targets[0], ast.Name)
            and creation.value is made
        )
    return isinstance(creation, ast.AnnAssign) and creation.value is made


def _escapes(name: str, function: Function, module: Module) -> bool:
    """Whether something else may keep the session: it is read in any way but for its methods and the way out."""
    for node in walk(function):
        if not isinstance(node, ast.Name) or node.id != name or not isinstance(node.ctx, ast.Load):
            continue
        parent = module.parents[node]
        if isinstance(parent, ast.Attribute):
            around = module.parents[parent]
            called = isinstance(around, ast.Call) and around.func is parent
            if isinstance(parent.ctx, ast.Load) and (called or isinstance(around, ast.Expr)):
                continue
        if not isinstance(parent, (ast.Return, ast.Yield)) or module.function(node) is not function:
            return True
    return False


def _in_row(leak: Leak, body: list[ast.stmt]) -> Leak | None:
    """All in one block: made, given away, perhaps closed behind."""
    start, out = body.index(leak.creation), body.index(leak.exit)
    after = body[out + 1 :]
    closed = tuple(
        each for each in after if _is_call_of(each, leak.name, _CLOSES) or _is_named_only(each, leak)
    )
    if out < start or len(closed) > 1 or (isinstance(leak.exit, ast.Return) and after):
        return None
    last = closed[0] if closed else body[-1]
    between = body[start + 1 : body.index(last) + 1]
    if any(not isinstance(each, (ast.Expr, ast.Return, ast.If, ast.Assign)) for each in between):
        return None
    shape: Shape = "returns" if isinstance(leak.exit, ast.Return) else "yields"
    return replace(
        leak,
        shape=shape,
        first=between[0],
        last=last,
        closed=closed,
        on_success=not closed or _is_named_only(last, leak),
    )


def _in_try(block: ast.Try, leak: Leak, function: Function, module: Module, project: Project) -> Leak | None:
    body, name = function.body, leak.name
    if isinstance(leak.exit, ast.Return):
        ends = any(_is_call_of(each, name, _CLOSES) for each in block.finalbody)
        if not ends or block.handlers or leak.creation not in (*body, *block.body):
            return None
        fits = isinstance(function, ast.AsyncFunctionDef) or not leak.is_async
        return replace(leak, shape="returns from a block") if fits else None
    if block.finalbody:
        return _in_name_only(block, leak, function)
    place = body.index(block)
    after = body[place + 1 :]
    if leak.creation not in body or body.index(leak.creation) != place - 1:
        return None
    if len(after) > 1 or (after and not _is_call_of(after[0], name, _CLOSES)):
        return None
    behind = [each for each in (*block.body, *block.orelse) if each is not leak.exit]
    on_success = not after and not any(_is_call_of(each, name, _RELEASES) for each in behind)
    if not on_success and _releases_errors(block, name, module, project):
        return None
    inside = [each for each in walk(block) if isinstance(each, ast.Expr)]
    closed = tuple(
        each for each in (*after, *inside) if isinstance(each, ast.Expr) and _is_call_of(each, name, _CLOSES)
    )
    last: ast.stmt = after[0] if after else block
    return replace(
        leak, shape="yields in a try", first=block, last=last, closed=closed, on_success=on_success
    )


def _made_in_try(
    block: ast.Try, leak: Leak, function: Function, module: Module, project: Project
) -> Leak | None:
    """Made and given away in a ``try`` that catches errors and has no ``finally``."""
    body, name = block.body, leak.name
    if block.orelse or block is not function.body[-1]:
        return None
    for handler in block.handlers:
        for node in walk(handler):
            around = module.parents[node]
            if isinstance(node, ast.Name) and node.id == name and not (
                isinstance(around, ast.Attribute) and around.attr in {*_CLOSES, "rollback"}
            ):  # fmt: skip
                return None
    if isinstance(leak.exit, ast.Return):
        raises = all(isinstance(handler.body[-1], ast.Raise) for handler in block.handlers)
        if not raises or body[-2:] != [leak.creation, leak.exit]:
            return None
        fits = isinstance(function, ast.AsyncFunctionDef) or not leak.is_async
        return replace(leak, shape="returns from a try", last=block) if fits else None
    behind = body[body.index(leak.exit) + 1 :]
    released = any(_is_call_of(each, name, _RELEASES) for each in behind)
    if released and _releases_errors(block, name, module, project):
        return None
    return _in_row(leak, body)


def _in_name_only(block: ast.Try, leak: Leak, function: Function) -> Leak | None:
    """``finally: db.close``, which calls nothing, and ``finally: session.close()`` where it would have to be awaited."""
    named = [each for each in block.finalbody if _is_named_only(each, leak)]
    if len(named) != 1 or (leak.is_async and not isinstance(function, ast.AsyncFunctionDef)):
        return None
    return replace(leak, shape="closes in name only", first=named[0], last=named[0])


def _is_named_only(statement: ast.stmt, leak: Leak) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    if leak.is_async:
        return isinstance(value, ast.Call) and _is_call_of(statement, leak.name, _CLOSES)
    return (
        isinstance(value, ast.Attribute)
        and value.attr == "close"
        and isinstance(value.value, ast.Name)
        and value.value.id == leak.name
    )


def _releases_errors(block: ast.Try, name: str, module: Module, project: Project) -> bool:
    """Whether a handler of everything gives the connection back."""
    for handler in block.handlers:
        caught = None if handler.type is None else project.types.qualified(handler.type, module)
        if handler.type is not None and caught not in _EVERYTHING:
            continue
        if any(_is_call_of(each, name, _RELEASES) for each in handler.body):
            return True
    return False


def _is_call_of(statement: ast.stmt, name: str, methods: Collection[str]) -> bool:
    """``db.close()`` or ``await db.close()`` as a statement."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    value = value.value if isinstance(value, ast.Await) else value
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr in methods
        and isinstance(value.func.value, ast.Name)
        and value.func.value.id == name
    )
