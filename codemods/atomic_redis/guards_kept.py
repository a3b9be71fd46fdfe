"""A guard that spares a costly value stays, and the ``SET`` inside it is the one that decides."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemods.atomic_redis.calls import Command, command
from codemods.atomic_redis.commands import SET_OPTION
from codemods.atomic_redis.expressions import evaluation, rebinds, same
from codemods.atomic_redis.removals import without_statement
from codemods.atomic_redis.runs import has_time
from codemods.atomic_redis.sites import Context, Site, same_client
from codemods.atomic_redis.times import may_be_zero

if TYPE_CHECKING:
    from codemods.engine.finding import Edit


def find(asked: Command, test: ast.If, context: Context, *, exact: bool) -> Site | None:
    """The first plain ``set`` of the key in the branch, behind other statements or with a value that costs something."""
    assert asked.key is not None
    for place, statement in enumerate(test.body):
        write = command(statement)
        if write is None or write.name != "set" or not same(write.key, asked.key):
            if isinstance(statement, (ast.Return, ast.Raise, ast.Continue, ast.Break)):
                return None
            if rebinds(statement, asked.key, asked.receiver):
                return None
            continue
        plain = set(write.options) <= {"ex", "px"} and len(write.call.args) <= 2 and not write.used
        if not plain or not same_client(write, asked.receiver, asked.awaited):
            return None
        return _site(asked, test, place, write, context, exact=exact)
    return None


def _expiry_after(test: ast.If, place: int, write: Command) -> Command | None:
    sent = command(test.body[place + 1]) if place + 1 < len(test.body) else None
    if sent is None or sent.name not in SET_OPTION or not sent.plain_expiry or sent.used or has_time(write):
        return None
    return sent if same(sent.key, write.key) and same_client(sent, write.receiver, write.awaited) else None


def _site(asked: Command, test: ast.If, place: int, write: Command, context: Context, *, exact: bool) -> Site:
    expiry = _expiry_after(test, place, write)
    rest = test.body[place + (2 if expiry else 1) :]
    last = expiry or write
    assert asked.key is not None

    def edits() -> Iterator[Edit]:
        yield from _edits(test, write, expiry, rest, context)

    site = Site(
        "guard",
        test,
        last.statement,
        asked.receiver,
        asked.awaited,
        (asked.name, write.name, *((expiry.name,) if expiry else ())),
        (expiry.name,) if expiry else (),
        f"`{context.text(asked.key)}` is looked for by one command and written by another: "
        "two callers may both find it missing, and both write it.",
        edits,
        changed=("set",),
    )
    site.notes.append("The test stays, because it spares the work for a key that exists; the SET decides.")
    module, project = context.module, context.project
    if not evaluation(asked.key, module, project).stable:
        site.block("the key is not a plain value")
    if test.orelse:
        site.block("of two callers at once, one would run neither branch")
    if expiry is not None:
        assert expiry.time is not None
        if not evaluation(expiry.time, module, project).free:
            site.block("the time of the expiry has a cost")
        if may_be_zero(expiry.time, module, project):
            site.doubts.append(
                "the time may come out as 0 or less, which EXPIRE takes for a deletion and SET refuses"
            )
    if rest:
        site.doubts.append("of two callers at once, the second no longer runs the rest of the branch")
    if not exact:
        site.doubts.append(
            "the test asks whether the value is true: an empty one was overwritten, and no longer is"
        )
    if not all(context.lines.alone(part) for part in [test, write.statement, last.statement, *rest]):
        site.block("the statements share a line with others")
    return site


def _edits(
    test: ast.If, write: Command, expiry: Command | None, rest: list[ast.stmt], context: Context
) -> Iterator[Edit]:
    lines = context.lines
    options = [("nx", "True")]
    if expiry is not None and expiry.time is not None:
        options.append((SET_OPTION[expiry.name], context.text(expiry.time)))
    yield lines.add_options(write.call, options)
    if rest:
        start, end = lines.source.span(write.statement)
        yield lines.edit(start, start, "if ")
        yield lines.edit(end, end, ":")
        first = (expiry or write).statement.end_lineno
        last = rest[-1].end_lineno
        assert first is not None
        assert last is not None
        above = set(lines.comments_above(expiry.statement, write.statement.lineno + 1)) if expiry else set()
        for edit in lines.indented(first, last, lines.step(test)):
            if lines.source.position(edit.start)[0] not in above:
                yield edit
    if expiry is not None:
        yield from without_statement(expiry.statement, write.statement, context)
