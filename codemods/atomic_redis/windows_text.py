"""Writes a counter and the start of its window as one transaction."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemods.atomic_redis.commands import SET_OPTION
from codemods.atomic_redis.pipelines import execution, opening
from codemods.atomic_redis.sites import read_elsewhere
from codemods.atomic_redis.windows_script import script_edits
from codemods.engine.finding import Refused
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.atomic_redis.sites import Context
    from codemods.atomic_redis.windows import Window
    from codemods.engine.finding import Edit


def window_edits(window: Window, context: Context) -> Iterator[Edit]:
    """The transaction where the count was, and the test without its expiry."""
    if window.inline:
        yield from _inline_edits(window, context)
        return
    if window.script:
        yield from _scripted(window, context)
        return
    lines, write, statement = context.lines, window.write, window.write.statement
    names = context.names(statement)
    pipe = names.free("pipe", "pipeline", "redis_pipe")
    indent, step = lines.indent(statement), lines.step(statement)
    inner = indent + step
    begin = lines.source.span(statement)[0]
    moved, removed = _comments(window, context)
    head = [*_carried(window, context, indent), opening(write, pipe, context)]
    body = [f"{inner}{text}" for text in moved] + [f"{inner}{_started(window, pipe, context)}"]
    yield lines.edit(begin, begin, "\n".join([f"\n{indent}".join(head), *body]) + f"\n{inner}")
    yield from lines.queued(write, pipe)
    assert statement.end_lineno is not None
    yield from lines.indented(statement.lineno, statement.end_lineno, step)
    end = lines.line_end(statement.end_lineno)
    ending = execution(
        [None, write if _count_is_read(window, context) else None],
        pipe,
        names,
        context,
        awaited=write.awaited,
    )
    yield lines.edit(end, end, "".join(f"\n{inner}{line}" for line in ending))
    yield from _without_expiry(window, context, removed)


def _scripted(window: Window, context: Context) -> Iterator[Edit]:
    lines, write, statement = context.lines, window.write, window.write.statement
    moved, removed = _comments(window, context)
    indent = lines.indent(statement)
    if lines.trailing(window.expiry.statement):
        moved.append(lines.trailing(window.expiry.statement))
    start, begin = lines.source.span(statement)[0], lines.source.span(write.whole)[0]
    above = [*_carried(window, context, indent), *moved]
    yield lines.edit(start, start, "".join(f"{text}\n{indent}" for text in above))
    if not _count_is_read(window, context):
        yield lines.edit(start, begin, "")
    yield from script_edits(write, window.expiry, context)
    yield from _without_expiry(window, context, removed)


def _count_is_read(window: Window, context: Context) -> bool:
    """Whether the count is needed once its test is gone."""
    if window.rest or window.test.orelse or window.write.target is None:
        return True
    return read_elsewhere(window.write.target, [window.write.statement, window.test.test], context)


def _started(window: Window, pipe: str, context: Context) -> str:
    """The command that starts the window once, with the expiry's own comment behind it."""
    expiry = window.expiry
    assert window.write.key is not None
    assert expiry.time is not None
    line = f"{pipe}.set({context.text(window.write.key)}, 0, {SET_OPTION[expiry.name]}={context.text(expiry.time)}, nx=True)"  # fmt: skip
    if "\n" in line or "\r" in line:
        raise Refused("the key or the time is written over several lines")
    return line + context.lines.trailing_as_written(expiry.statement)


def _carried(window: Window, context: Context, indent: str) -> list[str]:
    """The assignments that the time needs, before the transaction."""
    found = []
    for part in [*window.moved, *window.carried]:
        text = context.module.source.text[slice(*context.module.source.span(part))]
        if "\n" in text:
            raise Refused("the time is worked out over several lines")
        found.append(text + context.lines.trailing_as_written(part))
    del indent
    return found


def _comments(window: Window, context: Context) -> tuple[list[str], set[int]]:
    """The comments about the expiry, which move with it, and the lines that they leave."""
    lines, test, expiry = context.lines, window.test, window.expiry.statement
    end = window.write.statement.end_lineno if not window.inline else test.lineno
    assert end is not None
    above: list[int] = []
    if not window.inline and not window.rest and not test.orelse and not _is_elif(test, context):
        above = (
            lines.comments_above(test, end + 1)
            if window.between
            else lines.comments(end + 1, test.lineno - 1)
        )
    inside = lines.comments_above(expiry, test.lineno + 1) if window.rest else lines.comments(test.lineno + 1, expiry.lineno - 1)  # fmt: skip
    after: list[int] = []
    if not window.rest and not test.orelse and test.end_lineno is not None:
        line = test.end_lineno + 1
        column = len(lines.indent(expiry))
        while line <= len(lines.source.lines) and lines.comments(line, line) and len(lines.source.indent(line)) >= column > len(lines.indent(test)):  # fmt: skip
            after.append(line)
            line += 1
    texts = [lines.source.lines[line - 1].strip() for line in [*above, *inside, *after]]
    if test.orelse and not window.rest and not _passes(test, context):
        between = lines.comments((expiry.end_lineno or expiry.lineno) + 1, _else_line(window, context) - 1)
        texts += [lines.source.lines[line - 1].strip() for line in between]
    head = _head_comment(window, context)
    if head and not window.rest and not _passes(test, context):
        texts.insert(len(above), head)
    return texts, {*above, *inside, *after}


def _head_comment(window: Window, context: Context) -> str:
    """The comment behind the test's colon."""
    first = window.test.body[0]
    if first.lineno == window.test.lineno:
        return ""
    source = context.module.source
    end = source.span(window.test.test)[1]
    line, _ = source.position(end)
    text = source.text[end : context.lines.line_end(line)]
    mark = text.find("#")
    return text[mark:].strip() if mark >= 0 else ""


def _without_expiry(window: Window, context: Context, removed: set[int]) -> Iterator[Edit]:
    """The test goes, or loses its expiry, or is turned around where only its ``else`` is left."""
    lines, test, expiry = context.lines, window.test, window.expiry.statement
    assert test.end_lineno is not None
    assert expiry.end_lineno is not None
    for part in window.moved:
        yield lines.remove_lines(part.lineno, part.end_lineno or part.lineno)
    if window.rest:
        gone = {line for part in [expiry, *window.carried] for line in range(part.lineno, (part.end_lineno or part.lineno) + 1)}  # fmt: skip
        for line in sorted(gone | removed):
            yield lines.remove_lines(line, line)
        return
    if test.orelse:
        yield from _turned(window, context)
        return
    first = test.lineno
    assert window.write.statement.end_lineno is not None
    above = window.write.statement.end_lineno
    while first - 1 > above and (first - 1 in removed or not lines.source.lines[first - 2].strip()):
        first -= 1
    last = max({test.end_lineno, *(line for line in removed if line > test.end_lineno)})
    if window.between and not any(lines.source.lines[line - 1].strip() == "" for line in range(last + 1, last + 2) if line <= len(lines.source.lines)):  # fmt: skip
        while not lines.source.lines[first - 1].strip():
            first += 1
    yield lines.remove_lines(first, last)


def _is_elif(test: ast.stmt, context: Context) -> bool:
    return isinstance(test, ast.If) and context.lines.source.text[
        context.lines.source.span(test)[0] :
    ].startswith("elif")


def _passes(test: ast.If, context: Context) -> bool:
    """Whether the branch must stay, with nothing in it: its other branches can't be asked for by themselves."""
    if not test.orelse:
        return False
    simple = isinstance(test.test, ast.Compare) and isinstance(test.test.ops[0], ast.Eq)
    return not simple or _is_elif(test.orelse[0], context)


def _turned(window: Window, context: Context) -> Iterator[Edit]:
    """``if n == 1: expire`` ``else: ...`` becomes ``if n != 1: ...``; before a longer chain ``pass`` stays."""
    lines, test, expiry = context.lines, window.test, window.expiry.statement
    source = lines.source
    following = test.orelse[0]
    if _passes(test, context):
        start, end = source.span(expiry)
        yield lines.edit(start, lines.line_end(expiry.end_lineno or expiry.lineno) if lines.trailing(expiry) else end, "pass")  # fmt: skip
        for line in lines.comments(test.lineno + 1, expiry.lineno - 1):
            yield lines.remove_lines(line, line)
        return
    assert isinstance(test.test, ast.Compare)
    start = source.span(test)[0]
    left, right = context.text(test.test.left), context.text(test.test.comparators[0])
    colon = _else_line(window, context)
    mark = source.line_start(colon) + source.lines[colon - 1].index(":")
    if following.lineno == colon:
        raise Refused("the else stands on one line with its body")
    word = "elif" if source.text[start:].startswith("elif") else "if"
    yield lines.edit(start, mark + 1, f"{word} {left} != {right}:")


def _else_line(window: Window, context: Context) -> int:
    """The line of the ``else`` behind the expiry."""
    first = window.expiry.statement.end_lineno or window.expiry.statement.lineno
    texts = context.lines.source.lines
    for line in range(first, window.test.orelse[0].lineno + 1):
        if texts[line - 1].lstrip().startswith("else"):
            return line
    raise Refused("the else stands on one line with its body")


def _inline_edits(window: Window, context: Context) -> Iterator[Edit]:
    """The counting call leaves the test; the answer takes its place where the test stays."""
    lines, test, write = context.lines, window.test, window.write
    source = lines.source
    names = context.names(test)
    pipe = names.free("pipe", "pipeline", "redis_pipe")
    indent, step = lines.indent(test), lines.step(test)
    stays = bool(window.rest or test.orelse)
    count = window.walrus or (names.free("count", "hits", "counted") if stays else "")
    moved, removed = _comments(window, context)
    assert isinstance(write.call.func, ast.Attribute)
    start = source.span(write.receiver)[1]
    queued = pipe + source.text[start : source.span(write.call)[1]].lstrip(")")
    if "\n" in queued:
        raise Refused("the test is written over several lines")
    run = f"await {pipe}.execute()" if write.awaited else f"{pipe}.execute()"
    answers = f"({run})" if write.awaited else run
    take = (
        run
        if not count
        else f"{names.throwaway}, {count} = {run}"
        if names.throwaway
        else f"{count} = {answers}[1]"
    )
    inner = indent + step
    body = [*moved, _started(window, pipe, context), queued, take]
    text = "\n".join([*_carried(window, context, indent), opening(write, pipe, context)]).replace(
        "\n", f"\n{indent}"
    )
    text += "".join(f"\n{inner}{line}" for line in body)
    begin = source.span(test)[0]
    if not stays:
        end = lines.line_end(max({test.end_lineno or test.lineno, *removed}))
        yield lines.edit(begin, end, text)
        return
    yield lines.edit(begin, begin, f"{text}\n{indent}")
    if not window.rest and test.orelse:
        raise Refused("only the other branch of the test would be left")
    walrus = next((part for part in walk(test.test) if isinstance(part, ast.NamedExpr)), None)
    outer: ast.expr = walrus or write.whole
    first, last = source.span(outer)
    if walrus is not None:
        first, last = source.text.rindex("(", 0, first + 1), source.text.index(")", last) + 1
    yield lines.edit(first, last, count)
    yield from _without_expiry(window, context, removed)
