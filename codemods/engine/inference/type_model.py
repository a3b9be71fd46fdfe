"""What an expression is: the answer that type inference gives, and how several answers become one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

ValueKind = Literal["instance", "class", "module", "function", "external", "none"]

GENERATORS = {
    "Generator", "Iterator", "Iterable", "AsyncGenerator", "AsyncIterator", "AsyncIterable", "Coroutine", "Awaitable",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Type:
    """What an expression is.

    ``kind`` ``instance``: an object whose class is ``name``: qualified for the repository's own classes (then ``path``
    is the file of the class), as imported for libraries (``redis.asyncio.Redis``), ``builtins.str`` for literals; the
    result of calling a library's function is written with brackets (``redis.from_url()``, ``boto3.Session.client()``).
    ``class``, ``function``, ``module``: the repository's own object. ``external``: a library's object named ``name``.
    ``optional``: may also be None. ``args``: type arguments. ``proof``: where it was learnt.
    """

    name: str
    kind: ValueKind = "instance"
    optional: bool = False
    args: tuple[Type, ...] = ()
    path: str = field(default="", compare=False)
    proof: str = field(default="", compare=False)

    @property
    def last(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


NONE = Type("None", "none")


def join(found: Iterable[Type | None]) -> Type | None:
    """What all of several answers agree on; None makes it optional, an unknown makes it unknown."""
    result: Type | None = None
    optional = False
    count = 0
    for one in found:
        count += 1
        if one is None:
            return None
        if one.kind == "none":
            optional = True
            continue
        if result is None:
            result = one
        elif (result.name, result.kind, result.args) != (one.name, one.kind, one.args):
            if (result.name, result.kind) != (one.name, one.kind):
                return None
            result = replace(result, args=())
        optional = optional or one.optional
    if result is None:
        return NONE if count else None
    return replace(result, optional=True) if optional and not result.optional else result


def awaited(found: Type | None) -> Type | None:
    """What ``await`` gives."""
    if found is not None and found.last in {"Coroutine", "Awaitable"} and found.args:
        return found.args[-1]
    return found


def yielded(found: Type | None) -> Type | None:
    """What a generator, iterator or coroutine gives in the end; anything else as it is."""
    while found is not None and found.last in GENERATORS and found.args:
        found = found.args[-1] if found.last == "Coroutine" else found.args[0]
    return found
