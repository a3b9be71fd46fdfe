"""A statement goes out of a branch; the branch goes, or turns around, where nothing else was in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemods.engine.finding import Refused

if TYPE_CHECKING:
    from codemods.atomic_redis.sites import Context
    from codemods.engine.finding import Edit


def without_statement(gone: ast.stmt, home: ast.stmt, context: Context) -> Iterator[Edit]:
    """Remove ``gone``; its comments go above ``home``, the statement that does its work now."""
    parent = context.module.parents[gone]
    if not isinstance(parent, ast.If) or len(_branch(parent, gone)) > 1:
        yield from _line(gone, home, context)
    elif parent.body == [gone]:
        yield from _emptied(parent, gone, home, context)
    else:
        yield from _without_else(parent, gone, home, context)


def _branch(parent: ast.If, gone: ast.stmt) -> list[ast.stmt]:
    return parent.body if gone in parent.body else parent.orelse


def _line(gone: ast.stmt, home: ast.stmt, context: Context) -> Iterator[Edit]:
    lines = context.lines
    assert gone.end_lineno is not None
    stop = home.lineno + 1
    above = lines.comments_above(gone, stop)
    yield from _move(above, gone, home, context)
    for line in [*above]:
        yield lines.remove_lines(line, line)
    first = gone.lineno
    before = (above[0] if above else first) - 1
    after = gone.end_lineno + 1
    blank_before = before > home.lineno and not lines.source.lines[before - 1].strip()
    at_end = after > len(lines.source.lines) or not lines.source.lines[after - 1].strip()
    if blank_before and at_end:
        yield lines.remove_lines(before, before)
    yield lines.remove_lines(first, gone.end_lineno)


def _move(above: list[int], gone: ast.stmt, home: ast.stmt, context: Context) -> Iterator[Edit]:
    lines = context.lines
    texts = [lines.source.lines[line - 1].strip() for line in above]
    behind = lines.trailing(gone)
    if behind:
        texts.append(behind)
    if texts:
        start = lines.source.line_start(home.lineno)
        indent = lines.indent(home)
        yield lines.edit(start, start, "".join(f"{indent}{text}\n" for text in texts))


def _emptied(parent: ast.If, gone: ast.stmt, home: ast.stmt, context: Context) -> Iterator[Edit]:
    """The branch held nothing else: no test is needed, or only its opposite."""
    lines = context.lines
    source = lines.source
    assert gone.end_lineno is not None
    asked = parent is home
    inside = lines.comments(parent.lineno + 1, gone.lineno - 1) if gone.lineno > parent.lineno else []
    if parent.orelse:
        yield from _only_else(parent, gone, inside, home, context)
        return
    yield from _move(inside, gone, home, context)
    if not asked:
        above = lines.comments_above(parent, home.lineno + 1)
        first = parent.lineno
        assert home.end_lineno is not None
        while first - 1 > home.end_lineno and not source.lines[first - 2].strip():
            first -= 1
        del above
        yield lines.remove_lines(first, parent.end_lineno or parent.lineno)
        return
    if _is_elif(parent, context):
        raise Refused("the branch is one of several")
    start, begin = source.span(parent)[0], source.span(parent.test)[0]
    test_end = source.span(parent.test)[1]
    if source.text[start:begin].strip() != "if":
        raise Refused("the test stands in brackets")
    if isinstance(parent.test, (ast.UnaryOp, ast.Compare, ast.NamedExpr)):
        raise Refused("the test is more than the call")
    yield lines.edit(start, begin, "")
    yield lines.edit(test_end, lines.line_end(gone.end_lineno), "")


def _only_else(
    parent: ast.If, gone: ast.stmt, inside: list[int], home: ast.stmt, context: Context
) -> Iterator[Edit]:
    """``if taken: expire`` ``else: ...`` becomes ``if not taken: ...``; before an ``elif`` ``pass`` stays."""
    lines = context.lines
    source = lines.source
    following = parent.orelse[0]
    is_elif = isinstance(following, ast.If) and source.text[source.span(following)[0] :].startswith("elif")
    if is_elif:
        first, last = source.span(gone)
        yield lines.edit(first, last, "pass")
        return
    if isinstance(parent.test, (ast.UnaryOp, ast.Compare, ast.NamedExpr, ast.BoolOp)):
        raise Refused("the test is more than the call")
    yield from _move(inside, gone, home, context)
    assert gone.end_lineno is not None
    colon = next(
        (line for line in range(gone.end_lineno + 1, following.lineno) if source.lines[line - 1].lstrip().startswith("else")),
        None,
    )  # fmt: skip
    if colon is None:
        raise Refused("the else stands on one line with its body")
    begin = source.span(parent.test)[0]
    yield lines.edit(begin, begin, "not ")
    header = source.span(parent.test)[1]
    line, _ = source.position(header)
    yield lines.remove_lines(line + 1, colon)


def _without_else(parent: ast.If, gone: ast.stmt, home: ast.stmt, context: Context) -> Iterator[Edit]:
    """The ``else`` held nothing else."""
    lines = context.lines
    source = lines.source
    assert gone.end_lineno is not None
    last = parent.body[-1].end_lineno
    assert last is not None
    colon = next(
        (line for line in range(last + 1, gone.lineno) if source.lines[line - 1].lstrip().startswith("else")),
        None,
    )
    if colon is None:
        raise Refused("the else stands on one line with its body")
    inside = lines.comments(colon + 1, gone.lineno - 1)
    yield from _move(inside, gone, home, context)
    yield lines.remove_lines(colon, gone.end_lineno)


def _is_elif(test: ast.If, context: Context) -> bool:
    return context.module.source.text[context.module.source.span(test)[0] :].startswith("elif")
