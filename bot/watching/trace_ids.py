"""Ids of spans: at random, but for the one that begins a delivery's trace. Needs OpenTelemetry's SDK."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

_first: ContextVar[tuple[int, int] | None] = ContextVar("patchwright_first_span", default=None)


@contextmanager
def begins(trace_id: int, span_id: int) -> Iterator[None]:
    """The next span that begins inside, without a parent, has these ids."""
    token = _first.set((trace_id, span_id))
    try:
        yield
    finally:
        _first.reset(token)


class Ids(RandomIdGenerator):
    """See `begins`."""

    def generate_trace_id(self) -> int:
        """The id of a new trace."""
        given = _first.get()
        return given[0] if given is not None else super().generate_trace_id()

    def generate_span_id(self) -> int:
        """The id of a new span; the one that was given is used once."""
        given = _first.get()
        if given is None:
            return super().generate_span_id()
        _first.set(None)
        return given[1]
