"""The steps of a job: how long each took, for the run's record, the metrics and, where they are wanted, the traces.

Code that is called within a job says ``with step("snapshot"):`` and knows nothing of who listens. Outside of a job it
does nothing.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypedDict

from bot.watching import metrics, traces

MOST_STEPS = 200
"""A job for many pull requests repeats its steps: no more than so many are kept of one."""

MOST_LINES = 500


class Step(TypedDict):
    """One step as it is stored: when it began (ISO 8601, UTC) and how long it took."""

    name: str
    at: str
    seconds: float


@dataclass
class Record:
    """What is noted down of one attempt of a job while it runs. ``lines`` are the newest of its log, each JSON."""

    kind: str
    steps: list[Step] = field(default_factory=list)
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_LINES))

    def log(self) -> bytes | None:
        """The lines as they are stored; None for none."""
        return "\n".join(self.lines).encode("utf-8", "replace") if self.lines else None


_current: ContextVar[Record | None] = ContextVar("patchwright_record", default=None)


@contextmanager
def recorded(kind: str) -> Iterator[Record]:
    """Notes what happens inside as one attempt of a job of this kind."""
    record = Record(kind)
    token = _current.set(record)
    try:
        yield record
    finally:
        _current.reset(token)


def current() -> Record | None:
    """The record of the job that runs in this thread; None outside of one."""
    return _current.get()


@contextmanager
def step(name: str) -> Iterator[None]:
    """Times what happens inside as the job's step ``name``: one of a few fixed words, as it becomes a label."""
    record = _current.get()
    if record is None:
        yield
        return
    at, started = datetime.now(UTC), time.perf_counter()
    try:
        with traces.span(name):
            yield
    finally:
        seconds = time.perf_counter() - started
        metrics.STEP_SECONDS.labels(record.kind, name).observe(seconds)
        if len(record.steps) < MOST_STEPS:
            record.steps.append({"name": name, "at": at.isoformat(), "seconds": round(seconds, 4)})
