"""What the service says of what it did: its records, its metrics, its sweep and what it forgets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.store import tables
from tests.end_to_end.world import NOTHING, RACE, World, open_pulls

if TYPE_CHECKING:
    from collections.abc import Sequence

ATOMIC = "patchwright/atomic-redis"


def _rows(world: World, chosen: sa.Select[Any]) -> Sequence[Any]:
    engine = sa.create_engine(world.service.database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return connection.execute(chosen).all()


def _pulls(world: World, repository: int) -> list[tuple[str, bool, bool]]:
    table = tables.pull_requests
    chosen = sa.select(table).where(table.c.repository_id == repository).order_by(table.c.number)
    return [(row.state, row.opened_at is not None, row.closed_at is not None) for row in _rows(world, chosen)]


def test_a_run_keeps_its_steps_its_log_and_what_it_left_out(world: World):
    repo = world.repository(race=RACE, broken=b"def (:\n")
    row = _rows(world, sa.select(tables.jobs).where(tables.jobs.c.repository_id == repo.id))[0]
    assert [each["name"] for each in row.steps] == [
        "look",
        "snapshot",
        "configuration",
        "state",
        "analyse",
        "publish",
    ]
    lines = [json.loads(line) for line in row.log.decode().splitlines()]
    assert [each["event"] for each in lines][:3] == ["a job's run begins", "snapshot taken", "planned"]
    assert "hits = client.incr" not in row.log.decode()
    run = _rows(world, sa.select(tables.runs).where(tables.runs.c.repository_id == repo.id))[0]
    assert [each["path"] for each in run.skipped] == ["shop/broken.py"]
    assert run.skipped[0]["reason"]


def test_pull_requests_are_known_with_their_times_as_soon_as_they_are_opened_closed_or_merged(world: World):
    repo = world.repository(race=RACE)
    assert _pulls(world, repo.id) == [("open", True, False)]
    pull = open_pulls(repo)[ATOMIC]
    pull.close()
    world.settle()
    assert _pulls(world, repo.id) == [("closed", True, True)]
    other = world.repository(race=RACE)
    open_pulls(other)[ATOMIC].merge()
    world.settle()
    assert _pulls(world, other.id) == [("merged", True, True)]


def test_a_pull_request_that_the_app_closed_itself_was_not_declined(world: World):
    repo = world.repository(race=RACE)
    repo.push("main", {"shop/race.py": NOTHING})
    world.settle()
    assert _pulls(world, repo.id) == [("settled", True, True)]
