"""A limit on sign-ins that come to nothing: each one costs GitHub and this service requests."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MOST_FAILURES = 30
WINDOW_SECONDS = 60.0
AT_ONCE = 8
MOST_WAITING = 8
WAIT_SECONDS = 10.0

_MOST_ADDRESSES = 10_000


class TooManyAttempts(Exception):  # noqa: N818 - what is the case
    """Nobody is signed in from there now; ``seconds`` until it may be tried again."""

    def __init__(self, seconds: int) -> None:
        super().__init__("too many attempts to sign in")
        self.seconds = seconds


class Attempts:
    """The attempts at one process: at most ``AT_ONCE`` at the same time, while a few more wait for ``WAIT_SECONDS``.

    After ``MOST_FAILURES`` failed ones from an address within ``WINDOW_SECONDS``, none from there until these are over;
    who is signed in already is let through: an address may be many people's.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._inside = threading.BoundedSemaphore(AT_ONCE + MOST_WAITING)
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._failed: OrderedDict[str, tuple[float, int]] = OrderedDict()

    @contextmanager
    def one(self, address: str, *, known: bool = False) -> Iterator[None]:
        """Room for one attempt from ``address``; ``known``: by somebody who is signed in. Raises TooManyAttempts."""
        began, failures = self._of(address)
        if failures >= MOST_FAILURES and not known:
            raise TooManyAttempts(int(began + WINDOW_SECONDS - self._clock()) + 1)
        if not self._inside.acquire(blocking=False):
            raise TooManyAttempts(int(WAIT_SECONDS))
        try:
            if not self._free.acquire(timeout=WAIT_SECONDS):
                raise TooManyAttempts(int(WAIT_SECONDS))
            try:
                yield
            finally:
                self._free.release()
        finally:
            self._inside.release()

    def failed(self, address: str) -> None:
        """Count an attempt that was in vain."""
        began, failures = self._of(address)
        with self._lock:
            self._failed[address] = (began, failures + 1)
            while len(self._failed) > _MOST_ADDRESSES:
                self._failed.popitem(last=False)

    def _of(self, address: str) -> tuple[float, int]:
        now = self._clock()
        with self._lock:
            began, failures = self._failed.get(address, (now, 0))
            if now - began < WINDOW_SECONDS:
                return began, failures
            self._failed.pop(address, None)
            return now, 0
