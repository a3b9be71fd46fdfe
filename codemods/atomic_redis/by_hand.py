"""Counting by hand through several statements: reported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemods.atomic_redis.calls import Command, command, plain_receiver
from codemods.atomic_redis.expressions import names_read, same
from codemods.atomic_redis.sites import Context, Site, same_client
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.finding import Edit

_STATEMENTS = 8


def find(block: list[ast.stmt], context: Context) -> Iterator[Site]:
    """What is read at the beginning of a block, counted, and written back some statements later."""
    for at, statement in enumerate(block):
        read = command(statement)
        if read is None or read.name != "get" or not isinstance(read.target, ast.Name) or read.key is None:
            continue
        if not plain_receiver(read.receiver):
            continue
        derived, counted = {read.target.id}, False
        for following in block[at + 1 : at + 1 + _STATEMENTS]:
            write = command(following)
            if write is not None and write.name in {"set", "setex"} and same(write.key, read.key):
                value = write.argument(2 if write.name == "setex" else 1, "value")
                sums = (
                    value is not None and names_read(value) & derived and (counted or _adds(value, derived))
                )
                if sums and same_client(write, read.receiver, read.awaited):
                    yield _site(read, write, context)
                break
            if isinstance(following, (ast.Return, ast.Raise)):
                break
            for part in walk(following):
                if isinstance(part, ast.Assign) and names_read(part.value) & derived:
                    derived |= {item.id for item in part.targets if isinstance(item, ast.Name)}
                    counted = counted or _adds(part.value, derived)
                elif (
                    isinstance(part, ast.AugAssign)
                    and isinstance(part.target, ast.Name)
                    and part.target.id in derived
                ):
                    counted = counted or isinstance(part.op, (ast.Add, ast.Sub))


def _adds(value: ast.expr, derived: set[str]) -> bool:
    """``int(x) + 1`` of something that was read: a sum with a plain number, with the number made of it seen."""
    return any(
        isinstance(part, ast.BinOp)
        and isinstance(part.op, (ast.Add, ast.Sub))
        and isinstance(part.right, ast.Constant)
        and isinstance(part.right.value, int)
        and names_read(part.left) & derived
        for part in walk(value)
    )


def _site(read: Command, write: Command, context: Context) -> Site:
    assert read.key is not None

    def edits() -> Iterator[Edit]:
        return iter(())

    site = Site(
        "count",
        read.statement,
        write.statement,
        read.receiver,
        read.awaited,
        (read.name, write.name),
        (),
        f"`{context.text(read.key)}` is read, counted and written back by two commands: "
        "of two callers at once, one count is lost.",
        edits,
    )
    site.block("the count is worked out over several statements, which INCR would take the place of")
    return site
