"""Puts deliveries whose work could not be done back into the queue."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

import typer

from bot.events.delivery import Understanding
from bot.queue.dbos_queue import DbosQueue
from bot.store import deliveries
from bot.store.database import Database

if TYPE_CHECKING:
    from bot.queue.port import Queue
    from bot.settings import Settings

_NONE = "No delivery has failed."


def redeliver(settings: Settings, guids: Sequence[str]) -> int:
    """Without ids, lists the dead deliveries. With ids, puts each of them back; the exit code is 2 if one can't be.

    Works beside a running service. ``all`` stands for every dead delivery. Raises DatabaseUnusable, QueueUnusable.
    """
    database = Database(settings.database)
    try:
        database.migrate()
        if not guids:
            _list(database)
            return 0
        queue = DbosQueue(database, Understanding(lambda: ""))
        wanted = _dead(database) if list(guids) == ["all"] else guids
        if not wanted:
            typer.echo(_NONE)
        return max((_put_back(database, queue, guid) for guid in wanted), default=0)
    finally:
        database.close()


def _list(database: Database) -> None:
    with database.read() as connection:
        failed = deliveries.failed(connection)
    for each in failed:
        name = f"{each.event}.{each.action}" if each.action else each.event
        typer.echo(f"{each.guid}  {each.received_at:%Y-%m-%d %H:%M}  {name}: {each.reason}")
    if failed:
        typer.echo(
            "\n`patchwright redeliver ID...` puts them back into the queue, `redeliver all` every one."
        )
    else:
        typer.echo(_NONE)


def _dead(database: Database) -> list[str]:
    with database.read() as connection:
        return [each.guid for each in deliveries.failed(connection)]


class PutBack(StrEnum):
    """What became of a delivery that was to be put back. DONE: its work was done, nothing is repeated."""

    QUEUED = "queued"
    DONE = "done"
    UNKNOWN = "unknown"


def put_back(database: Database, queue: Queue, guid: str) -> PutBack:
    """Puts a delivery whose work could not be done back into the queue; one that waits already just goes on waiting."""
    with database.write() as connection:
        delivery = deliveries.read(connection, guid)
        if delivery is None:
            return PutBack.UNKNOWN
        if not deliveries.again(connection, guid):
            return PutBack.DONE
        queue.enqueue(connection, f"gh-{guid}", deliveries.partition(delivery), {"delivery": guid})
    return PutBack.QUEUED


_SAID = {
    PutBack.QUEUED: "is in the queue.",
    PutBack.DONE: "its work was done; nothing is repeated.",
    PutBack.UNKNOWN: "there is no such delivery here.",
}


def _put_back(database: Database, queue: Queue, guid: str) -> int:
    done = put_back(database, queue, guid)
    unknown = done is PutBack.UNKNOWN
    typer.echo(f"{guid}: {_SAID[done]}", err=unknown)
    return 2 if unknown else 0
