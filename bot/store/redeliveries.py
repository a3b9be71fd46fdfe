"""Which failed deliveries GitHub was asked to repeat, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.tables import deliveries, redeliveries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """How often GitHub was asked for one delivery, and when the last time (UTC)."""

    times: int
    at: datetime


def taken(connection: Connection, guids: Sequence[str]) -> set[str]:
    """Those of the deliveries that are known here: they came, whatever their sender thinks of it."""
    found: set[str] = set()
    for some in _parts(guids):
        chosen = sa.select(deliveries.c.guid).where(deliveries.c.guid.in_(some))
        found.update(connection.execute(chosen).scalars())
    return found


def asked(connection: Connection, guids: Sequence[str]) -> dict[str, Asked]:
    """What was asked for before, by delivery."""
    found: dict[str, Asked] = {}
    for some in _parts(guids):
        chosen = sa.select(redeliveries).where(redeliveries.c.guid.in_(some))
        found.update({row.guid: Asked(row.times, row.asked_at) for row in connection.execute(chosen)})
    return found


def note(connection: Connection, guid: str, now: datetime) -> None:
    """Counts one more request for a delivery."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    first = dialect.insert(redeliveries).values(guid=guid, times=1, asked_at=now)
    again = {"times": redeliveries.c.times + 1, "asked_at": now}
    connection.execute(first.on_conflict_do_update(index_elements=["guid"], set_=again))


def _parts(guids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(guids), _AT_ONCE):
        yield guids[start : start + _AT_ONCE]
