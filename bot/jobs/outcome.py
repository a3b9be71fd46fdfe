"""How a job ended. The queue acts on it; the log and the pages show it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Outcome(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Done(_Outcome):
    """Everything that was to be done has been done. ``summary`` is one sentence; ``actions`` one line each."""

    kind: Literal["done"] = "done"
    summary: str
    actions: tuple[str, ...] = ()


class Superseded(_Outcome):
    """A newer job for the same branch does this one's work."""

    kind: Literal["superseded"] = "superseded"
    by: str


class Later(_Outcome):
    """GitHub said to come back: the job waits until ``at`` (UTC) without holding a worker. Not a failed attempt."""

    kind: Literal["later"] = "later"
    at: datetime
    reason: str


class Retry(_Outcome):
    """Something failed that can pass (a 5xx, a timeout, a race): tried again with growing pauses."""

    kind: Literal["retry"] = "retry"
    reason: str


class Dead(_Outcome):
    """What cannot pass by itself: kept as a dead letter with its reason, until a person retries it."""

    kind: Literal["dead"] = "dead"
    reason: str


Outcome = Annotated[Done | Superseded | Later | Retry | Dead, Field(discriminator="kind")]
OUTCOME: TypeAdapter[Done | Superseded | Later | Retry | Dead] = TypeAdapter(Outcome)
"""Reads and writes any outcome as JSON."""
