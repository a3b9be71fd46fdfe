"""The pages over a real database, asked through HTTP, by whoever the test says is signed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI, Request  # noqa: TC002 - FastAPI reads annotations

from bot.app import create_app
from bot.pages import routers
from bot.pages.context import Pages
from bot.signin.required import SignInNeeded, signed_in
from bot.signin.viewer import Viewer
from bot.store.database import Database
from tests.bot.pages.detail import detail_site, details, running, world  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPERATOR = Viewer("olga", operator=True, csrf="token-of-olga")


@dataclass(frozen=True)
class Operators:
    """The settings that pages read."""

    github_url: str = "https://github.example.com"


@dataclass
class Site:
    """The pages, and who looks at them."""

    app: FastAPI
    database: Database
    viewer: Viewer | None = OPERATOR
    asked: list[str] = field(default_factory=list)

    def signed_in(self, request: Request) -> Viewer:
        if self.viewer is None:
            raise SignInNeeded
        request.state.viewer, request.state.csrf = self.viewer, self.viewer.csrf
        return self.viewer

    async def get(self, address: str, viewer: Viewer | None = None) -> httpx.Response:
        """The answer to ``viewer``, the operator if none is given."""
        self.viewer = viewer or OPERATOR
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://pages.test") as client:
            return await client.get(address)


def site_of(database: Database) -> Site:
    """The application with all pages over this database."""
    anything: Any = None
    settings: Any = Operators()
    pages = Pages(settings=settings, database=database, queue=anything, connect=anything)
    app = create_app(anything, {}, pages=pages, routers=routers())
    site = Site(app, database)
    app.dependency_overrides[signed_in] = site.signed_in
    return site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Pages over an empty SQLite database."""
    database = Database(sa.make_url(f"sqlite:///{tmp_path / 'patchwright.db'}"))
    database.migrate()
    yield site_of(database)
    database.close()


@pytest.fixture
def anywhere(database_url: str) -> Iterator[Site]:
    """Pages over an empty database; the test runs once on SQLite and once on PostgreSQL."""
    database = Database(sa.make_url(database_url))
    database.migrate()
    yield site_of(database)
    database.close()
