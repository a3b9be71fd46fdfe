"""Two processes on one PostgreSQL: what one of them leaves behind when it dies for good, the other one does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bot.waiting import until
from tests.end_to_end.world import NOTHING, RACE, open_pulls
from tests.github.server import StandIn
from tests.service import Service

if TYPE_CHECKING:
    from tests.postgres import Server

ATOMIC = "patchwright/atomic-redis"
TAKEN_OVER = "jobs of processes that are gone are taken over"
SECONDS = 30
"""Within this long what a dead process was at work on is in other hands."""


def test_a_worker_that_dies_for_good_is_replaced_by_another(tmp_path, postgres: Server):
    """It is killed between its commit and the branch for it, while the second one is already there."""
    database = postgres.create()
    url = postgres.url(database)
    with StandIn() as github:
        first = Service(github, tmp_path / "first", database_url=url)
        second = Service(github, tmp_path / "second", database_url=url, command="worker")
        repo = github.create_repository("owner/shop", {"shop/__init__.py": b"", "shop/race.py": NOTHING})
        first.start()
        github.webhook_url = f"{first.url}/webhooks/github"
        github.install("owner", [repo])
        first.wait_until_quiet()

        def replaced() -> None:
            second.start()
            until(lambda: second.said("jobs are being taken"))
            first.kill()

        github.faults.meanwhile("POST", "/repos/*/git/refs", replaced)
        repo.push("main", {"shop/race.py": RACE})
        until(lambda: not first.alive)
        until(lambda: second.said(TAKEN_OVER), SECONDS, "nobody took it over")
        second.wait_until_quiet()

        (pull,) = repo.pulls
        assert set(open_pulls(repo)) == {ATOMIC}
        assert pull.comments == []
        assert repo.git.text("rev-list", "--count", f"main..{ATOMIC}") == "1"
        assert second.stop() == 0
    postgres.drop(database)
