"""Statements that send one Redis command, and what becomes of its answer."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from codemods.atomic_redis.commands import EXPIRES, KEY_NAMES, TIME_NAMES
from codemods.engine.names.traverse import walk

_WRAPPERS = frozenset({"int", "str", "float", "bool", "cast"})


@dataclass(frozen=True, eq=False, slots=True)
class Command:
    """One call ``receiver.name(key, ...)`` in a statement of its own.

    ``whole`` is the call with its ``await``; ``value`` the statement's expression around it, None where the answer
    is dropped; ``target`` the one plain name or attribute that takes the bare answer.
    """

    statement: ast.stmt
    call: ast.Call
    receiver: ast.expr
    name: str
    awaited: bool
    whole: ast.expr
    value: ast.expr | None = None
    target: ast.expr | None = None

    @property
    def used(self) -> bool:
        """Whether the statement does anything with the answer."""
        return self.value is not None

    @property
    def key(self) -> ast.expr | None:
        """The key as written: first argument, or under one of its keywords."""
        if self.call.args:
            first = self.call.args[0]
            return None if isinstance(first, ast.Starred) else first
        return next((word.value for word in self.call.keywords if word.arg in KEY_NAMES), None)

    def argument(self, place: int, *names: str) -> ast.expr | None:
        """An argument by place or by one of its keywords."""
        if any(isinstance(item, ast.Starred) for item in self.call.args[: place + 1]):
            return None
        if len(self.call.args) > place:
            return self.call.args[place]
        return next((word.value for word in self.call.keywords if word.arg in names), None)

    @property
    def time(self) -> ast.expr | None:
        """The time of an expiry command."""
        return self.argument(1, *TIME_NAMES) if self.name in EXPIRES else None

    @property
    def plain_expiry(self) -> bool:
        """An expiry with a key and a time and no condition (``nx``, ``xx``, ``gt``, ``lt``)."""
        return (
            self.name in EXPIRES
            and self.time is not None
            and len(self.call.args) + len(self.call.keywords) == 2
        )

    def keyword(self, name: str) -> ast.expr | None:
        """The value of a keyword argument."""
        return next((word.value for word in self.call.keywords if word.arg == name), None)

    @property
    def options(self) -> list[str]:
        """Names of the keywords beside key and value; ``**`` counts as one."""
        return [
            word.arg or "**"
            for word in self.call.keywords
            if word.arg not in {*KEY_NAMES, "value", *TIME_NAMES}
        ]


def call_of(node: ast.expr) -> tuple[ast.Call, ast.Attribute, bool] | None:
    """``receiver.name(...)`` with or without ``await`` before it."""
    awaited = isinstance(node, ast.Await)
    inner = node.value if isinstance(node, ast.Await) else node
    if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
        return inner, inner.func, awaited
    return None


def command(statement: ast.stmt) -> Command | None:
    """The one command that an expression statement or an assignment sends; None for anything else."""
    match statement:
        case ast.Expr(value=value):
            found = call_of(value)
            if found is None:
                return None
            call, func, awaited = found
            return Command(statement, call, func.value, func.attr, awaited, value)
        case ast.Assign(value=value) | ast.AugAssign(value=value):
            pass
        case ast.AnnAssign(value=ast.expr() as value) | ast.Return(value=ast.expr() as value):
            pass
        case _:
            return None
    inner = unwrapped(value)
    found = call_of(inner)
    if found is None or not _plain_targets(statement):
        return None
    call, func, awaited = found
    target = None
    if isinstance(statement, ast.Assign) and inner is value and len(statement.targets) == 1:
        only = statement.targets[0]
        target = only if isinstance(only, (ast.Name, ast.Attribute)) else None
    return Command(statement, call, func.value, func.attr, awaited, inner, value, target)


def command_in(node: ast.AST) -> Iterator[Command]:
    """Every call on something that ``node`` holds, as if each stood in a statement of its own."""
    awaited = {id(part.value) for part in walk(node) if isinstance(part, ast.Await)}
    for part in walk(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            yield Command(ast.Pass(), part, part.func.value, part.func.attr, id(part) in awaited, part)


def unwrapped(value: ast.expr) -> ast.expr:
    """The expression inside ``int(...)`` and its like."""
    while (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id in _WRAPPERS
        and value.args
        and not value.keywords
    ):
        value = value.args[-1]
    return value


def _plain_targets(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Return):
        return True
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return all(isinstance(target, (ast.Name, ast.Attribute)) for target in targets)


def in_expression(node: ast.expr) -> tuple[ast.Call, ast.Attribute, bool, ast.expr] | None:
    """A command call that is the whole of an expression (a test, an operand): call, function, awaited, outer node."""
    found = call_of(node)
    return (*found, node) if found is not None else None


def plain_receiver(node: ast.expr) -> bool:
    """Whether a receiver is a name, a chain of attributes, or a getter's result without anything computed in it."""
    match node:
        case ast.Name():
            return True
        case ast.Attribute():
            return plain_receiver(node.value)
        case ast.Await():
            return isinstance(node.value, ast.Call) and plain_receiver(node.value)
        case ast.Call():
            simple = all(isinstance(item, (ast.Name, ast.Constant, ast.Attribute)) for item in node.args)
            return simple and not node.keywords and isinstance(node.func, (ast.Name, ast.Attribute)) and plain_receiver(node.func)  # fmt: skip
        case ast.Subscript():
            return isinstance(node.slice, (ast.Constant, ast.Name)) and plain_receiver(node.value)
    return False


def blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    """Every list of statements of a module, outermost first."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(node, field, None)
            if isinstance(inner, list) and inner and isinstance(inner[0], ast.stmt):
                yield inner
                todo.extend(inner)
        for holder in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            yield holder.body
            todo.extend(holder.body)
