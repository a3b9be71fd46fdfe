"""The service's process: its parts put together, started in order, and ended without losing anything."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot import http_server
from bot.credentials import Credentials
from bot.events.delivery import Understanding
from bot.logs import set_up
from bot.periodic import Periodic
from bot.settings import Settings
from bot.store.database import Database
from bot.version import own_version
from bot.watching import exports
from bot.watching.attempt import watched
from bot.watching.retention import Retention
from bot.watching.sweep import Sweep

if TYPE_CHECKING:
    from bot.jobs.outcome import Outcome
    from bot.queue.dbos_queue import DbosQueue
    from bot.queue.port import Job
    from bot.services import Services
    from bot.settings import Operator

log = structlog.get_logger(__name__)

REQUESTS_SECONDS = 10
"""How long requests may take to end at shutdown; a webhook takes milliseconds."""


SWITCH_SECONDS = 0.001
"""After how long a job's thread that computes lets the one that answers webhooks go on; Python's own is five times that."""


class AddressTaken(Exception):  # noqa: N818 - it is the address that is taken
    """The address to listen on can't be had; ``str(error)`` says what to do."""


def serve(operator: Operator, *, jobs: bool = True) -> int:
    """Takes webhooks until the process is told to end, and works on them unless ``jobs`` is False; the exit code.

    Settings without credentials begin with the setup page. Raises AddressTaken, DatabaseUnusable, QueueUnusable,
    SettingsError, and OSError where something cannot be kept in the data folder.
    """
    import uvicorn

    from bot.receive.receive import Receiver
    from bot.web import Behind, web_app

    set_up(operator.log_format, operator.log_level)
    os.umask(0o077)  # what is kept holds code of private repositories
    listening = _listening(operator.host, operator.port)
    with ExitStack() as parts:
        parts.callback(listening.close)
        settings = _with_credentials(operator, partial(_setup_page, listening=listening))
        if settings is None:
            return 0
        parts.enter_context(exports.exporting())
        service = parts.enter_context(_parts(settings))
        receiver = Receiver(settings, service.database, service.queue, service.understanding)
        parts.callback(receiver.close)
        checks: dict[str, Callable[[], str | None]] = {
            "database": service.database.trouble,
            "webhooks": receiver.trouble,
        }
        if jobs:
            sys.setswitchinterval(SWITCH_SECONDS)
            service.work()
            checks["queue"] = service.queue.healthy
        checks["credentials"] = service.credentials.trouble
        config = http_server.config(
            web_app(Behind(settings, service.database, service.queue), receiver, checks),
            timeout_keep_alive=30,
            timeout_graceful_shutdown=REQUESTS_SECONDS,
        )
        with _told_to_end():  # uvicorn hands the signals that it got on to whoever had them before
            host, port = listening.getsockname()[:2]
            service.sweep()
            log.info(
                "webhooks are taken", address=f"http://{host}:{port}", github=settings.github_url, jobs=jobs
            )
            uvicorn.Server(config).run(sockets=[listening])
            log.info("webhooks are not taken any more")
            service.drain()
    return 0


def work(operator: Operator) -> int:
    """Works on jobs, without taking webhooks, until the process is told to end; the exit code.

    Settings without credentials wait for them. Raises DatabaseUnusable, QueueUnusable, SettingsError.
    """
    from bot.setup.waiting import wait_for_app

    set_up(operator.log_format, operator.log_level)
    os.umask(0o077)  # what is kept holds code of private repositories
    settings = _with_credentials(operator, wait_for_app)
    if settings is None:
        return 0
    with ExitStack() as parts:
        parts.enter_context(exports.exporting())
        service = parts.enter_context(_parts(settings))
        told = parts.enter_context(_told_to_end())
        service.work()
        if settings.metrics_port is not None:
            parts.enter_context(_watched(service))
        told.wait()
        service.drain()
    return 0


def _with_credentials(
    operator: Operator, come_by: Callable[[Operator, threading.Event], Settings | None]
) -> Settings | None:
    """The settings, which may have to be come by first; None if the process is told to end before."""
    if isinstance(operator, Settings):
        return operator
    with _told_to_end() as told:
        return come_by(operator, told)


def _setup_page(operator: Operator, told: threading.Event, *, listening: socket.socket) -> Settings | None:
    from bot.setup.serving import set_up as set_up_app

    database = Database(operator.database)  # what is wrong with it is said before there is an App
    try:
        database.migrate()
    finally:
        database.close()
    return set_up_app(operator, listening, told)


class _Parts:
    """What both kinds of process need."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        queue: DbosQueue,
        credentials: Credentials,
        understanding: Understanding,
    ) -> None:
        self.settings, self.database, self.queue, self.credentials = settings, database, queue, credentials
        self.understanding = understanding
        self._ending = ExitStack()
        for name, task in (
            ("credentials", credentials.check),
            ("clean-up", Retention(settings, database).round),
        ):
            self.regularly(name, task)

    def regularly(self, name: str, task: Callable[[], float]) -> None:
        """Begin something that is done again and again until the end."""
        regular = Periodic(name, task)
        regular.start()
        self._ending.callback(regular.stop)

    def sweep(self) -> None:
        """Begin to ask GitHub for deliveries that failed, if the settings want it."""
        from bot.github.connect import app_of

        minutes = self.settings.sweep_minutes
        if minutes:
            sweep = Sweep(app_of(self.settings), self.database, timedelta(minutes=minutes))
            self.regularly("sweep", sweep.round)

    def work(self) -> None:
        """Begin to take jobs. In the main thread: the analysis processes are made here."""
        from bot.analysis.pool import AnalysisPool
        from bot.services import Services

        pool = AnalysisPool(self.settings.analysis_processes, self.settings.analysis_memory_mb)
        self._ending.callback(pool.close)
        self.queue.launch(
            partial(_handle, services=Services(self.settings, self.database, pool, self.queue.forget))
        )

    def drain(self) -> None:
        """Let jobs end, for as long as the settings say; those cut off are taken up by the next start."""
        left = self.queue.drain(self.settings.drain_seconds)
        self.stop()
        if left:
            # their threads would hold the process until they are done; what they did is repeated safely
            log.warning("jobs were parked for the next start", jobs=left)
            self.database.close()
            exports.close()
            sys.stdout.flush()
            os._exit(0)

    def stop(self) -> None:
        """Ends what runs beside the jobs."""
        self._ending.close()


@contextmanager
def _parts(settings: Settings) -> Iterator[_Parts]:
    from bot.github.connect import app_of
    from bot.queue.dbos_queue import DbosQueue

    log.info("starting", version=own_version(), app=settings.app_id, database=repr(settings.database))
    database = Database(settings.database)
    try:
        database.migrate()
        credentials = Credentials(app_of(settings))
        understanding = Understanding(credentials.bot)
        queue = DbosQueue(
            database,
            understanding,
            workers=settings.concurrency,
            keep=timedelta(days=settings.retention_days),
        )
        parts = _Parts(settings, database, queue, credentials, understanding)
        try:
            yield parts
        finally:
            parts.stop()
    finally:
        database.close()


@contextmanager
def _watched(service: _Parts) -> Iterator[None]:
    """A worker's ``/metrics`` and ``/health``. Raises AddressTaken."""
    from bot.watching.exposition import Exposition
    from bot.watching.gauges import DatabaseGauges
    from bot.watching.worker_server import served, worker_app

    settings = service.settings
    listening = _listening(settings.host, settings.metrics_port or 0)
    host, port = listening.getsockname()[:2]
    shown = Exposition(DatabaseGauges(service.database), settings.metrics_token)
    with served(worker_app(shown, service.queue.healthy), listening):
        log.info("metrics are served", address=f"http://{host}:{port}/metrics")
        yield


def _handle(job: Job, services: Services) -> Outcome:
    from bot.jobs.run import run

    return watched(job, services.database, partial(run, job, services))


@contextmanager
def _told_to_end() -> Iterator[threading.Event]:
    """SIGTERM and SIGINT set the event instead of ending the process; a second one ends it at once."""
    told = threading.Event()

    def tell(number: int, frame: object) -> None:
        if told.is_set():
            os._exit(128 + number)
        told.set()

    before = {each: signal.signal(each, tell) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server(
            (host, port),
            family=socket.AF_INET6 if ":" in host else socket.AF_INET,
            backlog=http_server.BACKLOG,
        )
    except OSError as error:
        why = str(error.strerror).partition(" (while")[0]  # Python adds the address again
        raise AddressTaken(
            f"{host}:{port} can't be listened on: {why}. Another address is set by PATCHWRIGHT_HOST and "
            "PATCHWRIGHT_PORT."
        ) from None
