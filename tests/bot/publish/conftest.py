"""A repository on the stand-in, with the App installed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from bot.github.signing_in import App
from tests.bot.publish.situation import OLD, Situation
from tests.github.fixtures import APP_ID, github, private_key  # noqa: F401

if TYPE_CHECKING:
    from tests.github.server import StandIn


@pytest.fixture
def make_situation(github: StandIn) -> Callable[[], Situation]:  # noqa: F811
    """Makes repositories of their own, with one Python file and a collaborator called ``reviewer``."""
    app = App(APP_ID, private_key(), github.api_url, write_pause_seconds=0)
    numbers = itertools.count(1)
    installation = github.install("octo")

    def make() -> Situation:
        repo = github.create_repository(f"octo/hello-{next(numbers)}", {"app.py": OLD})
        repo.collaborator("reviewer")
        return Situation(github, app, repo, installation)

    return make


@pytest.fixture
def situation(make_situation: Callable[[], Situation]) -> Situation:
    """One repository."""
    return make_situation()
