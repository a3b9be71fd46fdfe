"""What a shape's detector finds: one place, who it speaks to, what stands against a patch, and how to write it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codemods.atomic_redis.calls import Command, call_of
from codemods.atomic_redis.expressions import evaluation, names_read
from codemods.atomic_redis.text import Lines, Names
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.finding import Edit
    from codemods.engine.project import Module, Project

_LOGGER = re.compile(r"^_?(logger|logging|log|LOG|LOGGER|audit_logger|access_logger)$")
_LEVELS = {"debug", "info", "warning", "warn", "error", "critical", "trace", "success", "log"}


@dataclass(eq=False)
class Site:
    """One place. ``blocked``: why no patch can be written. ``doubts``: what makes one unsafe.

    ``commands`` are the names that are called on the client there, ``gone`` those that a patch takes off it,
    ``changed`` those that get other arguments.
    """

    kind: str
    first: ast.stmt
    last: ast.stmt
    receiver: ast.expr
    awaited: bool
    commands: tuple[str, ...]
    gone: tuple[str, ...]
    message: str
    write: Callable[[], Iterable[Edit]]
    changed: tuple[str, ...] = ()
    blocked: str = ""
    doubts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    decides: Callable[[object], None] | None = None

    def block(self, reason: str) -> None:
        """No patch, for this reason; the first one stands."""
        self.blocked = self.blocked or reason


@dataclass(eq=False)
class Context:
    """One module under inspection."""

    module: Module
    project: Project

    def __post_init__(self) -> None:
        self.lines = Lines(self.module)

    def text(self, node: ast.expr) -> str:
        """An expression as written, in brackets where it needs them as an argument."""
        text = self.module.source.segment(node)
        return f"({text})" if isinstance(node, (ast.NamedExpr, ast.Yield, ast.GeneratorExp)) else text

    def receiver(self, node: ast.expr) -> str:
        """A receiver as written, ready for a dot."""
        text = self.module.source.segment(node)
        return f"({text})" if isinstance(node, ast.Await) else text

    def names(self, statement: ast.stmt) -> Names:
        """Names that are free at a statement."""
        return Names(self.module, statement)


@dataclass(frozen=True, slots=True)
class Neutral:
    """A statement that can't see the difference: it logs, or binds plain names to values without effects."""

    logs: bool
    binds: frozenset[str]


@dataclass(eq=False)
class Item:
    """One statement of a run: a command, a compound of commands only, or one that can't see the difference."""

    statement: ast.stmt
    commands: tuple[Command, ...]
    compound: bool = False
    between: Neutral | None = None


def neutral(statement: ast.stmt, context: Context, receiver: ast.expr) -> Neutral | None:
    """Whether a statement between two commands can't tell whether the second has been sent already."""
    found = _neutral(statement, context, receiver)
    return None if found is not None and found.binds & names_read(receiver) else found


def _neutral(statement: ast.stmt, context: Context, receiver: ast.expr) -> Neutral | None:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return Neutral(False, frozenset())
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=level)) as call) if level in _LEVELS:
            owner = call.func.value  # type: ignore[attr-defined]
            word = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            values = [*call.args, *(word.value for word in call.keywords)]
            if _LOGGER.match(word) and all(_quiet(value, context, receiver) for value in values):
                return Neutral(True, frozenset())
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=args, keywords=words)):
            if all(_quiet(value, context, receiver) for value in [*args, *(word.value for word in words)]):
                return Neutral(True, frozenset())
        case ast.Assign(targets=targets, value=value) if all(isinstance(item, ast.Name) for item in targets):
            if _quiet(value, context, receiver):
                return Neutral(False, frozenset(item.id for item in targets if isinstance(item, ast.Name)))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            if _quiet(value, context, receiver):
                return Neutral(False, frozenset({name}))
    return None


def _quiet(value: ast.expr, context: Context, receiver: ast.expr) -> bool:
    return evaluation(value, context.module, context.project).free and not asks(value, receiver)


def asks(value: ast.expr, receiver: ast.expr) -> bool:
    """Whether evaluating ``value`` calls something on ``receiver``."""
    shown = ast.dump(receiver)
    return any(
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and ast.dump(part.func.value) == shown
        for part in walk(value)
    )


def read_elsewhere(target: ast.expr, inside: list[ast.AST], context: Context) -> bool:
    """Whether a name is read anywhere in its function outside of some nodes; other targets always are."""
    if not isinstance(target, ast.Name):
        return True
    function = context.module.function(target)
    if function is None or any(isinstance(node, (ast.Global, ast.Nonlocal)) and target.id in node.names for node in walk(function)):  # fmt: skip
        return True
    known = {id(node) for part in inside for node in walk(part)}
    return any(
        isinstance(node, ast.Name)
        and node.id == target.id
        and isinstance(node.ctx, ast.Load)
        and id(node) not in known
        for node in walk(function)
    )


def leaves(statements: list[ast.stmt]) -> bool:
    """Whether a block always leaves: its last statement returns, raises, continues or breaks."""
    return bool(statements) and isinstance(statements[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))


def arguments(call: ast.Call) -> list[ast.expr]:
    """All argument expressions of a call, in order."""
    return [*call.args, *(word.value for word in call.keywords)]


def same_client(one: Command, receiver: ast.expr, awaited: bool) -> bool:
    """Whether a command goes to the same receiver in the same way."""
    return one.awaited == awaited and ast.dump(one.receiver) == ast.dump(receiver)


def command_call(node: ast.expr) -> Command | None:
    """The command that an expression is, as if it stood in a statement of its own."""
    found = call_of(node)
    if found is None:
        return None
    call, func, awaited = found
    return Command(ast.Pass(), call, func.value, func.attr, awaited, node)
