"""Deliveries written to the database together with their jobs, as many in one transaction as wait for it."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Literal

from pydantic_core import from_json
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.events import own_pulls
from bot.receive.asking_nothing import why_nothing
from bot.store import deliveries

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.events.delivery import Understanding
    from bot.queue.port import Queue
    from bot.store.database import Database
    from bot.store.deliveries import Delivery

MOST = 50
"""Deliveries in one transaction. A commit waits for the disk; while it does, the next ones gather."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a delivery that is in the database now.

    ``accepted``: its job is there as well. ``known``: it came before, and its work was done. ``ignored``: there is
    nothing to do, and ``reason`` says why.
    """

    verdict: Literal["accepted", "known", "ignored"]
    reason: str | None = None


class Keeping:
    """One thread that writes what others hand to it."""

    def __init__(self, database: Database, queue: Queue, understanding: Understanding) -> None:
        self._database, self._queue, self._understanding = database, queue, understanding
        self._waiting: SimpleQueue[tuple[Delivery, Future[Kept]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="receive", daemon=True)
        self._thread.start()

    def keep(self, delivery: Delivery) -> Future[Kept]:
        """When it is done: what became of the delivery. Raises what the database raises."""
        future: Future[Kept] = Future()
        self._waiting.put((delivery, future))
        return future

    def close(self) -> None:
        """Ends the thread, after what was handed over before."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch = [first]
            ended = False
            while len(batch) < MOST and not ended:
                try:
                    following = self._waiting.get_nowait()
                except Empty:
                    break
                if following is None:
                    ended = True
                else:
                    batch.append(following)
            # a sender who was told to try again, because this took too long, is not waited for any more
            wanted = [each for each in batch if each[1].set_running_or_notify_cancel()]
            if wanted:
                self._write(wanted)
            if ended:
                return

    def _write(self, batch: list[tuple[Delivery, Future[Kept]]]) -> None:
        try:
            kept = self._stored([delivery for delivery, _ in batch])
        except (
            OperationalError,
            InterfaceError,
            PoolTimeout,
        ) as error:  # the database is down for all of them
            for _, future in batch:
                future.set_exception(error)
            return
        except Exception as error:  # noqa: BLE001 - it is raised where the result is waited for
            if len(batch) > 1:  # one of them may be to blame: the others must not suffer from it
                for each in batch:
                    self._write([each])
            else:
                batch[0][1].set_exception(error)
            return
        for (_, future), answer in zip(batch, kept, strict=True):
            future.set_result(answer)

    def _stored(self, batch: list[Delivery]) -> list[Kept]:
        with self._database.write(durable=True) as connection:
            return [self._kept(connection, delivery) for delivery in batch]

    def _kept(self, connection: Connection, delivery: Delivery) -> Kept:
        if not deliveries.receive(connection, delivery):
            return Kept("known")
        reason = why_nothing(connection, delivery, self._understanding)
        if reason is not None:
            deliveries.ignore(connection, delivery.guid, reason)
            if delivery.event == "pull_request" and delivery.action in own_pulls.ACTIONS:
                payload = from_json(delivery.payload)
                own_pulls.note(connection, delivery, payload, self._understanding.bot())
            return Kept("ignored", reason)
        job: dict[str, object] = {"delivery": delivery.guid}
        self._queue.enqueue(connection, f"gh-{delivery.guid}", deliveries.partition(delivery), job)
        return Kept("accepted")
