"""``kill -9`` of the service at every request that it makes: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import pytest

from tests.end_to_end.world import CLIENT, NOTHING, RACE, open_pulls
from tests.github.server import StandIn
from tests.service import Service

FILES = {"shop/__init__.py": b"", "shop/race.py": RACE, "shop/client.py": CLIENT}
MOST_KILLS = 80


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    return "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


def test_a_service_that_dies_at_every_step_ends_where_one_that_lives_does(tmp_path, database_url):
    """The n-th process is killed at its n-th request, so that each gets one step further than the one before it.

    It opens two pull requests, then (after a push that takes one finding away and changes the other patch) closes
    one with a comment and moves the other: all kinds of writes.
    """
    with StandIn() as github:
        service = Service(github, tmp_path, database_url=database_url)
        repo = github.create_repository("owner/shop", FILES)
        github.install("owner", [repo])
        first = _until_it_lives(github, service, lambda: repo.push("main", {"shop/more.py": NOTHING}))
        assert set(open_pulls(repo)) == {"patchwright/atomic-redis", "patchwright/lazy-client"}
        assert len(repo.pulls) == 2
        change = {"shop/race.py": NOTHING, "shop/client2.py": CLIENT}
        second = _until_it_lives(github, service, lambda: repo.push("main", change))
        closed, moved = repo.pulls
        assert (closed.open, moved.open) == (False, True)
        assert len(closed.comments) == 1
        assert moved.comments == []
        assert len(repo.pulls) == 2
        assert set(repo.branches()) == {"main", "patchwright/lazy-client"}
        assert repo.git.text("rev-list", "--count", "main..patchwright/lazy-client") == "1"
        assert b"_s3" in repo.file("shop/client2.py", "patchwright/lazy-client")
        assert first + second > 20, "it was killed at every request, not at a few"


def _until_it_lives(github, service, happens):
    """Starts the service, lets something happen, and kills it at its n-th request; how often it was killed."""
    for number in range(1, MOST_KILLS):
        fault = github.faults.meanwhile("*", "*", service.kill, skip=number - 1)
        service.start(wait=False)
        service.until_ready_or_dead()
        github.webhook_url = f"{service.url}/webhooks/github"
        if number == 1:
            happens()
        github.wait_until_delivered()
        for lost in [each for each in github.deliveries if each.status_code != 202 and not each.redelivery]:
            if service.alive and not _taken(github, lost):
                github.redeliver(lost)
        quiet = service.quiet_or_dead()
        github.faults.clear()
        if quiet:
            service.stop()
            return fault.hits + number - 1
    raise AssertionError("it never came to an end")


def _taken(github, lost):
    return any(each.guid == lost.guid and each.status_code == 202 for each in github.deliveries)
