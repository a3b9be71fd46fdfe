"""All that is stored of a repository that the App may no longer see, and of an installation that is gone, taken out.

A table that holds anything of a repository is dealt with here; a test looks at every table there is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.queue.records import OPEN, Run
from bot.store.tables import DeliveryState, deliveries, jobs, pull_requests, repositories, runs, sessions

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

_NOBODY = "forgotten"


@dataclass(frozen=True, slots=True)
class Leaving:
    """A repository that goes, and the job that is to forget it."""

    repository: int
    installation: int
    job: str


def runs_of(connection: Connection, leaving: Leaving) -> list[str]:
    """The workflows of the jobs that `forget` deletes: what the queue keeps of them goes first."""
    chosen = sa.select(jobs.c.id, jobs.c.run, jobs.c.partition).where(_older_jobs(connection, leaving))
    return [
        Run(job, number, partition).workflow
        for job, last, partition in connection.execute(chosen)
        for number in range(1, last + 1)
    ]


def forget(connection: Connection, leaving: Leaving) -> bool:
    """Deletes what is kept of the repository up to when the job was queued; True if its files are to go, too.

    A repository that has another installation by now keeps what it has there. Of the deliveries that spoke of several
    repositories, the payload goes; of the job itself, the repository's name.
    """
    found = sa.select(repositories.c.installation_id).where(repositories.c.id == leaving.repository)
    moved = connection.execute(found).scalar_one_or_none() not in {None, leaving.installation}
    own = _own_delivery(connection, leaving)
    connection.execute(sa.delete(jobs).where(_older_jobs(connection, leaving)))
    if own is not None:
        _forget_deliveries(connection, leaving, own)
    if not moved:
        for table, column in (
            (runs, runs.c.repository_id),
            (pull_requests, pull_requests.c.repository_id),
            (repositories, repositories.c.id),
        ):
            connection.execute(sa.delete(table).where(column == leaving.repository))
        _forget_in_sessions(connection, leaving.repository)
    _forget_name(connection, leaving.job)
    return not moved


def forget_uninstalled(connection: Connection) -> int:
    """Deletes the deliveries of installations that are gone, from before they went; how many.

    For those that no repository was known of, and for what was at work while its installation was forgotten.
    """
    gone = sa.select(deliveries).where(deliveries.c.event == "installation", deliveries.c.action == "deleted")
    count = 0
    for own in connection.execute(gone).mappings().all():
        if own["installation_id"] is not None:
            count += connection.execute(
                sa.delete(deliveries).where(
                    deliveries.c.installation_id == own["installation_id"],
                    deliveries.c.received_at <= own["received_at"],
                    deliveries.c.guid != own["guid"],
                    deliveries.c.state != DeliveryState.WAITING,
                )
            ).rowcount
            if own["state"] != DeliveryState.WAITING:
                _empty(connection, own)
    return count


def _own_delivery(connection: Connection, leaving: Leaving) -> RowMapping | None:
    chosen = (
        sa.select(deliveries).join(jobs, jobs.c.delivery == deliveries.c.guid).where(jobs.c.id == leaving.job)
    )
    return connection.execute(chosen).mappings().one_or_none()


def _older_jobs(connection: Connection, leaving: Leaving) -> sa.ColumnElement[bool]:
    """What was queued for the repository before its end was; a newer one is of a new beginning."""
    own = sa.select(jobs.c.place).where(jobs.c.id == leaving.job)
    place: int | None = connection.execute(own).scalar_one_or_none()
    if place is None:
        return sa.false()
    return sa.and_(
        jobs.c.repository_id == leaving.repository, jobs.c.id != leaving.job, jobs.c.place <= place
    )


def _forget_deliveries(connection: Connection, leaving: Leaving, own: RowMapping) -> None:
    before: datetime = own["received_at"]
    earlier = sa.and_(
        deliveries.c.guid != own["guid"],
        deliveries.c.received_at <= before,
        deliveries.c.installation_id == leaving.installation,
    )
    connection.execute(sa.delete(deliveries).where(earlier, deliveries.c.repository_id == leaving.repository))
    several = sa.and_(earlier, deliveries.c.repository_id.is_(None))
    open_ones = sa.select(jobs.c.delivery).where(jobs.c.state.in_(OPEN), jobs.c.delivery.is_not(None))
    ended = sa.and_(several, deliveries.c.guid.not_in(open_ones))
    if own["event"] == "installation" and own["action"] == "deleted":
        connection.execute(sa.delete(deliveries).where(ended))
    else:
        for each in connection.execute(sa.select(deliveries).where(ended)).mappings().all():
            _empty(connection, each)
    _empty(connection, own)  # what it asks for stands in its jobs


def _empty(connection: Connection, delivery: RowMapping) -> None:
    """Leaves of a payload what says that there was one."""
    left = {"action": delivery["action"], "installation": {"id": delivery["installation_id"]}}
    written = sa.update(deliveries).where(deliveries.c.guid == delivery["guid"])
    connection.execute(written.values(payload=json.dumps(left).encode()))


def _forget_in_sessions(connection: Connection, repository: int) -> None:
    key = str(repository)
    chosen = sa.select(sessions.c.id_hash, sessions.c.repositories).with_for_update()
    for id_hash, seen in connection.execute(chosen).all():
        if key in seen:
            left = {each: may for each, may in seen.items() if each != key}
            connection.execute(
                sa.update(sessions).where(sessions.c.id_hash == id_hash).values(repositories=left)
            )


def _forget_name(connection: Connection, job: str) -> None:
    chosen = sa.select(jobs.c.work).where(jobs.c.id == job)
    work = connection.execute(chosen).scalar_one_or_none()
    if work is not None:
        named = {**work["repository"], "owner": _NOBODY, "name": str(work["repository"]["id"])}
        connection.execute(sa.update(jobs).where(jobs.c.id == job).values(work={**work, "repository": named}))
