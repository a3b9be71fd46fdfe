"""Deliveries: written before they are answered, read by their jobs, listed where they failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.tables import DeliveryState, deliveries

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook delivery. ``payload`` is its JSON as received; ``received_at`` when it first came."""

    guid: str
    event: str
    action: str | None
    installation: int | None
    repository: int | None
    payload: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Failed:
    """A delivery whose work could not be done, and why; ``payload`` is left out."""

    guid: str
    event: str
    action: str | None
    repository: int | None
    received_at: datetime
    reason: str


def receive(connection: Connection, delivery: Delivery) -> bool:
    """Keep a delivery, or count that it came again; True if its work is still to be done.

    A redelivery has the same id. What was done, or found to be nothing to do, is not done again; what is dead
    waits again. The first payload stays: it is what was signed under that id.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(deliveries).values(
        guid=delivery.guid,
        event=delivery.event,
        action=delivery.action,
        installation_id=delivery.installation,
        repository_id=delivery.repository,
        received_at=delivery.received_at,
        payload=delivery.payload,
        state=DeliveryState.WAITING,
        attempts=1,
    )
    # psycopg has no row count for it: the row itself says whether it was written
    written = new.on_conflict_do_nothing(index_elements=["guid"]).returning(deliveries.c.guid)
    if connection.execute(written).first() is not None:
        return True
    return again(connection, delivery.guid)


def again(connection: Connection, guid: str) -> bool:
    """Let a known delivery wait again, unless its work was done; True if it is to be done."""
    put_back = (
        sa.update(deliveries)
        .where(
            deliveries.c.guid == guid,
            deliveries.c.state.in_((DeliveryState.WAITING, DeliveryState.DEAD)),
        )
        .values(
            state=DeliveryState.WAITING, reason=None, finished_at=None, attempts=deliveries.c.attempts + 1
        )
    )
    return connection.execute(put_back).rowcount == 1


def ignore(connection: Connection, guid: str, reason: str) -> None:
    """Note that there is nothing to be done for a delivery, and why."""
    ignored = {"state": DeliveryState.IGNORED, "reason": reason, "finished_at": datetime.now(UTC)}
    connection.execute(sa.update(deliveries).where(deliveries.c.guid == guid).values(**ignored))


def read(connection: Connection, guid: str) -> Delivery | None:
    """The delivery with this id, or None."""
    chosen = sa.select(
        deliveries.c.guid,
        deliveries.c.event,
        deliveries.c.action,
        deliveries.c.installation_id,
        deliveries.c.repository_id,
        deliveries.c.payload,
        deliveries.c.received_at,
    ).where(deliveries.c.guid == guid)
    found = connection.execute(chosen).one_or_none()
    return None if found is None else Delivery(*found)


def failed(connection: Connection, most: int = 1000) -> list[Failed]:
    """The dead deliveries, the newest first."""
    chosen = (
        sa.select(
            deliveries.c.guid,
            deliveries.c.event,
            deliveries.c.action,
            deliveries.c.repository_id,
            deliveries.c.received_at,
            sa.func.coalesce(deliveries.c.reason, ""),
        )
        .where(deliveries.c.state == DeliveryState.DEAD)
        .order_by(deliveries.c.received_at.desc())
        .limit(most)
    )
    return [Failed(*row) for row in connection.execute(chosen)]


def partition(delivery: Delivery) -> str:
    """What its first job must not run beside: jobs of the same repository, or else of the same installation."""
    if delivery.repository is not None:
        return str(delivery.repository)
    return f"installation-{delivery.installation or 0}"
