"""A repository on the stand-in with the App installed, and clients for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.events.work import Repository
from bot.github.client import RepositoryClient
from bot.github.signing_in import App
from tests.github import fixtures
from tests.github.fixtures import APP_ID, private_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.github.repositories import Repo
    from tests.github.server import StandIn

github = fixtures.github

FILES = {"app.py": b"a = 1\n", "pkg/mod.py": b"b = 2\n", "README.md": b"# App\n"}


@pytest.fixture
def app(github: StandIn) -> App:
    """The App's own side: writing without pauses."""
    return App(APP_ID, private_key(), github.api_url, write_pause_seconds=0)


@pytest.fixture
def repo(github: StandIn, app: App) -> Repo:
    """A repository with a few files."""
    return github.create_repository("octo/app", dict(FILES))


@pytest.fixture
def installation(github: StandIn, repo: Repo) -> int:
    """The App's installation on the repository's owner."""
    return github.install(repo.owner.login)


@pytest.fixture
def connected(app: App, installation: int) -> Iterator[Callable[..., RepositoryClient]]:
    """Makes clients: for a repository of the stand-in, under its name or another."""
    made: list[RepositoryClient] = []

    def connect(repo: Repo, name: str | None = None, other: App | None = None) -> RepositoryClient:
        owner, _, short = (name or repo.full_name).partition("/")
        work = Repository(id=repo.id, owner=owner, name=short, installation=installation)
        made.append(RepositoryClient(other or app, work))
        return made[-1]

    yield connect
    for each in made:
        each.close()


@pytest.fixture
def hasty(github: StandIn, repo: Repo, connected: Callable[..., RepositoryClient]) -> RepositoryClient:
    """A client that is soon out of patience, for what never answers."""
    impatient = App(APP_ID, private_key(), github.api_url, write_pause_seconds=0, timeout_seconds=1)
    return connected(repo, None, impatient)


@pytest.fixture
def client(repo: Repo, connected: Callable[..., RepositoryClient]) -> RepositoryClient:
    """A client for the repository."""
    return connected(repo)
