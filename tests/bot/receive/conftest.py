"""The receiver behind a real server on loopback, with a real database and the real queue; no jobs are run."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import sqlalchemy as sa
import uvicorn

from bot.app import WEBHOOKS, create_app
from bot.events.delivery import Understanding
from bot.queue.dbos_queue import DbosQueue
from bot.receive.body import READ_SECONDS
from bot.receive.connection import BoundedProtocol
from bot.receive.receive import Receiver
from bot.receive.signature import sign
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import DeliveryState, deliveries, jobs, repositories
from tests.service import free_port, private_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgres import Server

APP_ID = 4711
BOT = "patchwright[bot]"
SECRET = b"the secret of now"
OLD_SECRET = b"the secret before"


@dataclass
class Web:
    """The server, and what is behind it."""

    url: str
    port: int
    receiver: Receiver
    troubles: dict[str, str | None]
    client: httpx.Client

    @property
    def database(self) -> Database:
        return self.receiver.database

    def deliver(
        self,
        body: bytes,
        event: str = "push",
        guid: str = "d-1",
        secret: bytes = SECRET,
        **headers: str | None,
    ) -> httpx.Response:
        """Posts a body as GitHub does; a header that is None is left out."""
        sent: dict[str, str | None] = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": guid,
            "X-Hub-Signature-256": sign(body, secret),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-GitHub-Hook-Installation-Target-ID": str(APP_ID),
        }
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        present = {name: value for name, value in sent.items() if value is not None}
        return self.client.post(f"{self.url}{WEBHOOKS}", content=body, headers=present)

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        """All rows of a table."""
        with self.database.read() as connection:
            return [dict(row) for row in connection.execute(sa.select(table)).mappings()]

    @property
    def kept(self) -> list[str]:
        """The ids of the deliveries in the database that were not ignored; each of them has its job, no other has."""
        ignored = DeliveryState.IGNORED
        guids = sorted(row["guid"] for row in self.rows(deliveries) if row["state"] != ignored)
        assert sorted(row["id"] for row in self.rows(jobs)) == [f"gh-{guid}" for guid in guids]
        return guids


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.up.set()


def serving(database_url: str, data_dir: Path) -> Iterator[Web]:
    """A server until the generator is closed."""
    settings = Settings(
        app_id=APP_ID,
        private_key=private_key(),
        webhook_secret=SECRET.decode(),
        webhook_secret_old=OLD_SECRET.decode(),
        data_dir=data_dir,
        database_url=database_url,
    )
    database = Database(settings.database)
    database.migrate()
    understanding = Understanding(lambda: BOT)
    queue = DbosQueue(database, understanding)
    receiver = Receiver(settings, database, queue, understanding)
    troubles: dict[str, str | None] = {"queue": None, "credentials": None}
    checks = {
        "database": database.trouble,
        "queue": lambda: troubles["queue"],
        "credentials": lambda: troubles["credentials"],
    }
    port = free_port()
    config = uvicorn.Config(
        create_app(receiver, checks),
        port=port,
        http=BoundedProtocol,
        lifespan="off",
        log_config=None,
        access_log=False,
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert server.up.wait(30)
    with httpx.Client(timeout=30) as client:
        yield Web(f"http://127.0.0.1:{port}", port, receiver, troubles, client)
    server.should_exit = True
    thread.join()
    receiver.close()
    database.close()


@pytest.fixture(scope="module")
def server_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One server for the module's tests; `web` empties its database."""
    folder = tmp_path_factory.mktemp("service")
    yield from serving(f"sqlite:///{folder / 'patchwright.db'}", folder)


@pytest.fixture(scope="module")
def server_on_postgresql(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The same on PostgreSQL."""
    name = postgres.create()
    yield from serving(postgres.url(name), tmp_path_factory.mktemp("service"))
    postgres.drop(name)


def _emptied(web: Web) -> Web:
    schema = "dbos." if web.database.engine.dialect.name == "postgresql" else ""
    with web.database.write() as connection:
        connection.execute(sa.delete(jobs))
        connection.execute(sa.delete(deliveries))
        connection.execute(sa.delete(repositories))
        connection.execute(sa.text(f"DELETE FROM {schema}workflow_status"))
    web.troubles.update(dict.fromkeys(web.troubles))
    web.receiver.counts.clear()
    web.receiver.read_seconds = READ_SECONDS
    return web


@pytest.fixture
def web(server_on_sqlite: Web) -> Web:
    """A server with an empty database."""
    return _emptied(server_on_sqlite)


@pytest.fixture(params=["sqlite", "postgresql"])
def web_on_both(request: pytest.FixtureRequest) -> Web:
    """The same; the test runs once on SQLite and once on PostgreSQL."""
    return _emptied(request.getfixturevalue(f"server_on_{request.param}"))
