"""Writes and the expiry of the same key, one after the other: one transaction, or one ``SET`` with its time."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemods.atomic_redis.calls import Command, command, plain_receiver
from codemods.atomic_redis.commands import EXPIRES, READS, REMOVALS, SET_OPTION, WRITES
from codemods.atomic_redis.expressions import Evaluation, evaluation, names_read, same
from codemods.atomic_redis.pipelines import execution, opening
from codemods.atomic_redis.runs_hoisted import hoisted_edits
from codemods.atomic_redis.sites import Context, Item, Site, arguments, asks, neutral, same_client
from codemods.atomic_redis.times import whole_and_positive
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.finding import Edit

_SET_TIMES = {"ex", "px", "exat", "pxat", "**"}


def has_time(item: Command) -> bool:
    """Whether a ``set`` carries its own expiry already."""
    if item.name != "set":
        return False
    return len(item.call.args) > 2 or bool(_SET_TIMES & set(item.options))


def find(block: list[ast.stmt], context: Context) -> Iterator[Site]:
    """The runs of one block."""
    if not any((sent := command(part)) is not None and sent.name in EXPIRES for part in block):
        return
    at = 0
    while at < len(block):
        first = command(block[at])
        if first is None or first.name not in WRITES or not plain_receiver(first.receiver):
            opened = _compound(block[at], context, None)
            first = opened.commands[0] if opened is not None else None
            if first is None:
                at += 1
                continue
        items = _items(block, at, first, context)
        site, used = _site(items, context)
        if site is not None:
            yield site
        at += max(used, 1)


def _items(block: list[ast.stmt], at: int, first: Command, context: Context) -> list[Item]:
    found: list[Item] = []
    for statement in block[at:]:
        item = _item(statement, first, context)
        if item is None:
            break
        found.append(item)
    return found


def _item(statement: ast.stmt, first: Command, context: Context) -> Item | None:
    sent = command(statement)
    if sent is not None and same_client(sent, first.receiver, first.awaited):
        return (
            Item(statement, (sent,))
            if sent.name in WRITES | EXPIRES | READS and sent.key is not None
            else None
        )
    compound = _compound(statement, context, first)
    if compound is not None:
        return compound
    between = neutral(statement, context, first.receiver)
    return Item(statement, (), between=between) if between is not None else None


def _compound(statement: ast.stmt, context: Context, first: Command | None) -> Item | None:
    """An ``if`` or ``for`` that does nothing but write through the one client, and drops the answers."""
    if isinstance(statement, ast.If):
        outside, inside = [statement.test], [*statement.body, *statement.orelse]
    elif isinstance(statement, ast.For):
        outside, inside = [statement.iter], list(statement.body)
        if statement.orelse:
            return None
    else:
        return None
    found: list[Command] = []
    for part in inside:
        nested = _compound(part, context, first) if isinstance(part, (ast.If, ast.For)) else None
        if nested is not None:
            found += nested.commands
            continue
        sent = command(part)
        if (
            sent is None
            or sent.used
            or sent.name not in WRITES
            or sent.key is None
            or not plain_receiver(sent.receiver)
        ):
            return None
        if has_time(sent) or any(asks(value, sent.receiver) for value in (*outside, *arguments(sent.call))):
            return None
        first = first or sent
        if not same_client(sent, first.receiver, first.awaited):
            return None
        found.append(sent)
    if first is not None and any(asks(value, first.receiver) for value in outside):
        return None
    if not found or not all(evaluation(value, context.module, context.project).free for value in outside):
        return None
    return Item(statement, tuple(found), compound=True) if found else None


def branched(block: list[ast.stmt], context: Context) -> Iterator[Site]:
    """An ``if`` of which some branch writes the key, and the expiry for all of them behind it: reported."""
    for before, statement in itertools.pairwise(block):
        expiry = command(statement)
        if expiry is None or expiry.name not in EXPIRES or expiry.time is None or expiry.used:
            continue
        if not isinstance(before, ast.If) or not plain_receiver(expiry.receiver):
            continue
        branches = [before.body, before.orelse]
        sent = [one for branch in branches for part in branch if (one := command(part)) is not None]
        writes = [
            one for one in sent if one.name in WRITES and same(one.key, expiry.key) and not has_time(one)
        ]
        if not writes or not same_client(expiry, writes[0].receiver, writes[0].awaited):
            continue
        if any(one.name in EXPIRES for one in sent) or all(one.name in REMOVALS for one in writes):
            continue
        site = Site(
            "branch",
            before,
            statement,
            expiry.receiver,
            expiry.awaited,
            (writes[0].name, expiry.name),
            (),
            f"{context.text(writes[0].key)} is written in a branch and given its expiry behind it: "  # type: ignore[arg-type]
            "a process that stops in between leaves it without one.",
            lambda: iter(()),
        )
        site.block("the branches do more than write through this client")
        yield site


def _pairs(items: list[Item], context: Context) -> list[tuple[int, int]]:
    """For every expiry the first write of the same key before it, as places in the run."""
    found = []
    for end, item in enumerate(items):
        expiry = item.commands[0] if len(item.commands) == 1 and not item.compound else None
        if expiry is None or expiry.name not in EXPIRES or expiry.time is None or expiry.key is None:
            continue
        if evaluation(expiry.key, context.module, context.project).changing:
            continue
        writes = [
            (start, one)
            for start, earlier in enumerate(items[:end])
            for one in earlier.commands
            if one.name in WRITES and same(one.key, expiry.key)
        ]
        if writes and _rebinds(items[writes[0][0] : end], names_read(expiry.key)):
            continue
        if any(one.name not in REMOVALS and not has_time(one) for _, one in writes):
            found.append((writes[0][0], end))
    return found


def _rebinds(items: list[Item], names: set[str]) -> bool:
    """Whether anything in a run binds one of these names anew, so that equal keys are not the same key."""
    return any(
        isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in names
        for item in items
        for node in walk(item.statement)
    )


def _site(items: list[Item], context: Context) -> tuple[Site | None, int]:
    """The first run among these statements, and how many of them are dealt with."""
    pairs = _pairs(items, context)
    if not pairs:
        return None, len(items)
    start, end = pairs[0]
    for other_start, other_end in pairs[1:]:
        if other_start <= end + 1 and not (
            other_start > end and _as_set(items[other_start : other_end + 1], context)
        ):
            if other_start > end and _as_set(items[start : end + 1], context):
                break
            start, end = min(start, other_start), max(end, other_end)
    if start:
        return None, start
    chosen = items[start : end + 1]
    alone = _as_set(chosen, context)
    return (_set_site(*alone, chosen, context) if alone else _transaction(chosen, context)), end + 1


def _as_set(items: list[Item], context: Context) -> tuple[Command, Command] | None:
    """``set`` and its expiry where one ``SET`` with a time says the same."""
    if len(items) < 2 or any(item.between is None for item in items[1:-1]):
        return None
    first, last = items[0], items[-1]
    if first.compound or last.compound or len(first.commands) != 1 or len(last.commands) != 1:
        return None
    write, expiry = first.commands[0], last.commands[0]
    if write.name != "set" or write.options or len(write.call.args) + len(write.call.keywords) != 2:
        return None
    if expiry.name not in SET_OPTION or not expiry.plain_expiry or expiry.used or expiry.time is None:
        return None
    if not same(write.key, expiry.key) or write.key is None:
        return None
    if not whole_and_positive(expiry.time, context.module, context.project, SET_OPTION[expiry.name]):
        return None
    if not evaluation(write.key, context.module, context.project).stable:
        return None
    bound = frozenset[str]().union(*(item.between.binds for item in items[1:-1] if item.between is not None))
    return (write, expiry) if not bound & (names_read(expiry.time) | names_read(write.key)) else None


def _set_site(write: Command, expiry: Command, items: list[Item], context: Context) -> Site:
    def edits() -> Iterator[Edit]:
        assert expiry.time is not None
        yield context.lines.add_options(write.call, [(SET_OPTION[expiry.name], context.text(expiry.time))])
        if write.statement.end_lineno == expiry.statement.lineno:
            start, end = (
                context.lines.source.span(write.statement)[1],
                context.lines.source.span(expiry.statement)[1],
            )
            yield context.lines.edit(start, end, "")
            return
        yield from absorb(expiry.statement, write.statement, context)

    site = Site(
        "set-expire",
        write.statement,
        expiry.statement,
        write.receiver,
        write.awaited,
        (write.name, expiry.name),
        (expiry.name,),
        f"`{context.text(write.key)}` is written by one command and given its expiry by another: "  # type: ignore[arg-type]
        "a process that stops in between leaves it without one.",
        edits,
        changed=("set",),
    )
    _check_lines(site, [item.statement for item in items], context)
    return site


def absorb(gone: ast.stmt, home: ast.stmt, context: Context) -> Iterator[Edit]:
    """A statement goes; its comments move to ``home``: those above it above that, the one behind it behind that."""
    lines = context.lines
    assert home.end_lineno is not None
    assert gone.end_lineno is not None
    above = lines.comments_above(gone, home.end_lineno + 1)
    behind = lines.trailing(gone)
    start = lines.source.line_start(home.lineno)
    moved = [lines.source.lines[line - 1].strip() for line in above]
    if behind and lines.trailing(home):
        moved.append(behind)
    elif behind:
        at = lines.line_end(home.end_lineno)
        yield lines.edit(at, at, lines.trailing_as_written(gone))
    if moved:
        yield lines.edit(start, start, "".join(f"{lines.indent(home)}{text}\n" for text in moved))
    first = above[0] if above else gone.lineno
    blanks = first
    while blanks - 1 > home.end_lineno and not lines.source.lines[blanks - 2].strip():
        blanks -= 1
    after = gone.end_lineno < len(lines.source.lines) and bool(lines.source.lines[gone.end_lineno].strip())
    yield lines.remove_lines(first if after and blanks - 1 > home.end_lineno else blanks, gone.end_lineno)


def _check_lines(site: Site, statements: list[ast.stmt], context: Context) -> None:
    if not context.lines.fill_their_lines(statements):
        site.block("the statements share a line with others")


def _transaction(items: list[Item], context: Context) -> Site:
    sent = [one for item in items for one in item.commands]
    first = sent[0]
    keys = list(
        dict.fromkeys(
            f"`{context.text(one.key)}`" for one in sent if one.name in EXPIRES and one.key is not None
        )
    )

    def edits() -> Iterator[Edit]:
        yield from _transaction_edits(items, context)

    names = tuple(dict.fromkeys(one.name for one in sent))
    site = Site(
        "transaction",
        items[0].statement,
        items[-1].statement,
        first.receiver,
        first.awaited,
        names,
        names,
        f"{' and '.join(keys)} {'is' if len(keys) == 1 else 'are'} written by one command and given "
        f"{'its' if len(keys) == 1 else 'their'} expiry by another: a process that stops in between leaves "
        f"{'it' if len(keys) == 1 else 'them'} without one.",
        edits,
    )
    _check_lines(site, [item.statement for item in items], context)
    if _is_hoisted(items):
        site.write = lambda: hoisted_edits(items, context)
    _judge(site, [item for item in items if item.between is None] if _is_hoisted(items) else items, context)
    return site


def _is_hoisted(items: list[Item]) -> bool:
    """Writes, then only what logs, then one expiry: the expiry moves up to the writes."""
    *before, last = items
    if len(last.commands) != 1 or last.compound or last.commands[0].used:
        return False
    logs = list(itertools.takewhile(lambda item: item.between is not None, reversed(before)))
    writes = before[: len(before) - len(logs)]
    plain = all(item.between is not None and not item.between.binds for item in logs)
    alone = all(one.statement.end_lineno != two.statement.lineno for one, two in itertools.pairwise(items))
    return bool(logs) and plain and alone and all(item.commands and not item.compound for item in writes)


def _judge(site: Site, items: list[Item], context: Context) -> None:
    """What is evaluated before the first command is sent now, but was after it before."""
    answers: set[str] = set()
    held: list[str] = []
    for number, item in enumerate(items):
        for one in item.commands:
            for value in arguments(one.call):
                found = evaluation(value, context.module, context.project)
                _judge_value(site, one, value, found, first=number == 0 and not item.compound)
                text = ast.dump(value)
                if names_read(value) & answers or any(name in text for name in held):
                    what = "the time of the expiry" if one.name in EXPIRES else f"an argument of {one.name}()"
                    site.block(f"{what} is computed from the answer of a command before it")
        if item.between is not None:
            _judge_between(site, item, answers)
        if item.compound and any(isinstance(part, ast.For) for part in walk(item.statement)):
            site.doubts.append("the loop's commands are all held in memory until they are sent together")
        for one in item.commands:
            if one.used:
                answers |= {part.id for part in _targets(one.statement) if isinstance(part, ast.Name)}
                held += [ast.dump(part).replace("Store()", "Load()") for part in _targets(one.statement) if isinstance(part, ast.Attribute)]  # fmt: skip


def _targets(statement: ast.stmt) -> list[ast.expr]:
    if isinstance(statement, ast.Assign):
        return statement.targets
    target = getattr(statement, "target", None)
    return [target] if isinstance(target, ast.expr) else []


def _judge_between(site: Site, item: Item, answers: set[str]) -> None:
    assert item.between is not None
    if names_read(item.statement) & answers:
        site.block("the answer of the write is used before the expiry is set")
    if item.between.logs:
        site.doubts.append("what is logged between the commands is logged before they are sent")


def _judge_value(site: Site, one: Command, value: ast.expr, found: Evaluation, *, first: bool) -> None:
    if asks(value, one.receiver):
        site.block("an argument asks Redis itself")
    if value is one.key and (found.waits or (found.unknown and first)):
        site.doubts.append(f"the key {found.reason}, of which nothing is known")
    elif not first and found.waits:
        site.block(f"an argument of {one.name}() {found.waits}")
    elif not first and found.unknown:
        site.doubts.append(
            f"an argument of {one.name}() {found.unknown}, now before the first command is sent"
        )


def _transaction_edits(items: list[Item], context: Context) -> Iterator[Edit]:
    lines = context.lines
    sent = [one for item in items for one in item.commands]
    first, last = items[0].statement, items[-1].statement
    names = context.names(first)
    pipe = names.free("pipe", "pipeline", "redis_pipe")
    step, indent = lines.step(first), lines.indent(first)
    begin = lines.source.span(first)[0]
    yield lines.edit(begin, begin, f"{opening(sent[0], pipe, context)}\n{indent}{step}")
    for before, item in zip([None, *items], items, strict=False):
        if before is not None and before.statement.end_lineno == item.statement.lineno:
            gap = lines.source.span(before.statement)[1], lines.source.span(item.statement)[0]
            yield lines.edit(*gap, f"\n{indent}{step}")
        for one in item.commands:
            yield from lines.queued(one, pipe)
    assert last.end_lineno is not None
    yield from lines.indented(first.lineno, last.end_lineno, step)
    end = lines.line_end(last.end_lineno)
    simple = [one for item in items if not item.compound for one in item.commands]
    counted = sent if not any(item.compound for item in items) else simple
    ending = execution(counted, pipe, names, context, awaited=sent[0].awaited, countable=counted is sent)
    yield lines.edit(end, end, "".join(f"\n{indent}{step}{line}" for line in ending))
