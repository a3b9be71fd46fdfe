"""Puts deliveries whose work could not be done back into the queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from bot.events.delivery import Understanding
from bot.queue.dbos_queue import DbosQueue
from bot.store import deliveries
from bot.store.database import Database

if TYPE_CHECKING:
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


def _put_back(database: Database, queue: DbosQueue, guid: str) -> int:
    with database.write() as connection:
        delivery = deliveries.read(connection, guid)
        if delivery is None:
            typer.echo(f"{guid}: there is no such delivery here.", err=True)
            return 2
        if not deliveries.again(connection, guid):
            typer.echo(f"{guid}: its work was done; nothing is repeated.")
            return 0
        queue.enqueue(connection, f"gh-{guid}", deliveries.partition(delivery), {"delivery": guid})
    typer.echo(f"{guid}: is in the queue.")
    return 0
