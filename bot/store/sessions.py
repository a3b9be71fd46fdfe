"""Who is signed in to the pages, and which repositories they see, as GitHub said when it was last asked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.tables import sessions

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Session:
    """One browser's. ``id_hash`` is the SHA-256 of what its cookie carries: what is stored opens nothing.

    ``repositories``: whether the person may push, by GitHub's number. ``checked_at``: when that was read from GitHub.
    """

    id_hash: str
    github_id: int
    login: str
    repositories: dict[int, bool]
    created_at: datetime
    checked_at: datetime
    expires_at: datetime


def keep(connection: Connection, session: Session) -> None:
    """Keep a session, in place of what was kept under its hash; several tabs may do so at once."""
    row = asdict(session) | {"repositories": {str(id_): may for id_, may in session.repositories.items()}}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(sessions).values(**row)
    connection.execute(new.on_conflict_do_update(index_elements=["id_hash"], set_=row))


def read(connection: Connection, id_hash: str, now: datetime) -> Session | None:
    """The session with this hash, unless it has expired."""
    chosen = sa.select(sessions).where(sessions.c.id_hash == id_hash, sessions.c.expires_at > now)
    row = connection.execute(chosen).mappings().one_or_none()
    if row is None:
        return None
    return Session(**{**row, "repositories": {int(id_): may for id_, may in row["repositories"].items()}})


def end(connection: Connection, id_hash: str) -> None:
    """Sign a browser out."""
    connection.execute(sa.delete(sessions).where(sessions.c.id_hash == id_hash))


def end_all(connection: Connection, github_id: int) -> int:
    """Sign a person out of every browser; how many there were."""
    return connection.execute(sa.delete(sessions).where(sessions.c.github_id == github_id)).rowcount


def clean_up(connection: Connection, now: datetime) -> int:
    """Delete the sessions that have expired; how many."""
    return connection.execute(sa.delete(sessions).where(sessions.c.expires_at <= now)).rowcount
