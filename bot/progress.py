"""A progress bar on standard error, for runs that take long enough to wonder."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.run.report import Progress

_PATIENCE = 0.7
_WIDTH = 24


@contextlib.contextmanager
def progress() -> Iterator[Progress | None]:
    """Draws while the run goes on; None where standard error is no terminal."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    bar = _Bar()
    try:
        yield bar
    finally:
        bar.clear()


class _Bar:
    def __init__(self) -> None:
        self._started = time.monotonic()
        self._drawn = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._started < _PATIENCE or (now - self._drawn < 0.05 and done < total):
            return
        self._drawn = now
        filled = _WIDTH * done // max(total, 1)
        bar = "━" * filled + " " * (_WIDTH - filled)
        text = f"\r\x1b[2K{stage} {bar} {done:,}/{total:,}"
        sys.stderr.write(text if _draws(text) else f"\r\x1b[2K{stage} {done:,}/{total:,}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Takes the bar away."""
        if self._drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def _draws(text: str) -> bool:
    """Whether the terminal's encoding has the bar's characters."""
    try:
        text.encode(sys.stderr.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
