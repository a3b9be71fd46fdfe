"""The setup stage on a real socket, a stand-in for GitHub, and a person who goes from page to page without script."""

from __future__ import annotations

import html
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bot.settings import Operator, Settings
from bot.setup.serving import set_up
from tests.bot.waiting import until
from tests.github.server import StandIn

TOKEN = "a setup token for the tests"
PERSON = "nora"


@dataclass
class Page:
    """An answer, and what a browser makes of its forms."""

    answer: httpx.Response

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def text(self) -> str:
        return html.unescape(re.sub(r"<[^>]+>", " ", self.answer.text))

    def attribute(self, pattern: str) -> str:
        found = re.search(pattern, self.answer.text)
        assert found, f"there is no {pattern} in {self.answer.text}"
        return html.unescape(found[1])

    @property
    def fields(self) -> dict[str, str]:
        """The hidden fields."""
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.answer.text)
        return {name: html.unescape(value) for name, value in found}


@dataclass
class Browser:
    """Somebody's browser at the service under ``url``, and at GitHub, where they are signed in."""

    url: str
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def get(self, path: str, **more: Any) -> Page:
        return Page(self.client.get(self.url + path, **more))

    def post(self, path: str, fields: dict[str, str], **more: Any) -> Page:
        return Page(self.client.post(self.url + path, data=fields, **more))

    def come_in(self, token: str = TOKEN) -> Page:
        """Show the token; the form that follows."""
        shown = self.post("/setup/token", {"token": token})
        assert (shown.status, shown.answer.headers["location"]) == (303, "/setup")
        return self.get("/setup")

    def choose(self, **fields: str) -> Page:
        """Fill in the form; the page that leads to GitHub, or the form with what is wrong."""
        form = self.get("/setup?anew=yes")
        given = {"public_url": self.url, "name": "Nora's Patchwright", "owner": "person"}
        return self.post("/setup", {**form.fields, **given, **fields})

    def at_github(self, page: Page) -> str:
        """Agree at GitHub; where it sends the browser back to: path and query."""
        address = page.attribute(r'action="([^"]+/settings/apps/new[^"]*)"')
        asked = Page(self.client.post(address, data={"manifest": page.fields["manifest"]}))
        assert asked.status == 200, asked.text
        parts = urlsplit(address)
        action = asked.attribute(r'<form method="post" action="([^"]+)"')
        name = asked.attribute(r'name="name" value="([^"]*)"')
        made = self.client.post(
            f"{parts.scheme}://{parts.netloc}{action}", data={**asked.fields, "name": name}
        )
        assert made.status_code == 302, made.text
        back = urlsplit(made.headers["location"])
        assert f"{back.scheme}://{back.netloc}" == self.url
        assert set(parse_qs(back.query)) == {"code", "state"}
        return f"{back.path}?{back.query}"


class Running:
    """The stage in a thread of this process, as ``patchwright serve`` runs it before there is an App."""

    def __init__(self, operator: Operator) -> None:
        self.operator = operator
        self.told = threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.settings: Settings | None = None
        self.ended = False
        self._server: Any = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        until(self._answers)

    def _run(self) -> None:
        self.settings = set_up(self.operator, self.listening, self.told)
        self.ended = True

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health").status_code == 200
        except httpx.TransportError:
            return False

    def browser(self) -> Browser:
        return Browser(self.url)

    def result(self) -> Settings:
        """The settings that it ended with."""
        until(lambda: self.ended)
        assert self.settings is not None
        return self.settings

    def close(self) -> None:
        self.told.set()
        until(lambda: self.ended)
        self._thread.join(10)
        self.listening.close()


Start = Callable[..., Running]
"""What the fixture ``start`` gives: settings by name, and the stage runs."""


@pytest.fixture(scope="module")
def github() -> Iterator[StandIn]:
    """GitHub, where nora sits before the browser."""
    with StandIn() as stand_in:
        stand_in.sign_ins.person = PERSON
        stand_in.account(PERSON)
        yield stand_in


@pytest.fixture
def start(github: StandIn, tmp_path: Path) -> Iterator[Start]:
    """Begin a stage, with these settings beside the usual ones."""
    running: list[Running] = []

    def begin(**settings: Any) -> Running:
        usual = {"github_url": github.url, "data_dir": tmp_path / "data", "setup_token": TOKEN}
        running.append(Running(Operator(**{**usual, **settings})))
        return running[-1]

    yield begin
    github.faults.clear()
    for each in running:
        each.close()
