"""A bound for what would otherwise run for hours."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 120
"""Seconds. What is tried takes much less than one with the defence, and hours without."""


class NeverEnds(Exception):  # noqa: N818 - what is wrong with it
    """It was still at it when the patience was over."""


@contextmanager
def soon() -> Iterator[None]:
    """Raises NeverEnds in a block that runs for longer than anybody waits; regular expressions are interrupted too."""

    def over(number: int, frame: object) -> None:
        raise NeverEnds

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
