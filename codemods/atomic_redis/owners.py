"""A lock that stores whose it is, and is given back without asking: reported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemods.atomic_redis.calls import Command, command, command_in, plain_receiver
from codemods.atomic_redis.expressions import evaluation, same
from codemods.atomic_redis.sites import Context, Site, arguments, same_client
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.finding import Edit


def find(block: list[ast.stmt], context: Context) -> Iterator[Site]:
    """Deletions in a class of a key that another method takes with ``NX`` and a value made for one owner."""
    for statement in block:
        if not isinstance(statement, ast.ClassDef):
            continue
        deletions = list(_deletions(statement))
        if not deletions:
            continue
        for taken in _takings(statement):
            value = taken.argument(1, "value")
            if value is None or not _is_owner(value, statement, context):
                continue
            for gone in deletions:
                if same(gone.key, taken.key) and same_client(gone, taken.receiver, taken.awaited):
                    yield _site(gone, taken, context)


def _takings(owner: ast.ClassDef) -> Iterator[Command]:
    """``set(key, value, nx=True, ...)`` and ``setnx(key, value)`` wherever they stand in the class."""
    for sent in command_in(owner):
        nx = sent.keyword("nx")
        locks = sent.name == "setnx" or (
            sent.name == "set" and isinstance(nx, ast.Constant) and nx.value is True
        )
        if locks and isinstance(sent.key, ast.Attribute) and plain_receiver(sent.receiver):
            yield sent


def _deletions(owner: ast.ClassDef) -> Iterator[Command]:
    """``delete(key)`` as the last thing of a method, with no test around it that could have asked for the owner."""
    for method in owner.body:
        if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for statement in method.body:
                sent = command(statement)
                if sent is None or sent.name != "delete" or len(arguments(sent.call)) != 1:
                    continue
                if isinstance(sent.key, ast.Attribute) and not _asks(method, sent):
                    yield sent


def _asks(method: ast.FunctionDef | ast.AsyncFunctionDef, gone: Command) -> bool:
    """Whether the method reads the key before, in whatever way."""
    return any(
        sent is not gone and sent.name != "delete" and same(sent.key, gone.key) for sent in command_in(method)
    )


def _is_owner(value: ast.expr, owner: ast.ClassDef, context: Context) -> bool:
    """Whether an attribute is bound, once in the class, to something new each time, such as a UUID."""
    if not isinstance(value, ast.Attribute):
        return False
    bound = [
        part.value
        for part in walk(owner)
        if isinstance(part, (ast.Assign, ast.AnnAssign))
        and part.value is not None
        and any(
            isinstance(target, ast.Attribute) and same_attribute(target, value)
            for target in (part.targets if isinstance(part, ast.Assign) else [part.target])
        )
    ]
    return len(bound) == 1 and bool(evaluation(bound[0], context.module, context.project).changing)


def same_attribute(one: ast.Attribute, other: ast.Attribute) -> bool:
    """Whether two attributes have the same name on the same name."""
    return one.attr == other.attr and same(one.value, other.value)


def _site(gone: Command, taken: Command, context: Context) -> Site:
    assert gone.key is not None

    def edits() -> Iterator[Edit]:
        return iter(())

    site = Site(
        "owner",
        gone.statement,
        gone.statement,
        gone.receiver,
        gone.awaited,
        (taken.name, gone.name),
        (),
        f"{context.text(gone.key)} is deleted without asking whose it is: "
        "a lock that expired and was taken again is another owner's.",
        edits,
    )
    value = taken.argument(1, "value")
    stored = context.text(value) if value is not None else "a value of its owner"
    site.block(
        f"line {taken.call.lineno} stores {stored} there; a Lua script can compare it and delete in one step"
    )
    return site
