"""The pages beside a stand-in for GitHub, with the real queue: who looks at them is what a test says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import Request  # noqa: TC002 - FastAPI reads the annotations
from pydantic import SecretStr

from bot.app import create_app
from bot.events.work import WORK, UpdateBranch
from bot.jobs.run import run
from bot.jobs.update_branch import update_branch
from bot.pages import routers
from bot.pages.context import Pages
from bot.queue.dbos_queue import DbosQueue
from bot.queue.port import Job
from bot.signin import HANDLERS, SignIn, SignInNeeded
from bot.signin.required import signed_in
from bot.signin.viewer import Viewer
from bot.store import deliveries, history, repositories, tables
from bot.store.deliveries import Delivery
from bot.store.tables import DeliveryState, JobState
from tests.bot.jobs.conftest import running, world  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapi import FastAPI

    from bot.store.database import Database
    from bot.store.history import FindingRow
    from tests.bot.jobs.conftest import World
    from tests.github.records import Pull
    from tests.github.repositories import Repo

ADDRESS = "http://pages.test"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OPERATOR = Viewer("olga", operator=True, csrf="token-of-olga")
RACE = b"""import redis

r = redis.Redis()


def count(key: str) -> None:
    r.incr(key)
    r.expire(key, 60)
"""


@dataclass
class Details:
    """The pages, what is behind them, and who looks at them."""

    world: World
    app: FastAPI
    queue: DbosQueue
    viewer: Viewer | None = OPERATOR

    @property
    def database(self) -> Database:
        return self.world.services.database

    def signed_in(self, request: Request) -> Viewer:
        if self.viewer is None:
            raise SignInNeeded
        request.state.viewer, request.state.csrf = self.viewer, self.viewer.csrf
        return self.viewer

    def get(self, path: str, viewer: Viewer | None = OPERATOR) -> httpx.Response:
        """The answer to ``viewer``; None is nobody."""
        self.viewer = viewer
        return self._sent("GET", path)

    def post(
        self, path: str, viewer: Viewer | None = OPERATOR, *, origin: str = ADDRESS, **fields: str
    ) -> httpx.Response:
        """A form sent by ``viewer``, with their token unless ``csrf`` says something else."""
        self.viewer = viewer
        sent = {"csrf": viewer.csrf if viewer else "", **fields}
        return self._sent("POST", path, data=sent, headers={"Origin": origin})

    def _sent(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=ADDRESS) as client:
                return await client.request(method, path, **more)

        return asyncio.run(send())

    def may_write(self, repo: Repo) -> Viewer:
        """A person who may push to the repository, and sees no other one."""
        return Viewer("mary", operator=False, repositories={repo.id: True}, csrf="token-of-mary")

    def may_read(self, repo: Repo) -> Viewer:
        """A person who sees the repository."""
        return Viewer("rita", operator=False, repositories={repo.id: False}, csrf="token-of-rita")

    def repository(self, files: Mapping[str, bytes] | None = None) -> Repo:
        """A repository that the service knows."""
        repo = self.world.repository({"shop/__init__.py": b"", "shop/limits.py": RACE, **(files or {})})
        with self.database.write() as connection:
            repositories.remember(connection, self.world.named(repo), "main")
        return repo

    def update(self, repo: Repo, job: str = "") -> Pull:
        """What a push to the default branch does; the App's newest pull request."""
        work = UpdateBranch(repository=self.world.named(repo), reason="test")
        update_branch(job or f"gh-{repo.id}-{len(repo.pulls)}", work, self.world.services)
        return [each for each in repo.pulls if each.user.login == "patchwright[bot]"][-1]

    def update_nothing(self, repo: Repo) -> None:
        """As `update`, where no pull request is opened by it."""
        before = len(repo.pulls)
        work = UpdateBranch(repository=self.world.named(repo), reason="test")
        update_branch(f"gh-{repo.id}-nothing", work, self.world.services)
        assert len(repo.pulls) == before

    def work_on(self, job: str) -> None:
        """Do what a job in the queue is for."""
        row = self.job(job)
        run(Job(job, row["delivery"], 1, WORK.validate_python(row["work"])), self.world.services)

    def jobs(self, repo: Repo) -> list[str]:
        """The jobs about a repository that wait."""
        chosen = sa.select(tables.jobs.c.id).where(
            tables.jobs.c.repository_id == repo.id, tables.jobs.c.state == JobState.WAITING
        )
        with self.database.read() as connection:
            return list(connection.execute(chosen.order_by(tables.jobs.c.place)).scalars())

    def job(self, name: str) -> dict[str, Any]:
        """The job's row."""
        with self.database.read() as connection:
            chosen = sa.select(tables.jobs).where(tables.jobs.c.id == name)
            return dict(connection.execute(chosen).mappings().one())

    def keep_job(self, name: str, repo: Repo | None, **also: object) -> str:
        """A job's row, done unless ``also`` says otherwise."""
        work = None if repo is None else UpdateBranch(repository=self.world.named(repo), reason="a push")
        row = {
            "id": name,
            "partition": str(repo.id) if repo else "installation-1",
            "repository_id": repo.id if repo else None,
            "work": None if work is None else WORK.dump_python(work, mode="json"),
            "state": JobState.DONE,
            "place": 1,
            "run": 1,
            "failed": 0,
            "queued_at": NOW,
            **also,
        }
        with self.database.write() as connection:
            connection.execute(sa.insert(tables.jobs).values(row))
        return name

    def keep_delivery(
        self, guid: str, repo: Repo | None = None, payload: bytes = b"{}", **also: object
    ) -> str:
        """A delivery's row, dead unless ``also`` says otherwise."""
        number = repo.id if repo else None
        changed = {"state": DeliveryState.DEAD, "reason": "GitHub refused", **also}
        with self.database.write() as connection:
            deliveries.receive(connection, Delivery(guid, "push", None, 1, number, payload, NOW))
            table = tables.deliveries
            connection.execute(sa.update(table).where(table.c.guid == guid).values(**changed))
        return guid

    def keep_run(self, job: str, repo: Repo, *found: FindingRow, **also: Any) -> None:
        """A run's row."""
        row = {
            "job_id": job,
            "repository_id": repo.id,
            "branch": "main",
            "sha": "a" * 40,
            "files": 12,
            "seconds": 1.5,
            "summary": "main at aaaaaaaaaa: 1 finding in 12 files",
            "actions": (),
        }
        with self.database.write() as connection:
            history.record_run(connection, history.RunRow(**{**row, **also}), found)


@pytest.fixture(scope="module")
def detail_site(running: World) -> Details:  # noqa: F811
    """The pages, once for a module's tests."""
    known = running.services.settings
    settings = known.model_copy(
        update={"client_id": "Iv1.x", "client_secret": SecretStr("x"), "public_url": ADDRESS}
    )
    database = running.services.database
    queue = DbosQueue(database, lambda connection, guid: [])
    anything: Any = None
    sign_in = SignIn(settings, database)
    pages = Pages(settings, database, queue, running.services.connect, sign_in)
    app = create_app(anything, {}, pages=pages, routers=routers(), handlers=HANDLERS)
    made = Details(running, app, queue)
    app.dependency_overrides[signed_in] = made.signed_in
    return made


@pytest.fixture
def details(detail_site: Details, world: World) -> Iterator[Details]:  # noqa: F811
    """The pages, with nothing kept of the tests before."""
    yield detail_site
    with detail_site.database.write() as connection:
        for table in (tables.runs, tables.jobs, tables.deliveries, tables.pull_requests, tables.repositories):
            connection.execute(sa.delete(table))
