"""Traces by OpenTelemetry, where it is installed and its standard variables ask for it; else nothing happens.

A delivery and the jobs that it asks for are one trace: the trace's id follows from the delivery's, so that nothing has
to be stored for it. A trace holds times, kinds, ids, the repository's name and statuses: no code, no payload, no
message of an exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.queue.port import Job


class Traced:
    """The span of a job that runs."""

    def ended(self, outcome: str) -> None:
        """Notes how it ended."""


@contextmanager
def span(name: str) -> Iterator[None]:
    """A part of what is traced in this thread."""
    yield


@contextmanager
def job(job: Job, repository: str | None) -> Iterator[Traced]:
    """The span of one attempt of a job, in the trace of its delivery."""
    yield Traced()
