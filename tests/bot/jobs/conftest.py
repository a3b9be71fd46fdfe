"""Jobs by themselves: a stand-in for GitHub, and what the service shares, without its queue and web server."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.analysis.pool import AnalysisPool
from bot.events.work import Repository
from bot.github.signing_in import App
from bot.services import Services
from bot.settings import Settings
from bot.store.database import Database
from tests.github.description import coverage
from tests.github.fixtures import APP_ID, SLUG, WEBHOOK_SECRET, breaks, private_key
from tests.github.server import StandIn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.github.client import RepositoryClient
    from tests.github.exchanges import Exchange
    from tests.github.repositories import Repo

_numbers = itertools.count(1)


@dataclass
class World:
    """GitHub with the App installed on ``octo``, and the service's parts."""

    github: StandIn
    app: App
    services: Services
    installation: int

    def repository(self, files: dict[str, bytes]) -> Repo:
        """A new repository of ``octo`` with these files."""
        return self.github.create_repository(f"octo/shop-{next(_numbers)}", dict(files))

    def named(self, repo: Repo) -> Repository:
        """The repository as work names it."""
        return Repository(id=repo.id, owner=repo.owner.login, name=repo.name, installation=self.installation)

    def client(self, repo: Repo) -> RepositoryClient:
        """A client as a job gets it."""
        return self.services.connect(self.named(repo))

    def writes(self) -> list[Exchange]:
        """The requests so far that could have changed something and were not refused."""
        return [
            each
            for each in self.github.exchanges
            if each.method != "GET"
            and each.status < 400
            and "access_tokens" not in each.path
            and b'"query": "\\nquery' not in each.request_body
            and b'"query":"\\nquery' not in each.request_body
        ]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One stand-in, database and analysis process for a file's tests."""
    folder = tmp_path_factory.mktemp("service")
    with StandIn() as github:
        github.app(APP_ID, private_key(), WEBHOOK_SECRET, SLUG)
        settings = Settings(
            app_id=APP_ID,
            private_key=private_key(),
            webhook_secret=WEBHOOK_SECRET,
            github_url=github.url,
            data_dir=folder,
            write_pause_seconds=0,
            analysis_processes=1,
        )
        database = Database(sa.make_url(f"sqlite:///{folder / 'patchwright.db'}"))
        database.migrate()
        pool = AnalysisPool(1, 0)
        app = App(APP_ID, private_key(), github.api_url, write_pause_seconds=0)
        try:
            yield World(github, app, Services(settings, database, pool), github.install("octo"))
        finally:
            pool.close()
            database.close()


@pytest.fixture
def world(running: World) -> Iterator[World]:
    """The same for each test, without what the tests before said; what it said itself is checked at the end."""
    github = running.github
    github.exchanges.clear()
    github.deliveries.clear()
    yield running
    github.faults.clear()
    for each in list(github.exchanges):
        coverage.saw(each)
    broken = breaks(github)
    if broken:
        pytest.fail("GitHub's description is broken:\n" + "\n".join(broken), pytrace=False)
