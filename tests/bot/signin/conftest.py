"""The service's application behind a real server on loopback, a stand-in for GitHub, and browsers without script."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
import sqlalchemy as sa
import uvicorn
from fastapi import APIRouter, Request
from starlette.middleware import Middleware

from bot import pages, signin
from bot.app import create_app
from bot.events.delivery import Understanding
from bot.github.connect import connect
from bot.pages.context import Pages
from bot.queue.dbos_queue import DbosQueue
from bot.receive.receive import Receiver
from bot.settings import Settings
from bot.signin import ChangeableRepository, Form, OperatorOnly, SeenRepository, SignedIn  # noqa: TC001 - FastAPI reads the annotations
from bot.store.database import Database
from bot.store.tables import sessions
from tests.github.fixtures import APP_ID, WEBHOOK_SECRET, github, private_key  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.github.server import StandIn

CLIENT_SECRET = "the client secret of the stand-in"
MOST_REDIRECTS = 12


def probes() -> APIRouter:
    """Pages that say what they are given, one for each thing that a page can ask for."""
    router = APIRouter(include_in_schema=False)

    @router.get("/who")
    def who(viewer: SignedIn, request: Request) -> dict[str, Any]:
        seen = {str(id_): may for id_, may in viewer.repositories.items()}
        return {"login": viewer.login, "operator": viewer.operator, "seen": seen, "csrf": request.state.csrf}

    @router.get("/operators")
    def operators(viewer: OperatorOnly) -> str:
        return viewer.login

    @router.get("/seen/{repository_id}")
    def seen(repository_id: SeenRepository) -> int:
        return repository_id

    @router.post("/changed/{repository_id}")
    def changed(repository_id: ChangeableRepository, form: Form) -> dict[str, str]:
        return dict(form)

    @router.get("/broken")
    def broken(viewer: SignedIn) -> None:
        raise RuntimeError("nobody foresaw this")

    return router


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.up.set()


@dataclass
class Browser:
    """One person's: cookies, one address after the other; ``went`` are those that it was sent to."""

    url: str
    login: str
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))
    went: list[str] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """The page at an address here, wherever redirects lead."""
        return self._followed(self.client.get(urljoin(self.url, path), headers=headers))

    def once(self, path: str, **headers: str) -> httpx.Response:
        """The answer of an address here, not followed."""
        return self.client.get(urljoin(self.url, path), headers=headers)

    def post(self, path: str, data: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """A form sent from a page here, with the token that it would carry unless ``data`` has one."""
        sent = {"csrf": self.csrf, **(data or {})}
        given = {"Origin": self.url, "Sec-Fetch-Site": "same-origin", **_named(headers)}
        return self.client.post(
            urljoin(self.url, path), data=sent, headers={name: it for name, it in given.items() if it}
        )

    @property
    def csrf(self) -> str:
        """What forms carry."""
        said = self.client.get(f"{self.url}/who")
        return said.json()["csrf"] if said.status_code == 200 else ""

    def sign_in(self, to: str = "/who") -> httpx.Response:
        """Through GitHub, as a click on the button does it."""
        return self.get(f"/sign-in/start?next={to}")

    def _followed(self, answer: httpx.Response) -> httpx.Response:
        for _ in range(MOST_REDIRECTS):
            if not answer.is_redirect:
                return answer
            to = urljoin(str(answer.url), answer.headers["location"])
            self.went.append(to)
            at_github = urlsplit(to).netloc != urlsplit(self.url).netloc
            answer = self.client.get(to, headers={"Cookie": f"dotcom_user={self.login}"} if at_github else {})
        raise AssertionError(f"sent from one to the next: {self.went}")


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): it for name, it in headers.items()}


@dataclass
class Site:
    """The service, GitHub, and who looks at it."""

    url: str
    settings: Settings
    database: Database
    sign_in: signin.SignIn
    github: StandIn
    browsers: list[Browser] = field(default_factory=list)

    def browser(self, login: str) -> Browser:
        """A new browser of a person who is signed in at GitHub."""
        self.github.account(login)
        made = Browser(self.url, login)
        self.browsers.append(made)
        return made

    def rows(self) -> list[dict[str, Any]]:
        """All sessions in the database."""
        with self.database.read() as connection:
            return [dict(row) for row in connection.execute(sa.select(sessions)).mappings()]

    def change(self, **values: Any) -> None:
        """Change all sessions in the database: time passes."""
        with self.database.write() as connection:
            connection.execute(sa.update(sessions).values(**values))


@pytest.fixture
def make_site(github: StandIn, tmp_path: Path) -> Iterator[Callable[..., Site]]:  # noqa: F811
    """Starts the service with settings of the test's own; the pages are at ``Site.url``."""
    ends: list[Callable[[], None]] = []

    def make(*, public: bool = True, **more: Any) -> Site:
        site, end = _site(github, tmp_path, public=public, **more)
        ends.append(end)
        return site

    yield make
    for end in reversed(ends):
        end()


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """The service, with the operator ``olga``."""
    return make_site()


def _site(github: StandIn, folder: Path, *, public: bool, **more: Any) -> tuple[Site, Callable[[], None]]:  # noqa: F811
    config = uvicorn.Config(
        "unset", port=0, http="httptools", lifespan="off", log_config=None, access_log=False
    )
    socket = config.bind_socket()
    url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    app = github.app(
        APP_ID,
        private_key(),
        WEBHOOK_SECRET,
        callback_urls=[f"{url}/sign-in/callback"],
        client_secret=CLIENT_SECRET,
    )
    settings = Settings(
        **{
            "app_id": APP_ID,
            "private_key": private_key(),
            "webhook_secret": WEBHOOK_SECRET,
            "client_id": app.client_id,
            "client_secret": CLIENT_SECRET,
            "github_url": github.url,
            "data_dir": folder,
            "operators": ("olga",),
            **({"public_url": url} if public else {}),
            **more,
        }
    )
    database = Database(settings.database)
    database.migrate()
    understanding = Understanding(lambda: "patchwright[bot]")
    queue = DbosQueue(database, understanding)
    receiver = Receiver(settings, database, queue, understanding)
    sign_in = signin.SignIn(settings, database)
    config.app = create_app(
        receiver,
        {"database": database.trouble},
        pages=Pages(settings, database, queue, lambda repository: connect(settings, repository), sign_in),
        routers=[signin.router, probes(), *pages.routers()],
        middleware=[Middleware(signin.SecurityHeaders, https=url.startswith("https"))],
        handlers=signin.HANDLERS,
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, args=([socket],), daemon=True)
    thread.start()
    assert server.up.wait(30)
    made = Site(url, settings, database, sign_in, github)

    def end() -> None:
        server.should_exit = True
        for each in made.browsers:
            each.client.close()
        thread.join()
        socket.close()
        receiver.close()
        database.close()

    return made, end


def csrf_in(page: str) -> str:
    """The token in a page's form."""
    found = re.search(r'name="csrf" value="([^"]*)"', page)
    assert found, "no form on the page"
    return found[1]
