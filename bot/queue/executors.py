"""Which processes run jobs, and whose are taken over because it died (PostgreSQL)."""

from __future__ import annotations

import os
import socket
import uuid
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bot.queue import processes
from bot.store.tables import executors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

BEAT = 3.0
"""Seconds between two signs of life."""

GIVEN_UP = 15
"""Seconds without a sign of life after which a process's jobs are handed to others."""

ON_SQLITE = "patchwright"
"""The one executor that a SQLite file can have."""


def new_id() -> str:
    """An executor id that no process has had: host and process for people, the rest for uniqueness."""
    return f"{socket.gethostname()[:24]}-{os.getpid()}-{uuid.uuid4().hex[:12]}"


def beat(connection: Connection, executor: str) -> None:
    """Say that ``executor`` is alive, by the database's clock."""
    written = postgresql.insert(executors).values(id=executor, host=processes.own(), beat_at=sa.func.now())
    connection.execute(written.on_conflict_do_update(index_elements=["id"], set_={"beat_at": sa.func.now()}))


def silent(connection: Connection, among: Iterable[str]) -> list[str]:
    """Those of the given executors that gave no sign of life for `GIVEN_UP` seconds, or none ever.

    Processes that are seen to have ended, because they ran where this one runs, are among them at once.
    """
    wanted = set(among)
    since = sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, GIVEN_UP)
    chosen = sa.select(executors.c.id, executors.c.host).where(
        executors.c.id.in_(wanted), executors.c.beat_at > since
    )
    alive = {name for name, host in connection.execute(chosen).tuples() if not processes.has_ended(host)}
    return sorted(wanted - alive)


def leave(connection: Connection, executor: str) -> None:
    """Take ``executor`` off the list: what it has left over is taken over at once."""
    connection.execute(sa.delete(executors).where(executors.c.id == executor))


def forget_silent(connection: Connection) -> None:
    """Delete the rows of processes that have been gone for a day."""
    since = sa.func.now() - sa.func.make_interval(0, 0, 0, 1)
    connection.execute(sa.delete(executors).where(executors.c.beat_at < since))
