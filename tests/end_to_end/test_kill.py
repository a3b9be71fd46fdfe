"""``kill -9`` of the service at every request that it makes: nothing is lost, and nothing is done twice."""

from __future__ import annotations

from tests.end_to_end.world import NOTHING, RACE, open_pulls
from tests.github.server import StandIn
from tests.service import Service

FILES = {"shop/__init__.py": b"", "shop/race.py": RACE}
ATOMIC = "patchwright/atomic-redis"
READS = 8
"""As many requests only read at the beginning of a job that finds a pull request of the App's."""
MOST_KILLS = 60


def test_a_service_that_dies_at_every_step_ends_where_one_that_lives_does(tmp_path, database_url):
    """The n-th process is killed at its n-th request, so that each gets one step further than the one before it."""
    with StandIn() as github:
        service = Service(github, tmp_path, database_url=database_url)
        repo = github.create_repository("owner/shop", FILES)
        github.install("owner", [repo])
        push = lambda files: lambda: repo.push("main", files)  # noqa: E731

        kills = [_until_it_lives(github, service, push({"shop/other.py": NOTHING}))]
        (pull,) = repo.pulls
        assert (pull.open, pull.branch, pull.comments) == (True, ATOMIC, [])
        _is_one_commit(repo)

        kills.append(_until_it_lives(github, service, push({"shop/race2.py": RACE}), READS))
        assert repo.pulls == [pull]
        assert repo.file("shop/race2.py", ATOMIC) != RACE
        assert pull.head_sha == repo.branches()[ATOMIC]
        assert pull.comments == []
        _is_one_commit(repo)

        gone = {"shop/race.py": NOTHING, "shop/race2.py": NOTHING}
        kills.append(_until_it_lives(github, service, push(gone), READS))
        assert repo.pulls == [pull]
        assert open_pulls(repo) == {}
        assert len(pull.comments) == 1
        assert set(repo.branches()) == {"main"}
        assert sum(kills) > 20, kills


def _is_one_commit(repo):
    assert repo.git.text("rev-list", "--count", f"main..{ATOMIC}") == "1"


def _until_it_lives(github, service, happens, first=1):
    """Starts the service, lets something happen, and kills it at its n-th request; how often it was killed."""
    kills = 0
    for number in range(first, first + MOST_KILLS):
        fault = github.faults.meanwhile("*", "*", service.kill, skip=number - 1)
        service.start(wait=False)
        alive = service.until_ready_or_dead()
        github.webhook_url = f"{service.url}/webhooks/github"
        if number == first:
            happens()
        github.wait_until_delivered()
        if alive:
            _send_what_was_lost(github)
        quiet = service.quiet_or_dead()
        kills += fault.hits
        github.faults.clear()
        if quiet and not fault.hits:
            service.stop()
            return kills
        if service.alive:
            service.stop()
    raise AssertionError("it never came to an end")


def _send_what_was_lost(github):
    """What an operator does after an outage (GitHub itself never sends anything again)."""
    taken = {each.guid for each in github.deliveries if each.status_code in {200, 202}}
    for each in list(github.deliveries):
        if each.guid not in taken and not each.redelivery:
            github.redeliver(each)
