"""How a job ends, by what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.events.work import UpdateBranch
from bot.jobs.outcome import Done, Retry
from bot.jobs.run import run
from bot.queue.port import Job

if TYPE_CHECKING:
    from tests.bot.jobs.conftest import World
    from tests.github.repositories import Repo

RACE = b"import redis\n\nr = redis.Redis()\n\n\ndef f(key: str) -> None:\n    r.incr(key)\n    r.expire(key, 60)\n"


@pytest.fixture
def repo(world: World) -> Repo:
    return world.repository({"app.py": RACE})


def _job(world: World, repo: Repo) -> Job:
    return Job("job", None, 1, UpdateBranch(repository=world.named(repo), reason="push"))


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/repos/*"), ("POST", "/repos/*/git/refs"), ("POST", "/repos/*/pulls")],
)
def test_credentials_that_github_does_not_take_are_tried_again(
    world: World, repo: Repo, method: str, path: str
) -> None:
    world.github.faults.bad_credentials(method, path, times=None)
    outcome = run(_job(world, repo), world.services)
    assert isinstance(outcome, Retry)
    assert "check its id, its key and the clock" in outcome.reason
    world.github.faults.clear()
    assert isinstance(run(_job(world, repo), world.services), Done)
    assert [each.open for each in repo.pulls] == [True]


def test_a_suspended_installation_is_left_alone(world: World, repo: Repo) -> None:
    found = world.github.installations[world.installation]
    found.suspended_at = "2026-01-01T00:00:00Z"
    try:
        outcome = run(_job(world, repo), world.services)
    finally:
        found.suspended_at = None
    assert isinstance(outcome, Done)
    assert "suspended" in outcome.summary
    assert repo.pulls == []
