"""A value that is read and then written back, counted up or deleted by a second command."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemods.atomic_redis.calls import Command, command, plain_receiver
from codemods.atomic_redis.commands import DRAINS
from codemods.atomic_redis.expressions import constant_number, evaluation, names_read, same
from codemods.atomic_redis.pipelines import execution, opening
from codemods.atomic_redis.sites import (
    Context,
    Site,
    arguments,
    asks,
    command_call,
    leaves,
    neutral,
    read_elsewhere,
    same_client,
)
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.finding import Edit


def find(block: list[ast.stmt], context: Context) -> Iterator[Site]:
    """What is drained, and what is counted by hand, in one block."""
    for at, statement in enumerate(block):
        sent = command(statement)
        if sent is None or not plain_receiver(sent.receiver) or sent.key is None:
            continue
        if sent.name == "set":
            yield from _counted(sent, block[at - 1] if at else None, context)
        elif sent.name in DRAINS and sent.used:
            yield from _drained(sent, block[at + 1 :], context)


# --- read, then deleted


def _drained(read: Command, following: list[ast.stmt], context: Context) -> Iterator[Site]:
    if not isinstance(read.target, ast.Name) or read.key is None or read.target.id in names_read(read.key):
        return
    ends = [part.body[0] if isinstance(part, ast.If) else part for part in following]
    if not any((sent := command(part)) is not None and _deletes(sent, read) for part in ends):
        return
    doubts: list[str] = []
    between: list[ast.stmt] = []
    for statement in following:
        sent = command(statement)
        if sent is not None and _deletes(sent, read):
            yield _drain(read, sent, statement, between, doubts, context)
            return
        if isinstance(statement, ast.If):
            kind = _presence(statement.test, read.target.id)
            if kind is None:
                return
            present, exact = kind
            if not exact:
                doubts.append(
                    "the test asks whether the value is true: an empty one was kept, and no longer is"
                )
            only = command(statement.body[0]) if len(statement.body) == 1 and not statement.orelse else None
            first = command(statement.body[0])
            inner = only or first
            if present and only is not None and not read_elsewhere(read.target, [statement.test], context):
                return  # the value is asked for nothing but to spare a deletion of what isn't there
            if present and inner is not None and _deletes(inner, read) and not (statement.orelse and only):
                if len(statement.body) > 1 or only is not None:
                    yield _drain(read, inner, statement, between, doubts, context)
                return
            if present or statement.orelse or not leaves(statement.body):
                return
        else:
            seen = neutral(statement, context, read.receiver)
            if seen is None or seen.binds & (names_read(read.key) | {read.target.id}):
                return
        between.append(statement)


def _deletes(sent: Command, read: Command) -> bool:
    return (
        sent.name in {"delete", "unlink"}
        and len(arguments(sent.call)) == 1
        and same(sent.key, read.key)
        and same_client(sent, read.receiver, read.awaited)
    )


def _presence(test: ast.expr, name: str) -> tuple[bool, bool] | None:
    """Whether a test holds when ``name`` has a value, and whether it asks for exactly that."""
    present = True
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        present, test = not present, test.operand
    if isinstance(test, ast.Name) and test.id == name:
        return present, False
    if (
        isinstance(test, ast.Compare)
        and len(test.ops) == 1
        and isinstance(test.left, ast.Name)
        and test.left.id == name
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value is None
        and isinstance(test.ops[0], (ast.Is, ast.IsNot))
    ):
        return present == isinstance(test.ops[0], ast.IsNot), True
    return None


def _drain(  # noqa: PLR0917 - the parts of one place
    read: Command,
    gone: Command,
    holder: ast.stmt,
    between: list[ast.stmt],
    doubts: list[str],
    context: Context,
) -> Site:
    assert read.key is not None

    def edits() -> Iterator[Edit]:
        yield from _drain_edits(read, gone, holder, between, context)

    site = Site(
        "drain",
        read.statement,
        gone.statement,
        read.receiver,
        read.awaited,
        (read.name, gone.name),
        (read.name, gone.name),
        f"`{context.text(read.key)}` is read by one command and deleted by another: "
        "two callers may both take it, and what is written in between is lost.",
        edits,
        doubts=list(doubts),
    )
    if read.name != "get" and doubts:
        site.doubts.clear()
    if not evaluation(read.key, context.module, context.project).stable:
        site.block("the key is not a plain value")
    if gone.used:
        site.block("the answer of the deletion is used")
    if not context.lines.alone(gone.statement) or not context.lines.alone(read.statement):
        site.block("the statements share a line with others")
    return site


def _drain_edits(
    read: Command, gone: Command, holder: ast.stmt, between: list[ast.stmt], context: Context
) -> Iterator[Edit]:
    from codemods.atomic_redis.removals import without_statement

    lines, statement = context.lines, read.statement
    source = lines.source
    if _knows_getdel(context) and read.name == "get":
        assert isinstance(read.call.func, ast.Attribute)
        end = source.span(read.call.func)[1]
        yield lines.edit(end - len("get"), end, "getdel")
        yield from without_statement(gone.statement, statement, context)
        return
    names = context.names(statement)
    pipe = names.free("pipe", "pipeline", "redis_pipe")
    indent, step = lines.indent(statement), lines.step(statement)
    inner = indent + step
    begin = source.span(statement)[0]
    yield lines.edit(begin, begin, f"{opening(read, pipe, context)}\n{inner}")
    yield from lines.queued(read, pipe)
    assert statement.end_lineno is not None
    yield from lines.indented(statement.lineno, statement.end_lineno, step)
    end = lines.line_end(statement.end_lineno)
    deleted = source.text[source.span(gone.receiver)[1] : source.span(gone.call)[1]].lstrip(")")
    above = _comments_of(gone, holder, between, statement, context)
    tail = [*above, f"{pipe}{deleted}{lines.trailing_as_written(gone.statement)}", *execution([read, None], pipe, names, context, awaited=read.awaited)]  # fmt: skip
    yield lines.edit(end, end, "".join(f"\n{inner}{line}" for line in tail))
    yield from _without_delete(gone, holder, between, statement, context)


def _comments_of(
    gone: Command, holder: ast.stmt, between: list[ast.stmt], statement: ast.stmt, context: Context
) -> list[str]:
    lines = context.lines
    assert statement.end_lineno is not None
    stop = statement.end_lineno + 1
    found = lines.comments_above(gone.statement, stop)
    if holder is not gone.statement and isinstance(holder, ast.If) and len(holder.body) == 1:
        found = [*lines.comments_above(holder, stop), *found]
    del between
    return [lines.source.lines[line - 1].strip() for line in found]


def _without_delete(
    gone: Command, holder: ast.stmt, between: list[ast.stmt], statement: ast.stmt, context: Context
) -> Iterator[Edit]:
    lines = context.lines
    assert statement.end_lineno is not None
    target: ast.stmt = gone.statement
    if holder is not gone.statement and isinstance(holder, ast.If) and len(holder.body) == 1:
        target = holder
    first = target.lineno
    above = lines.comments_above(target, statement.end_lineno + 1)
    if above:
        first = above[0]
    assert target.end_lineno is not None
    blank = first - 1 > statement.end_lineno and not lines.source.lines[first - 2].strip()
    following = (
        target.end_lineno >= len(lines.source.lines) or not lines.source.lines[target.end_lineno].strip()
    )
    if blank and (following or not between):
        first -= 1
    yield lines.remove_lines(first, target.end_lineno)


def _knows_getdel(context: Context) -> bool:
    """Whether the repository's own configuration says that its Redis is 6.2 or newer."""
    said = context.project.options.get("atomic-redis", {}).get("redis-version")
    try:
        version = tuple(int(part) for part in str(said).split("."))
    except ValueError:
        return False
    lowest = context.project.pins.lowest("redis")
    return version >= (6, 2) and (lowest is None or lowest >= (4, 0))


# --- read, counted up, written back


def _counted(write: Command, before: ast.stmt | None, context: Context) -> Iterator[Site]:
    value = write.argument(1, "value")
    if value is None or write.used or len(write.call.args) > 2 or set(write.options) - {"ex", "px"}:
        return
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, (ast.Add, ast.Sub)):
        return
    read = _number_read(value.left, write)
    first: ast.stmt = write.statement
    if read is None and isinstance(value.left, ast.Name) and isinstance(before, ast.Assign):
        assigned = before.targets[0]
        if len(before.targets) == 1 and isinstance(assigned, ast.Name) and assigned.id == value.left.id:
            read = _number_read(before.value, write)
            first = before
    if read is None:
        return
    yield _count_site(write, value, read, first, context)


def _number_read(node: ast.expr, write: Command) -> Command | None:
    """``int(r.get(k) or 0)`` and ``int(r.get(k))`` of the key that is written."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "int" and len(node.args) == 1):  # fmt: skip
        return None
    inner = node.args[0]
    if isinstance(inner, ast.BoolOp) and isinstance(inner.op, ast.Or) and len(inner.values) == 2:
        inner, default = inner.values
        if not isinstance(default, ast.Constant) or default.value not in (0, "0", b"0"):
            return None
    read = command_call(inner)
    if read is None or read.name != "get" or len(arguments(read.call)) != 1 or not same(read.key, write.key):
        return None
    return read if same_client(read, write.receiver, write.awaited) else None


def _count_site(write: Command, value: ast.BinOp, read: Command, first: ast.stmt, context: Context) -> Site:
    assert write.key is not None

    def edits() -> Iterator[Edit]:
        yield from _count_edits(write, value, first, context)

    site = Site(
        "count",
        first,
        write.statement,
        write.receiver,
        write.awaited,
        (read.name, write.name),
        (read.name, write.name),
        f"`{context.text(write.key)}` is read, counted and written back by two commands: "
        "of two callers at once, one count is lost.",
        edits,
        doubts=["INCR fails where the stored value is no whole number, and keeps a TTL that SET dropped"],
    )
    module, project = context.module, context.project
    if not evaluation(write.key, module, project).stable or not evaluation(value.right, module, project).free:
        site.block("the key or the amount is not a plain value")
    if asks(value.right, write.receiver):
        site.block("the amount is read from Redis")
    if not all(context.lines.alone(part) for part in {first, write.statement}):
        site.block("the statements share a line with others")
    return site


def _count_edits(write: Command, value: ast.BinOp, first: ast.stmt, context: Context) -> Iterator[Edit]:
    lines = context.lines
    source = lines.source
    key, amount = context.text(write.key), context.text(value.right)  # type: ignore[arg-type]
    one = constant_number(value.right, context.module, context.project) == 1 and isinstance(
        value.right, ast.Constant
    )
    up = isinstance(value.op, ast.Add)
    counting = (
        f"{'incr' if up else 'decr'}({key})" if one else f"{'incrby' if up else 'decrby'}({key}, {amount})"
    )
    awaited = "await " if write.awaited else ""
    receiver = context.receiver(write.receiver)
    name = (
        first.targets[0].id
        if isinstance(first, ast.Assign) and isinstance(first.targets[0], ast.Name)
        else ""
    )
    kept = bool(name) and _read_later(name, write, context)
    back = f" {'-' if up else '+'} {amount}" if kept else ""
    time = next(
        ((option, write.keyword(option)) for option in ("ex", "px") if write.keyword(option) is not None),
        None,
    )
    begin, end = source.span(first)[0], source.span(write.statement)[1]
    if time is None or time[1] is None:
        text = f"{f'{name} = ' if kept else ''}{awaited}{receiver}.{counting}{back}"
        yield lines.edit(begin, end, text)
        return
    names = context.names(first)
    pipe = names.free("pipe", "pipeline", "redis_pipe")
    indent, step = lines.indent(first), lines.step(first)
    expiry = "expire" if time[0] == "ex" else "pexpire"
    run = f"{awaited}{pipe}.execute()"
    take = f"{name} = {f'({run})' if awaited else run}[0]{back}" if kept else run
    body = [f"{pipe}.{counting}", f"{pipe}.{expiry}({key}, {context.text(time[1])})", take]
    yield lines.edit(
        begin, end, opening(write, pipe, context) + "".join(f"\n{indent}{step}{line}" for line in body)
    )


def _read_later(name: str, write: Command, context: Context) -> bool:
    around: ast.AST = context.module.function(write.statement) or context.module.tree
    inside = {id(node) for node in walk(write.statement)}
    return any(
        isinstance(node, ast.Name)
        and node.id == name
        and isinstance(node.ctx, ast.Load)
        and id(node) not in inside
        for node in walk(around)
    )
