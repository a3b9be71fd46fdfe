"""The queue on DBOS: the same on a SQLite file with one process and on PostgreSQL with several."""

from __future__ import annotations

import logging
import math
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions
from sqlalchemy.exc import SQLAlchemyError

from bot.events.work import WORK
from bot.queue import database_file, executors, records, workflow
from bot.queue.keeper import Keeper
from bot.queue.no_pickle import refuse_pickles
from bot.queue.port import QueueUnusable
from bot.queue.records import Run
from bot.queue.steps import Decide, Steps
from bot.queue.workflow import Workflow
from bot.store.database import reason
from bot.store.tables import JobState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import URL, Connection

    from bot.queue.port import Handler
    from bot.store.database import Database

log = structlog.get_logger(__name__)

NAME = "patchwright"
QUEUE = "jobs"
SCHEMA = "dbos"
VERSION = "1"
"""DBOS leaves jobs of other versions alone. Ours stays the same as long as old jobs can be run by new code."""

POLLING = 0.25
"""Seconds between two looks at the queue: a job starts 0.13 s after its enqueuing on average, for 2 % of a core."""


class DbosQueue:
    """Jobs in the service's database, whose tables are up to date; implements `bot.queue.port.Queue`.

    ``workers`` is how many jobs this process runs at a time. ``keep`` is for how long DBOS's own rows of jobs that
    have come to an end are kept. Making one creates DBOS's tables where they are missing, and writes to the log
    through logging as ``dbos``. Raises QueueUnusable.
    """

    def __init__(
        self,
        database: Database,
        decide: Decide,
        *,
        workers: int = 4,
        keep: timedelta = timedelta(days=14),
    ) -> None:
        self._database, self._decide, self._workers, self._keep = database, decide, workers, keep
        self._url = database.url.render_as_string(hide_password=False)
        self._file = _file(database.url)
        self._lock: database_file.OneProcess | None = None
        self._keeper: Keeper | None = None
        self._drained = False
        self._workflow: Workflow | None = None
        refuse_pickles()
        _log_as_others_do()
        if self._file is not None:
            database_file.check_version()
            database_file.write_ahead(self._file)
        try:
            DBOS.migrate(self._url, schema=SCHEMA)
        except SQLAlchemyError as error:
            raise QueueUnusable(
                f"The job queue's tables cannot be made: {reason(error)}. On PostgreSQL, the service's user needs the "
                f"right to create the schema {SCHEMA}."
            ) from None
        self._client = DBOSClient(
            system_database_engine=database.engine,
            dbos_system_schema=SCHEMA,
            serializer=DBOSPortableJSONSerializer(),
            application_name=NAME,
            lazy=True,
            retry_connection_errors=False,
        )

    def enqueue(
        self, connection: Connection, job_id: str, partition: str, payload: dict[str, object]
    ) -> None:
        """See `bot.queue.port.Queue.enqueue`."""
        given, work = payload.get("delivery"), payload.get("work")
        delivery = None if given is None else str(given)
        run = Run(job_id, 1, partition)
        if records.add(connection, run, delivery, None if work is None else WORK.validate_python(work)):
            self._enqueue(connection, run, None)
            return
        for row in records.dead_of(connection, job_id, delivery):
            self._enqueue(connection, records.put_back(connection, row), None)

    def retry(self, job_id: str) -> bool:
        """See `bot.queue.port.Queue.retry`."""
        with self._database.write() as connection:
            row = records.read(connection, job_id)
            if row is None or row["state"] != JobState.DEAD:
                return False
            self._enqueue(connection, records.put_back(connection, row), None)
        return True

    def launch(self, handler: Handler) -> None:
        """See `bot.queue.port.Queue.launch`. One queue in a process at a time: DBOS is one of a kind."""
        if self._file is not None:
            self._lock = database_file.OneProcess(self._file)
            executor = executors.ON_SQLITE
        else:
            executor = executors.new_id()
            with self._database.write() as connection:
                executors.beat(connection, executor)
        DBOS(config=self._config(executor))
        self._workflow = Workflow(Steps(self._database, self._enqueue, self._decide, handler))
        self._workflow.register()
        # Before DBOS looks for queues, which it does once in a second.
        self._client.register_queue(
            QUEUE,
            partition_concurrency=1,
            worker_concurrency=self._workers,
            polling_interval_sec=POLLING,
        )
        DBOS.launch()
        self._keeper = Keeper(self._database, executor, QUEUE, self._keep)
        self._keeper.start()
        log.info("jobs are being taken", executor=executor, workers=self._workers)

    def drain(self, seconds: float) -> int:
        """See `bot.queue.port.Queue.drain`; gives how many jobs were cut off.

        Their threads live on until the process ends, so end it with ``os._exit`` if there are any.
        """
        if self._keeper is None or self._workflow is None or self._drained:
            return 0
        self._drained = True
        self._keeper.only_beat()
        busy = self._workflow.running > 0
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=math.ceil(seconds) if busy else 0)
        left = self._workflow.running
        self._keeper.stop(leave=left == 0)
        if self._lock is not None and left == 0:
            self._lock.release()
        log.info("no more jobs are taken", left=left)
        return left

    def healthy(self) -> str | None:
        """See `bot.queue.port.Queue.healthy`."""
        if self._keeper is None:
            return "the queue has not been started"
        if self._drained:
            return "the queue is being drained"
        if not any(each.name == f"queue-worker-{QUEUE}" for each in threading.enumerate()):
            return "no jobs are being taken"
        return self._keeper.healthy()

    def forget(self, workflows: Sequence[str]) -> None:
        """See `bot.queue.port.Queue.forget`."""
        if workflows:
            # in a thread of its own: inside of a step, DBOS would take it for a part of that
            with ThreadPoolExecutor(1) as other:
                other.submit(DBOS.delete_workflows, list(workflows)).result()

    def _enqueue(self, connection: Connection, run: Run, seconds: float | None) -> None:
        options: EnqueueOptions = {
            "workflow_name": workflow.NAME,
            "queue_name": QUEUE,
            "workflow_id": run.workflow,
            "queue_partition_key": run.partition,
            "app_version": VERSION,
        }
        if seconds is not None:
            options["delay_seconds"] = seconds
        self._client.enqueue_in_transaction(connection, options, run.job, run.number)

    def _config(self, executor: str) -> DBOSConfig:
        return {
            "name": NAME,
            "system_database_url": self._url,
            "dbos_system_schema": SCHEMA,
            "application_version": VERSION,
            "executor_id": executor,
            "serializer": DBOSPortableJSONSerializer(),
            "sys_db_pool_size": self._workers + 6,
            "max_executor_threads": self._workers + 6,
            "notification_coalesce_sec": 1.0,
            "log_level": "WARNING",
            "db_engine_kwargs": {"connect_args": {"factory": database_file.Unsynced}} if self._file else {},
        }


def _file(url: URL) -> Path | None:
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def _log_as_others_do() -> None:
    """Keep DBOS from writing to the console in its own way: a logger with a handler is left alone by it."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.setLevel(logging.WARNING)
