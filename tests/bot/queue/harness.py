"""A database with the queue's tables, deliveries to put into it, and workers as real processes to take them out."""

from __future__ import annotations

import json
import os
import signal
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from bot.events.work import WORK, CheckPull, Ignored, Repository, UpdateBranch, Work
from bot.queue.dbos_queue import DbosQueue
from bot.store.database import Database
from bot.store.tables import DeliveryState, deliveries, jobs, metadata
from tests.bot.waiting import until
from tests.forks.process import PIPE, Forked

ROOT = Path(__file__).resolve().parents[3]


def works_of(connection: sa.Connection, delivery: str) -> list[Work]:
    """What a delivery asks for: in these tests, it is written in its payload."""
    payload = connection.execute(
        sa.select(deliveries.c.payload).where(deliveries.c.guid == delivery)
    ).scalar_one()
    return [WORK.validate_python(each) for each in json.loads(payload)["works"]]


def update(repository: int, does: str, branch: str | None = None) -> UpdateBranch:
    """Work that the tests' handler does as ``does`` says; see `tests.bot.queue.worker.handle`."""
    where = Repository(id=repository, owner="o", name=f"r{repository}", installation=1)
    return UpdateBranch(repository=where, branch=branch or uuid.uuid4().hex, reason=does)


def check(repository: int, number: int) -> CheckPull:
    """As `update`, on a pull request."""
    where = update(repository, "do").repository
    return CheckPull(repository=where, number=number, head_sha=uuid.uuid4().hex, reason="do")


class Site:
    """One database, its queue as the receiver sees it, and a folder where handlers leave their traces."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.database = Database(sa.make_url(url))
        metadata.create_all(self.database.engine)
        self.queue = DbosQueue(self.database, works_of)
        (folder / "effects").mkdir()
        (folder / "log").touch()

    def deliver(self, *works: Work, partition: str | None = None, payload: object = None) -> str:
        """Receive a delivery that asks for ``works``; gives its job's id."""
        guid = str(uuid.uuid4())
        body = payload or {"works": [WORK.dump_python(each, mode="json") for each in works]}
        with self.database.write() as connection:
            self.receive(connection, guid, body)
            first = works[0] if works else None
            where = partition or (
                "none" if first is None or isinstance(first, Ignored) else str(first.repository.id)
            )
            self.queue.enqueue(connection, f"gh-{guid}", where, {"delivery": guid})
        return f"gh-{guid}"

    def receive(self, connection: sa.Connection, guid: str, body: object) -> None:
        """Store a delivery's row."""
        connection.execute(
            sa.insert(deliveries).values(
                guid=guid,
                event="push",
                received_at=datetime.now(UTC),
                payload=json.dumps(body).encode(),
                state=DeliveryState.WAITING,
                attempts=1,
            )
        )

    def deliver_again(self, job: str) -> None:
        """GitHub sends the delivery of ``job`` once more, under the same id."""
        guid = job.removeprefix("gh-")
        with self.database.write() as connection:
            self.queue.enqueue(connection, job, "whatever", {"delivery": guid})

    def job(self, job: str) -> Mapping[str, object]:
        """The job's row."""
        with self.database.write() as connection:
            return connection.execute(sa.select(jobs).where(jobs.c.id == job)).mappings().one()

    def delivery(self, job: str) -> Mapping[str, object]:
        """The row of the job's delivery."""
        chosen = sa.select(deliveries).where(deliveries.c.guid == job.removeprefix("gh-"))
        with self.database.write() as connection:
            return connection.execute(chosen).mappings().one()

    def states(self) -> dict[str, str]:
        """Every job's state."""
        with self.database.write() as connection:
            return {each.id: each.state for each in connection.execute(sa.select(jobs.c.id, jobs.c.state))}

    def until_state(self, job: str, *states: str) -> None:
        """Wait until the job is in one of ``states``."""
        until(lambda: self.job(job)["state"] in states, what=f"{job} never was {states}: {self.job(job)}")

    def until_over(self) -> None:
        """Wait until no job is open."""
        over = {"done", "superseded", "dead"}
        until(lambda: set(self.states().values()) <= over, seconds=90, what="jobs are still open")

    def effects(self) -> set[str]:
        """The jobs whose effect has taken place."""
        return {each.name for each in (self.folder / "effects").iterdir()}

    def log(self) -> list[list[str]]:
        """What handlers wrote: ``begin|end job partition process``."""
        return [line.split() for line in (self.folder / "log").read_text().splitlines()]

    def errors(self) -> str:
        """What the workers wrote to their standard error: their log and how they ended."""
        return (self.folder / "errors").read_text()

    def open_gate(self, name: str) -> None:
        """Let handlers that wait for ``gate name`` go on."""
        (self.folder / name).touch()

    def close(self) -> None:
        """Close its connections."""
        self.database.close()

    @contextmanager
    def worker(self, **environment: str) -> Iterator[Forked]:
        """A process that runs jobs; ended by ``kill -9`` at last."""
        with (self.folder / "errors").open("a") as errors:
            process = Forked(
                "tests.bot.queue.worker",
                [self.url, str(self.folder)],
                env={**os.environ, **environment},
                stdin=PIPE,
                stderr=errors,
            )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            for stream in (process.stdin, process.stdout):
                assert stream is not None
                stream.close()
