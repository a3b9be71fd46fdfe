"""A repository on the stand-in, with the App installed."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from bot.github.signing_in import App
from tests.bot.publish.situation import OLD, Situation
from tests.github.description import coverage
from tests.github.fixtures import APP_ID, SLUG, WEBHOOK_SECRET, breaks, private_key
from tests.github.server import StandIn

if TYPE_CHECKING:
    from collections.abc import Iterator

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[StandIn, int]]:
    """One stand-in for a file's tests, with the App installed on ``octo``: starting one for each takes too long."""
    with StandIn() as stand_in:
        stand_in.app(APP_ID, private_key(), WEBHOOK_SECRET, SLUG)
        yield stand_in, stand_in.install("octo")


@pytest.fixture
def situation(running: tuple[StandIn, int]) -> Iterator[Situation]:
    """A repository of its own, with one Python file and a collaborator called ``reviewer``.

    At the end every exchange and webhook of the test is held against GitHub's description.
    """
    github, installation = running
    repo = github.create_repository(f"octo/hello-{next(_numbers)}", {"app.py": OLD})
    repo.collaborator("reviewer")
    app = App(APP_ID, private_key(), github.api_url, write_pause_seconds=0)
    yield Situation(github, app, repo, installation)
    github.faults.clear()
    for each in list(github.exchanges):
        coverage.saw(each)
    broken = breaks(github)
    github.exchanges.clear()
    github.deliveries.clear()
    if broken:
        pytest.fail("GitHub's description is broken:\n" + "\n".join(broken), pytrace=False)
