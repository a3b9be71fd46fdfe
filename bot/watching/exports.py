"""What goes to other services while a process runs: traces and error reports, where they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.version import own_version
from bot.watching import errors, traces


@contextmanager
def exporting() -> Iterator[None]:
    """Both, until the end of the block; what is left is sent then."""
    errors.set_up(own_version())
    traces.set_up(own_version())
    try:
        yield
    finally:
        close()


def close() -> None:
    """Sends what is left, for a process that ends at once."""
    traces.close()
    errors.close()
