"""One browser and one service with history for all of these tests, in each worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import chromium
from tests.browser.visitor import Visitor
from tests.browser.world import World, seed, start
from tests.github.fixtures import breaks, note
from tests.github.server import StandIn

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Visit = Callable[..., Visitor]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A real Chromium; where there is none each test fails and says what to install."""
    if chromium.left_out():
        pytest.skip(f"{chromium.VARIABLE}=none")
    with sync_playwright() as playwright:
        missing = ""
        try:
            launched = chromium.launch(playwright)
        except chromium.NoChromium as reason:
            missing = str(reason)
        if missing:
            pytest.fail(missing, pytrace=False)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def world(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """GitHub and the service, with history. Tests that change something take a repository that is theirs alone."""
    with StandIn() as github:
        made = start(github, tmp_path_factory.mktemp("data"))
        try:
            seed(made)
            yield made
        finally:
            made.service.stop()
    assert not made.service.said("a request failed")
    for each in list(github.exchanges):
        note(each)
    assert not breaks(github)


@pytest.fixture(scope="package")
def sessions() -> dict[str, Any]:
    """The cookies of people who are signed in already, by login: they sign in once, not in each test."""
    return {}


@pytest.fixture
def visit(browser: Browser, world: World, sessions: dict[str, Any]) -> Iterator[Visit]:
    """``visit("ann")`` is ann with a browser, signed in; ``visit("ann", fresh=True)`` not yet; ``visit()`` is nobody.

    More as in Visitor. At the end of the test every visitor must have met with nothing wrong.
    """
    visitors: list[Visitor] = []

    def come(login: str = "", *, fresh: bool = False, **how: Any) -> Visitor:
        if login and not fresh and login not in sessions:
            first = Visitor(browser, world.url, world.github.url, login=login)
            first.sign_in()
            sessions[login] = first.context.storage_state()
            first.close()
        state = None if fresh else sessions.get(login)
        visitors.append(Visitor(browser, world.url, world.github.url, login=login, state=state, **how))
        return visitors[-1]

    yield come
    for each in visitors:
        each.close()
