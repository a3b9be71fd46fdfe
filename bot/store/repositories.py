"""Repositories by GitHub's number for them: their current name, and what was last read of their configuration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.events.work import Repository
from bot.store.tables import repositories

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Stored:
    """One repository. ``base_branches`` are None as long as its configuration was not read."""

    id: int
    owner: str
    name: str
    installation: int | None
    default_branch: str | None
    base_branches: tuple[str, ...] | None
    paused: bool
    undeclined: frozenset[str]

    @property
    def repository(self) -> Repository | None:
        """As work names it; None if no installation may act on it."""
        if self.installation is None:
            return None
        return Repository(id=self.id, owner=self.owner, name=self.name, installation=self.installation)


@dataclass(frozen=True, slots=True)
class Configuration:
    """The configuration in force, for people to read.

    ``source`` is the file's path (None for the defaults), ``sha`` the commit it was read at, ``text`` what it says,
    ``trouble`` why a newer one is not in force, a line for each mistake (None if none is).
    """

    source: str | None
    sha: str | None
    text: str | None
    trouble: str | None


def remember(
    connection: Connection,
    repository: Repository,
    default_branch: str | None = None,
    *,
    seen_at: datetime | None = None,
) -> None:
    """Keep the repository under its number, with the name, installation and default branch it had at that time.

    ``seen_at`` is now if not given. What was seen later stays: an old delivery, delivered again, does not bring an
    old name back.
    """
    seen_at = seen_at or datetime.now(UTC)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    current = {
        "owner": repository.owner,
        "name": repository.name,
        "installation_id": repository.installation,
        "seen_at": seen_at,
        **({"default_branch": default_branch} if default_branch else {}),
    }
    insert = dialect.insert(repositories).values(id=repository.id, paused=False, undeclined=[], **current)
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["id"], set_=current, where=repositories.c.seen_at <= seen_at
        )
    )


def seen_since(connection: Connection, moment: datetime) -> set[int]:
    """The repositories that a delivery or a job spoke of since then."""
    return set(
        connection.execute(sa.select(repositories.c.id).where(repositories.c.seen_at >= moment)).scalars()
    )


def read(connection: Connection, repository_id: int) -> Stored | None:
    """The repository with this number, or None."""
    return next(_read(connection, repositories.c.id == repository_id), None)


def of_installation(connection: Connection, installation: int) -> list[Stored]:
    """The repositories that an installation is known to act on, by number."""
    return list(_read(connection, repositories.c.installation_id == installation))


def configure(
    connection: Connection,
    repository_id: int,
    default_branch: str,
    base_branches: Iterable[str],
    configuration: Configuration | None = None,
) -> None:
    """Note which branches the repository wants pull requests for, and the rest, as its configuration was last read."""
    change = sa.update(repositories).where(repositories.c.id == repository_id)
    values: dict[str, object] = {
        "default_branch": default_branch,
        "base_branches": sorted(set(base_branches)),
    }
    if configuration is not None:
        values |= {
            "config_source": configuration.source,
            "config_sha": configuration.sha,
            "config_text": _storable(configuration.text),
            "config_trouble": _storable(configuration.trouble),
        }
    connection.execute(change.values(**values))


def pause(connection: Connection, repository_id: int, *, paused: bool) -> None:
    """Stop opening and updating pull requests there, or go on."""
    connection.execute(
        sa.update(repositories).where(repositories.c.id == repository_id).values(paused=paused)
    )


def undecline(connection: Connection, repository_id: int, fingerprints: Iterable[str]) -> None:
    """Offer declined findings again. Inside of a write transaction: it reads what it changes."""
    chosen = sa.select(repositories.c.undeclined).where(repositories.c.id == repository_id).with_for_update()
    before = connection.execute(chosen).scalar_one_or_none()
    if before is not None:
        connection.execute(
            sa.update(repositories)
            .where(repositories.c.id == repository_id)
            .values(undeclined=sorted({*before, *fingerprints}))
        )


def _storable(text: str | None) -> str | None:
    """The text without what PostgreSQL or UTF-8 cannot hold."""
    return None if text is None else text.replace("\0", "\ufffd").encode(errors="replace").decode()


def _read(connection: Connection, condition: sa.ColumnElement[bool]) -> Iterator[Stored]:
    chosen = sa.select(
        repositories.c.id,
        repositories.c.owner,
        repositories.c.name,
        repositories.c.installation_id,
        repositories.c.default_branch,
        repositories.c.base_branches,
        repositories.c.paused,
        repositories.c.undeclined,
    ).where(condition)
    for row in connection.execute(chosen.order_by(repositories.c.id)):
        bases = None if row.base_branches is None else tuple(row.base_branches)
        yield Stored(*row[:5], bases, row.paused, frozenset(row.undeclined))
