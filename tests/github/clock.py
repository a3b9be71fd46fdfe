"""The stand-in's time, which tests can advance."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """The machine's time plus what a test has added."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass at once."""
        self._ahead += seconds

    def time(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._ahead

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    def iso(self) -> str:
        """The moment as GitHub writes it, to the second."""
        return iso(self.time())


def iso(seconds: float) -> str:
    """A moment as GitHub writes it: ``2026-01-02T03:04:05Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
