"""How a job ends, by what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.events.work import UpdateBranch
from bot.jobs.outcome import Done, Retry
from bot.jobs.run import run
from bot.queue.port import Job
from tests.github.faults import Fault

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


def _shows(world: World, repo: Repo, sha: str) -> None:
    """GitHub's first answer for the branch is an old one."""
    url = f"{world.github.api_url}/repos/{repo.full_name}/git/refs/heads/main"
    found = {
        "type": "commit",
        "sha": sha,
        "url": f"{world.github.api_url}/repos/{repo.full_name}/git/commits/{sha}",
    }
    body = {"ref": "refs/heads/main", "node_id": "R", "url": url, "object": found}
    path = f"/repos/{repo.full_name}/git/ref/heads/main"
    world.github.faults.add(Fault("an old answer", "GET", path, status=200, body=body))


@pytest.mark.parametrize("shown", ["nothing", "the commit before"])
def test_a_push_that_github_does_not_show_yet_is_waited_for(world: World, shown: str) -> None:
    repo = world.repository({"app.py": b"x = 1\n"})
    before = repo.tip
    sha = repo.commit({"app.py": RACE})
    if shown == "nothing":
        world.github.faults.status("GET", f"/repos/{repo.full_name}/git/ref/heads/main", 404, "Not Found")
    else:
        _shows(world, repo, before)
    work = UpdateBranch(repository=world.named(repo), branch="main", sha=sha, reason="push")
    assert isinstance(run(Job("job", None, 1, work), world.services), Done)
    assert len(repo.pulls) == 1


def test_a_push_that_was_taken_back_is_not_waited_for_without_end(world: World) -> None:
    repo = world.repository({"app.py": RACE})
    before = repo.tip
    sha = repo.commit({"app.py": b"x = 1\n"})
    repo.git.update([("refs/heads/main", sha, before)])
    work = UpdateBranch(repository=world.named(repo), branch="main", sha=sha, reason="push")
    assert isinstance(run(Job("job", None, 1, work), world.services), Done)
    assert len(repo.pulls) == 1
