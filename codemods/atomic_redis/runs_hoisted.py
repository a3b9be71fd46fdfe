"""Writes and their expiry with a log line between: the expiry moves up, and the log line stays behind both."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemods.atomic_redis.pipelines import execution, opening
from codemods.engine.finding import Refused

if TYPE_CHECKING:
    from codemods.atomic_redis.sites import Context, Item
    from codemods.engine.finding import Edit


def hoisted_edits(items: list[Item], context: Context) -> Iterator[Edit]:
    """The transaction around the writes at the beginning of ``items``, with the last one's expiry in it."""
    lines = context.lines
    source = lines.source
    writes = [item.commands[0] for item in items[:-1] if item.commands]
    expiry = items[-1].commands[0]
    first, last = writes[0].statement, writes[-1].statement
    gone = expiry.statement
    names = context.names(first)
    pipe = names.free("pipe", "pipeline", "redis_pipe")
    indent, step = lines.indent(first), lines.step(first)
    inner = indent + step
    begin = source.span(first)[0]
    yield lines.edit(begin, begin, f"{opening(writes[0], pipe, context)}\n{inner}")
    for one in writes:
        yield from lines.queued(one, pipe)
    assert last.end_lineno is not None
    assert gone.end_lineno is not None
    yield from lines.indented(first.lineno, last.end_lineno, step)
    assert isinstance(expiry.call.func, ast.Attribute)
    text = source.text[source.span(expiry.receiver)[1] : source.span(expiry.call)[1]].lstrip(")")
    if "\n" in text or "\r" in text:
        raise Refused("the expiry is written over several lines")
    above = lines.comments_above(gone, last.end_lineno + 1)
    body = [source.lines[line - 1].strip() for line in above]
    body.append(f"{pipe}{text}{lines.trailing_as_written(gone)}")
    body += execution([*writes, None], pipe, names, context, awaited=expiry.awaited)
    end = lines.line_end(last.end_lineno)
    yield lines.edit(end, end, "".join(f"\n{inner}{line}" for line in body))
    start = above[0] if above else gone.lineno
    blank = start > 1 and not source.lines[start - 2].strip()
    after = gone.end_lineno >= len(source.lines) or not source.lines[gone.end_lineno].strip()
    yield lines.remove_lines(start - 1 if blank and after else start, gone.end_lineno)
