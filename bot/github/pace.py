"""How fast one installation may be used, across the threads of this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from bot.github.errors import RateLimited


class Pace:
    """Writes go one after another, ``pause`` seconds apart, and nothing goes while GitHub has said to wait.

    GitHub asks for both (its best practices for the REST API), and asks again, for longer, of those who do not.
    """

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._writing = threading.Lock()
        self._state = threading.Lock()
        self._next_write = 0.0
        self._until: datetime | None = None
        self.in_a_row = 0
        """How many times in a row GitHub said to wait."""

    def check(self) -> None:
        """Raises RateLimited while the last wait that GitHub asked for lasts."""
        until = self._until
        if until is not None and datetime.now(UTC) < until:
            raise RateLimited(f"GitHub said to wait until {until:%Y-%m-%d %H:%M:%S} UTC", until)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Holds other writes back meanwhile, and waits for its turn first."""
        with self._writing:
            if (left := self._next_write - time.monotonic()) > 0:
                time.sleep(left)
            try:
                yield
            finally:
                self._next_write = time.monotonic() + self._pause

    def limited(self, until: datetime) -> None:
        """GitHub said to wait."""
        with self._state:
            self._until = until if self._until is None else max(until, self._until)
            self.in_a_row += 1

    def answered(self) -> None:
        """GitHub answered, and not with a limit."""
        self.in_a_row = 0
