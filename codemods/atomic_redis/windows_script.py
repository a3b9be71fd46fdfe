"""A counter that may come back to 0: a script that does exactly what the two commands did."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemods.atomic_redis.expressions import constant_number
from codemods.engine.finding import Refused

if TYPE_CHECKING:
    from codemods.atomic_redis.calls import Command
    from codemods.atomic_redis.sites import Context
    from codemods.engine.finding import Edit

_SCRIPT = "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('{command}', KEYS[1], ARGV[1]) end return n"


def can_be_scripted(write: Command, expiry: Command, context: Context) -> bool:
    """Whether the counter goes up by one, and its time is a number of which a script can be told."""
    time = expiry.time
    if time is None or write.target is None:
        return False
    amount = write.argument(1, "amount")
    if amount is not None and not (isinstance(amount, ast.Constant) and amount.value == 1):
        return False
    if _is_span(expiry, context):
        return True
    number = constant_number(time, context.module, context.project)
    if number is not None:
        return isinstance(number, int)
    known = context.project.types.of(time, context.module)
    return known is None or known.name == "builtins.int"


def _is_span(expiry: Command, context: Context) -> bool:
    known = context.project.types.of(expiry.time, context.module) if expiry.time is not None else None
    return known is not None and known.name.startswith("datetime.timedelta")


def script_edits(write: Command, expiry: Command, context: Context) -> Iterator[Edit]:
    """The counting statement becomes one call of the script; the test is taken away by the caller."""
    lines, statement = context.lines, write.statement
    assert write.key is not None
    assert expiry.time is not None
    indent, step = lines.indent(statement), lines.step(statement)
    key, time = context.text(write.key), context.text(expiry.time)
    if _is_span(expiry, context):
        time = (
            f"int({time}.total_seconds())"
            if expiry.name == "expire"
            else f"int({time}.total_seconds() * 1000)"
        )
    if "\n" in key + time:
        raise Refused("the key or the time is written over several lines")
    script = _SCRIPT.format(command=expiry.name.upper())
    body = "".join(f"\n{indent}{step}{part}," for part in (f'"{script}"', "1", key, time))
    awaited = "await " if write.awaited else ""
    start, end = lines.source.span(write.whole)
    yield lines.edit(start, end, f"{awaited}{context.receiver(write.receiver)}.eval({body}\n{indent})")
