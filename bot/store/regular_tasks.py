"""Whose turn it is to do what one process at a time does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.tables import regular_tasks

if TYPE_CHECKING:
    from sqlalchemy import Connection


def take_turn(connection: Connection, name: str, every: timedelta, *, now: datetime | None = None) -> bool:
    """Whether the caller is to do the task now; then nobody else is, before ``every`` has passed.

    In a write transaction, which is over before the task begins: a process that dies in the middle is followed by
    whoever asks next, when it is time.
    """
    now = now or datetime.now(UTC)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    first = dialect.insert(regular_tasks).values(name=name, due_at=now)
    connection.execute(first.on_conflict_do_nothing(index_elements=["name"]))
    taken = (
        sa.update(regular_tasks)
        .where(regular_tasks.c.name == name, regular_tasks.c.due_at <= now)
        .values(due_at=now + every)
    )
    return connection.execute(taken).rowcount == 1
