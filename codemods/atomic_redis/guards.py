"""``if not exists(k): set(k, v)``: two callers may both find the key missing; ``SET NX`` lets one of them win."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.atomic_redis import guards_kept
from codemods.atomic_redis.calls import Command, command, plain_receiver
from codemods.atomic_redis.commands import SET_OPTION
from codemods.atomic_redis.expressions import evaluation, names_read, same
from codemods.atomic_redis.runs import has_time
from codemods.atomic_redis.sites import Context, Site, arguments, asks, command_call, leaves, same_client
from codemods.atomic_redis.times import may_be_zero
from codemods.engine.finding import Refused
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.finding import Edit

_EXISTS_COST = "the key's value is worked out before it is known whether it is needed"


@dataclass(eq=False)
class Guard:
    """``asked``: the question in ``test``. ``write``: the ``set`` of the same key. ``expiry``: what follows it there.

    ``early``: the test leaves when the key exists, and ``write`` follows it; otherwise ``write`` is in its body.
    ``exact``: asks whether the key exists, not whether its value is true.
    """

    asked: Command
    test: ast.If
    write: Command
    expiry: Command | None
    early: bool
    exact: bool


def find(block: list[ast.stmt], context: Context) -> Iterator[Site]:
    """The guards of one block."""
    for at, statement in enumerate(block):
        if not isinstance(statement, ast.If):
            continue
        question = _question(statement.test)
        if question is None:
            continue
        asked, missing, exact = question
        if missing:
            writes = statement.body[:2]
            if not _is_cheap(asked, writes, context):
                kept = guards_kept.find(asked, statement, context, exact=exact)
                if kept is not None:
                    yield kept
                continue
        elif leaves(statement.body) and not statement.orelse:
            writes = block[at + 1 : at + 3]
        else:
            continue
        guard = _guard(asked, statement, writes, missing, exact)
        if guard is not None:
            yield _site(guard, context)


def _is_cheap(asked: Command, writes: list[ast.stmt], context: Context) -> bool:
    """Whether the branch begins with the write of a value that costs nothing."""
    write = command(writes[0])
    if write is None or write.name not in {"set", "setex"} or not same(write.key, asked.key):
        return False
    value = _value(write)
    return value is not None and evaluation(value, context.module, context.project).free


def _question(test: ast.expr) -> tuple[Command, bool, bool] | None:
    """The ``exists`` or ``get`` that a test asks, whether it holds when the key is missing, and if that is exact."""
    missing = False
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        missing, test = not missing, test.operand
    exact: bool | None = None
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.comparators[0], ast.Constant):
        value, operator = test.comparators[0].value, test.ops[0]
        if value is None and isinstance(operator, (ast.Is, ast.IsNot)):
            missing, exact = missing != isinstance(operator, ast.Is), True
        elif value == 0 and value is not False and isinstance(operator, (ast.Eq, ast.NotEq, ast.Gt)):
            missing = missing != isinstance(operator, ast.Eq)
        else:
            return None
        test = test.left
    asked = command_call(test)
    if (
        asked is None
        or asked.key is None
        or not plain_receiver(asked.receiver)
        or len(arguments(asked.call)) != 1
    ):
        return None
    if asked.name == "exists" and exact is None:
        return asked, missing, True
    if asked.name == "get":
        return asked, missing, bool(exact)
    return None


def _guard(asked: Command, test: ast.If, writes: list[ast.stmt], missing: bool, exact: bool) -> Guard | None:
    sent = [command(part) for part in writes]
    write = sent[0] if sent else None
    if (
        write is None
        or write.used
        or not same_client(write, asked.receiver, asked.awaited)
        or not same(write.key, asked.key)
    ):
        return None
    plain = write.name == "set" and set(write.options) <= {"ex", "px"} and len(write.call.args) <= 2
    with_time = write.name == "setex" and len(write.call.args) == 3 and not write.call.keywords
    if not (plain or with_time):
        return None
    expiry = sent[1] if len(sent) > 1 else None
    if expiry is not None and not (
        expiry.name in SET_OPTION
        and expiry.plain_expiry
        and not expiry.used
        and plain
        and not has_time(write)
        and same_client(expiry, asked.receiver, asked.awaited)
        and same(expiry.key, asked.key)
    ):
        expiry = None
    return Guard(asked, test, write, expiry, not missing, exact)


def _site(guard: Guard, context: Context) -> Site:
    asked, write, expiry = guard.asked, guard.write, guard.expiry
    assert asked.key is not None
    module, project = context.module, context.project

    def edits() -> Iterator[Edit]:
        yield from _edits(guard, context)

    last = expiry or write
    site = Site(
        "guard",
        guard.test,
        last.statement,
        asked.receiver,
        asked.awaited,
        (asked.name, write.name, *((expiry.name,) if expiry else ())),
        (asked.name, *(("setex",) if write.name == "setex" else ()), *((expiry.name,) if expiry else ())),
        f"`{context.text(asked.key)}` is looked for by one command and written by another: "
        "two callers may both find it missing, and both go on.",
        edits,
        changed=("set",),
    )
    if not evaluation(asked.key, module, project).stable:
        site.block("the key is not a plain value")
    value = _value(write)
    if value is None:
        site.block("the value can't be told from the arguments")
    elif asks(value, asked.receiver):
        site.block("the value is read from Redis")
    elif not evaluation(value, module, project).free:
        site.block(f"{_EXISTS_COST}: it {evaluation(value, module, project).reason}")
    if expiry is not None:
        assert expiry.time is not None
        if may_be_zero(expiry.time, module, project):
            site.doubts.append(
                "the time may come out as 0 or less, which EXPIRE takes for a deletion and SET refuses"
            )
        if not evaluation(expiry.time, module, project).free:
            site.block("the time of the expiry has a cost")
    if not guard.exact:
        site.doubts.append(
            "the test asks whether the value is true: an empty one was overwritten, and no longer is"
        )
    if isinstance(context.module.parents.get(guard.test), ast.If) and module.source.text[module.source.span(guard.test)[0] :].startswith("elif"):  # fmt: skip
        site.block("the test is one of several branches")
    statements = [guard.test, write.statement, *([expiry.statement] if expiry else [])]
    if not all(context.lines.alone(part) for part in statements):
        site.block("the statements share a line with others")
    if guard.early and names_read(write.statement) & _bound_in(guard.test):
        site.block("what is written is worked out in the branch")
    return site


def _bound_in(test: ast.If) -> set[str]:
    return {node.id for node in walk(test) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _value(write: Command) -> ast.expr | None:
    return write.argument(2, "value") if write.name == "setex" else write.argument(1, "value")


def _edits(guard: Guard, context: Context) -> Iterator[Edit]:
    lines = context.lines
    source = lines.source
    write, test = guard.write, guard.test
    written = _written(guard, context)
    begin, end = source.span(test.test)
    header, _ = source.position(end)
    remaining = [part for part in test.body if part not in _sent(guard)]
    moved = _comments(guard, context)
    start = source.line_start(test.lineno)
    indent = lines.indent(test)
    if moved:
        yield lines.edit(start, start, "".join(f"{indent}{text}\n" for text in moved))
    if guard.early or remaining:
        if source.text[source.span(test)[0] : begin].strip() != "if":
            raise Refused("the test stands in brackets")
        yield lines.edit(begin, end, f"not {written}" if guard.early else written)
        for part in _sent(guard):
            for line in lines.comments_above(
                part, (header if not guard.early else test.end_lineno or header) + 1
            ):
                yield lines.remove_lines(line, line)
            first = part.lineno
            if (
                guard.early
                and part is write.statement
                and _blank_around(first, part.end_lineno or first, context)
            ):
                first -= 1
            yield lines.remove_lines(first, part.end_lineno or part.lineno)
        return
    if test.orelse:
        yield from _turned(guard, written, context)
        return
    yield lines.edit(source.span(test)[0], lines.line_end(test.end_lineno or test.lineno), written)


def _blank_around(first: int, last: int, context: Context) -> bool:
    texts = context.lines.source.lines
    return first > 1 and not texts[first - 2].strip() and (last >= len(texts) or not texts[last].strip())


def _sent(guard: Guard) -> list[ast.stmt]:
    return [guard.write.statement, *([guard.expiry.statement] if guard.expiry else [])]


def _turned(guard: Guard, written: str, context: Context) -> Iterator[Edit]:
    lines = context.lines
    source = lines.source
    test = guard.test
    following = test.orelse[0]
    if isinstance(following, ast.If) and source.text[source.span(following)[0] :].startswith("elif"):
        raise Refused("the test is one of several branches")
    last = _sent(guard)[-1].end_lineno or test.lineno
    colon = next((line for line in range(last + 1, following.lineno) if source.lines[line - 1].lstrip().startswith("else")), None)  # fmt: skip
    if colon is None:
        raise Refused("the else stands on one line with its body")
    yield lines.edit(*source.span(test.test), f"not {written}")
    line, _ = source.position(source.span(test.test)[1])
    yield lines.remove_lines(line + 1, colon)


def _comments(guard: Guard, context: Context) -> list[str]:
    """The comments about the write, which move above the test."""
    lines = context.lines
    header, _ = lines.source.position(lines.source.span(guard.test.test)[1])
    found: list[str] = []
    stays = guard.early or any(part not in _sent(guard) for part in guard.test.body)
    for part in _sent(guard):
        stop = (guard.test.end_lineno if guard.early else header) or header
        found += [lines.source.lines[line - 1].strip() for line in lines.comments_above(part, stop + 1)]
        if lines.trailing(part):
            found.append(lines.trailing(part))
    if not stays and not guard.test.orelse:
        end = lines.source.span(guard.test.test)[1]
        text = lines.source.text[end : lines.line_end(header)]
        if "#" in text:
            found.append(text[text.index("#") :].strip())
        listed = {
            lines.source.lines[line - 1].strip()
            for line in lines.comments(header + 1, guard.test.end_lineno or header)
        }
        found += sorted(listed - set(found))
    return found


def _written(guard: Guard, context: Context) -> str:
    """The ``SET`` with ``NX``, from the write's own text."""
    source = context.module.source
    write, expiry = guard.write, guard.expiry
    if write.name == "setex":
        key, time, value = write.call.args
        awaited = "await " if write.awaited else ""
        return f"{awaited}{context.receiver(write.receiver)}.set({context.text(key)}, {context.text(value)}, ex={context.text(time)}, nx=True)"  # fmt: skip
    options = [("nx", "True")]
    if expiry is not None and expiry.time is not None:
        options.append((SET_OPTION[expiry.name], context.text(expiry.time)))
    added = context.lines.add_options(write.call, options)
    start, end = source.span(write.whole)
    text = source.text[start : added.start] + added.text + source.text[added.start : end]
    first, last = write.statement.lineno, write.statement.end_lineno or write.statement.lineno
    if first == last:
        return text
    if context.lines.inside_strings(first, last):
        raise Refused("the write holds a string of several lines")
    deeper = len(context.lines.indent(write.statement)) - len(context.lines.indent(guard.test))
    head, *others = text.replace("\r\n", "\n").split("\n")
    return "\n".join([head, *(line[deeper:] if not line[:deeper].strip() else line for line in others)])
