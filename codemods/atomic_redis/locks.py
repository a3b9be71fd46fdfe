"""``SETNX`` whose winner sets the expiry: one ``SET`` with ``NX`` and the time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.atomic_redis.calls import Command, command, plain_receiver, unwrapped
from codemods.atomic_redis.commands import EXPIRES, SET_OPTION
from codemods.atomic_redis.expressions import evaluation, names_read, same
from codemods.atomic_redis.removals import without_statement
from codemods.atomic_redis.runs import has_time
from codemods.atomic_redis.sites import (
    Context,
    Site,
    command_call,
    leaves,
    neutral,
    read_elsewhere,
    same_client,
)
from codemods.atomic_redis.times import may_be_zero
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.finding import Edit


@dataclass(eq=False)
class Lock:
    """``taken``: the call that takes the lock. ``statement``: where it stands. ``truth``: only its truth is asked."""

    taken: Command
    statement: ast.stmt
    truth: bool
    winner: list[ast.stmt]


def find(block: list[ast.stmt], context: Context) -> Iterator[Site]:
    """The locks taken in one block."""
    for at, statement in enumerate(block):
        for lock in _locks(block, at, statement, context):
            site = _site(lock, context)
            if site is not None:
                yield site


def _locks(block: list[ast.stmt], at: int, statement: ast.stmt, context: Context) -> Iterator[Lock]:
    if isinstance(statement, (ast.If, ast.While)):
        found = _asked(statement.test)
        if found is not None:
            taken, positive, truth = found
            winner = _winner(block, at, statement, positive)
            if winner is not None:
                yield Lock(taken, statement, truth, winner)
        return
    sent = command(statement)
    if sent is None or not _takes(sent) or not isinstance(sent.statement, (ast.Assign, ast.AnnAssign)):
        return
    targets = sent.statement.targets if isinstance(sent.statement, ast.Assign) else [sent.statement.target]
    if len(targets) != 1 or not isinstance(targets[0], ast.Name):
        return
    name = targets[0].id
    for place, following in enumerate(block[at + 1 :], at + 1):
        if isinstance(following, ast.If):
            positive_name = _tests_name(following.test, name)
            if positive_name is None:
                return
            winner = _winner(block, place, following, positive_name)
            if winner is not None:
                yield Lock(sent, statement, False, winner)
            return
        seen = neutral(following, context, sent.receiver)
        if seen is None or name in seen.binds:
            return


def _takes(sent: Command) -> bool:
    """``setnx(k, v)``, or ``set(k, v, nx=True)`` without a time."""
    if sent.key is None or not plain_receiver(sent.receiver):
        return False
    if sent.name == "setnx":
        return len(sent.call.args) + len(sent.call.keywords) == 2 and not sent.options
    nx = sent.keyword("nx")
    return (
        sent.name == "set"
        and isinstance(nx, ast.Constant)
        and nx.value is True
        and set(sent.options) == {"nx"}
        and len(sent.call.args) + len(sent.call.keywords) == 3
        and not has_time(sent)
    )


def _asked(test: ast.expr) -> tuple[Command, bool, bool] | None:
    """The call that a test asks, whether the test holds for the winner, and whether only truth counts."""
    positive = True
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        positive, test = not positive, test.operand
    truth = True
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.comparators[0], ast.Constant):
        value, operator = test.comparators[0].value, test.ops[0]
        if value not in (0, 1) or not isinstance(operator, (ast.Eq, ast.Is, ast.NotEq, ast.IsNot)):
            return None
        holds = bool(value) == isinstance(operator, (ast.Eq, ast.Is))
        positive, test, truth = positive == holds, test.left, False
    if isinstance(test, ast.NamedExpr):
        test, truth = test.value, False
    taken = command_call(unwrapped(test))
    return (
        (taken, positive, truth and unwrapped(test) is test) if taken is not None and _takes(taken) else None
    )


def _tests_name(test: ast.expr, name: str) -> bool | None:
    """Whether a test holds for the winner whose result ``name`` holds; None if it asks something else."""
    positive = True
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        positive, test = not positive, test.operand
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.comparators[0], ast.Constant):
        value = test.comparators[0].value
        if not isinstance(value, int) or value not in (0, 1) or not isinstance(test.ops[0], (ast.Eq, ast.Is)):
            return None
        positive, test = positive == bool(value), test.left
    return positive if isinstance(test, ast.Name) and test.id == name else None


def _winner(
    block: list[ast.stmt], at: int, statement: ast.If | ast.While, positive: bool
) -> list[ast.stmt] | None:
    """The statements that only the winner comes to."""
    if isinstance(statement, ast.While):
        free = not positive and not statement.orelse and not any(isinstance(part, ast.Break) for inner in statement.body for part in walk(inner))  # fmt: skip
        return block[at + 1 :] if free else None
    if positive:
        return statement.body
    if statement.orelse:
        return statement.orelse
    return block[at + 1 :] if leaves(statement.body) else None


def _site(lock: Lock, context: Context) -> Site | None:
    taken = lock.taken
    bound: set[str] = set()
    for part in lock.winner:
        sent = command(part)
        if sent is not None and same_client(sent, taken.receiver, taken.awaited) and sent.name in EXPIRES:
            if not same(sent.key, taken.key) or sent.time is None or taken.key is None:
                return None
            return (
                _found(lock, sent, bound, context)
                if not names_read(taken.key) & (bound | _kept(lock))
                else None
            )
        seen = neutral(part, context, taken.receiver)
        if seen is None:
            return None
        bound |= seen.binds
    return None


def _kept(lock: Lock) -> set[str]:
    """The name that holds the result of taking the lock."""
    if not isinstance(lock.statement, (ast.Assign, ast.AnnAssign)):
        return set()
    targets = lock.statement.targets if isinstance(lock.statement, ast.Assign) else [lock.statement.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _found(lock: Lock, expiry: Command, bound: set[str], context: Context) -> Site:
    taken = lock.taken
    assert expiry.time is not None
    assert taken.key is not None

    def edits() -> Iterator[Edit]:
        yield from _edits(lock, expiry, context)

    site = Site(
        "lock",
        lock.statement,
        expiry.statement,
        taken.receiver,
        taken.awaited,
        (taken.name, expiry.name),
        (*(("setnx",) if taken.name == "setnx" else ()), expiry.name),
        f"`{context.text(taken.key)}` is taken by one command and given its expiry by another: "
        "a process that stops in between holds it forever.",
        edits,
        changed=("set",),
    )
    if expiry.name not in SET_OPTION or not expiry.plain_expiry:
        site.block("the expiry is conditional or names a moment, which SET can't do on every Redis version")
    if expiry.used:
        site.block("the answer of the expiry is used")
    module, project = context.module, context.project
    key, time = evaluation(taken.key, module, project), evaluation(expiry.time, module, project)
    if not key.stable:
        site.block(f"the key is not a plain value: it {key.reason}")
    if not time.free:
        site.block(f"the time of the expiry would be worked out before the key is taken: it {time.reason}")
    if names_read(expiry.time) & (bound | _kept(lock)):
        site.block("the time of the expiry is worked out between the two commands")
    if may_be_zero(expiry.time, module, project):
        site.doubts.append(
            "the time may come out as 0 or less, which EXPIRE takes for a deletion and SET refuses"
        )
    if not context.lines.alone(expiry.statement) and not one_line(expiry.statement, context):
        site.block("the statements share a line with others")
    return site


def one_line(statement: ast.stmt, context: Context) -> bool:
    """Whether a statement is all that stands behind the colon of an ``if`` on one line."""
    parent = context.module.parents[statement]
    return (
        isinstance(parent, ast.If)
        and parent.body == [statement]
        and not parent.orelse
        and parent.lineno == statement.lineno
        and context.lines.alone(parent)
    )


def _edits(lock: Lock, expiry: Command, context: Context) -> Iterator[Edit]:
    lines, taken = context.lines, lock.taken
    source = lines.source
    assert isinstance(taken.call.func, ast.Attribute)
    assert expiry.time is not None
    end = source.span(taken.call.func)[1]
    options = [(SET_OPTION[expiry.name], context.text(expiry.time))]
    if taken.name == "setnx":
        yield lines.edit(end - len("setnx"), end, "set")
        options.insert(0, ("nx", "True"))
    yield lines.add_options(taken.call, options)
    if _is_dropped(lock, expiry, context):
        yield lines.edit(source.span(lock.statement)[0], source.span(taken.whole)[0], "")
        after = source.span(taken.whole)[1], source.span(lock.statement)[1]
        if after[0] < after[1]:
            yield lines.edit(*after, "")
    elif not lock.truth and not _already_bool(taken.whole, context):
        first, last = source.span(taken.whole)
        yield lines.edit(first, first, "bool(")
        yield lines.edit(last, last, ")")
    yield from without_statement(expiry.statement, lock.statement, context)


def _is_dropped(lock: Lock, expiry: Command, context: Context) -> bool:
    """Whether the result was kept for a test that goes with the expiry."""
    parent = context.module.parents[expiry.statement]
    if not isinstance(lock.statement, ast.Assign) or lock.winner is not getattr(parent, "body", None):
        return False
    if not isinstance(parent, ast.If) or len(parent.body) > 1 or parent.orelse:
        return False
    return not read_elsewhere(lock.statement.targets[0], [lock.statement, parent.test], context)


def _already_bool(node: ast.expr, context: Context) -> bool:
    parent = context.module.parents.get(node)
    return isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id == "bool"
