"""Waiting for a condition instead of for a time."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(condition: Callable[[], object], seconds: float = 60, what: str = "") -> None:
    """Return when ``condition()`` is true; fail after ``seconds``, which is far more than it takes."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what or "it never happened"
        time.sleep(0.02)
