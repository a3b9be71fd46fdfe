"""Deliveries as the operator's pages list them: a page at a time, the newest first."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.store.tables import DeliveryState, deliveries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery without its payload. ``attempts`` is how often it was received or put back."""

    guid: str
    event: str
    action: str | None
    installation_id: int | None
    repository_id: int | None
    received_at: datetime
    state: DeliveryState
    reason: str | None
    attempts: int
    finished_at: datetime | None

    @property
    def cursor(self) -> str:
        """Names this delivery's place in the list: pages go on after it."""
        return f"{(self.received_at - _BEGINNING) // _MICROSECOND}-{self.guid}"


class NoCursor(ValueError):  # noqa: N818 - named as its reader thinks of it
    """What was given as a place in the list is none."""


def listed(
    connection: Connection,
    *,
    state: DeliveryState | None = None,
    event: str | None = None,
    after: str | None = None,
    most: int = 50,
) -> list[DeliveryRow]:
    """At most so many deliveries, the newest first; with ``after``, a cursor, those that come after it.

    Every state is asked for by itself: that goes along the index, whatever the number of deliveries. Raises NoCursor.
    """
    found = [
        _of_state(connection, each, event, after, most) for each in ([state] if state else DeliveryState)
    ]
    newest = heapq.merge(*found, key=lambda row: (row.received_at, row.guid), reverse=True)
    return list(newest)[:most]


def read(connection: Connection, guid: str) -> DeliveryRow | None:
    """The delivery with this id, or None."""
    row = connection.execute(_CHOSEN.where(deliveries.c.guid == guid)).one_or_none()
    return None if row is None else _row(row)


def payload(connection: Connection, guid: str) -> bytes:
    """What was delivered, as it came; empty for a delivery that is not kept."""
    chosen = sa.select(deliveries.c.payload).where(deliveries.c.guid == guid)
    return connection.execute(chosen).scalar_one_or_none() or b""


def states(connection: Connection) -> dict[DeliveryState, int]:
    """How many deliveries are in each state."""
    chosen = sa.select(deliveries.c.state, sa.func.count()).group_by(deliveries.c.state)
    counts = {DeliveryState(state): count for state, count in connection.execute(chosen)}
    return {each: counts.get(each, 0) for each in DeliveryState}


_CHOSEN = sa.select(
    deliveries.c.guid,
    deliveries.c.event,
    deliveries.c.action,
    deliveries.c.installation_id,
    deliveries.c.repository_id,
    deliveries.c.received_at,
    deliveries.c.state,
    deliveries.c.reason,
    deliveries.c.attempts,
    deliveries.c.finished_at,
)


def _of_state(
    connection: Connection, state: DeliveryState, event: str | None, after: str | None, most: int
) -> Sequence[DeliveryRow]:
    chosen = _CHOSEN.where(deliveries.c.state == state)
    if event:
        chosen = chosen.where(deliveries.c.event == event)
    if after:
        at, guid = _place(after)
        chosen = chosen.where(
            deliveries.c.received_at <= at,
            sa.or_(deliveries.c.received_at < at, deliveries.c.guid < guid),
        )
    ordered = chosen.order_by(deliveries.c.received_at.desc(), deliveries.c.guid.desc()).limit(most)
    rows = [_row(each) for each in connection.execute(ordered)]
    # databases order text in ways of their own; where a page ends within one microsecond, one of them has to hold
    return sorted(rows, key=lambda row: (row.received_at, row.guid), reverse=True)


def _place(cursor: str) -> tuple[datetime, str]:
    microseconds, _, guid = cursor.partition("-")
    if not microseconds.isascii() or not microseconds.isdigit() or len(microseconds) > 17 or not guid:
        raise NoCursor(cursor)
    return _BEGINNING + int(microseconds) * _MICROSECOND, guid


def _row(row: Any) -> DeliveryRow:
    values = row._asdict()
    return DeliveryRow(**{**values, "state": DeliveryState(values["state"])})
