"""What DBOS reads from the database stays data.

A row says itself how its value was written, and DBOS 3.4 reads pickles wherever a row says so, whichever serializer it
was given. Unpickling runs code: who can write to the database could run some here.
"""

from __future__ import annotations

from typing import Never

from dbos import _serialization


class Pickled(Exception):  # noqa: N818 - what the value is
    """A value in the queue's tables says that it is a pickle; this service writes none."""


def refuse_pickles() -> None:
    """From now on, DBOS raises Pickled in this process where it would have read one."""
    setattr(_serialization.DefaultSerializer, "deserialize", _refused)  # noqa: B010 - its types allow no other


def _refused(self: object, serialized_data: str) -> Never:
    raise Pickled("a pickled value in the queue's tables is not read")
