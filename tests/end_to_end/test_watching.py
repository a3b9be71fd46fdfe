"""What the service says of what it did: its records, its metrics, its sweep and what it forgets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
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


def test_the_metrics_tell_what_was_done_and_name_nobody(world: World):
    repo = world.repository(race=RACE)
    text = httpx.get(f"{world.service.url}/metrics").text
    for line in (
        'patchwright_deliveries_total{event="installation",result="accepted"}',
        'patchwright_webhook_seconds_bucket{le="0.05",result="taken"}',
        'patchwright_job_runs_total{kind="update-branch",outcome="done"}',
        'patchwright_job_step_seconds_count{kind="update-branch",step="analyse"}',
        'patchwright_analyses_total{result="done"}',
        'patchwright_github_requests_total{kind="write",status="201"}',
        'patchwright_github_requests_total{kind="graphql",status="200"}',
        "patchwright_github_rate_limit_left ",
    ):
        found = [each for each in text.splitlines() if each.startswith(line)]
        assert found, line
        assert float(found[0].split()[-1]) > 0, line
    for name in (repo.owner.login, repo.name, "race.py", "main"):
        assert f'"{name}"' not in text
    assert repo.full_name not in text


@pytest.mark.parametrize("how", ["uninstalled", "taken away"])
def test_nothing_is_left_of_a_repository_that_the_app_may_not_see_any_more(world: World, how: str):
    repo = world.repository(race=RACE)
    installation = world.github.installations_of(repo)[0]
    other = world.repository(race=RACE)
    assert _traces_of(world, repo.full_name, repo.id)
    if how == "uninstalled":
        world.github.uninstall(installation.id)
    else:
        world.github.remove_repositories(installation.id, [repo])
    world.settle()
    assert _traces_of(world, repo.full_name, repo.id) == []
    assert _traces_of(world, other.full_name, other.id), "another one's are all there"


def _traces_of(world: World, name: str, number: int) -> list[str]:
    """Tables that speak of a repository, those of the queue too, and its files."""
    found = []
    engine = sa.create_engine(world.service.database_url, poolclass=sa.NullPool)
    known = {table.name: table for table in tables.metadata.sorted_tables}
    with engine.connect() as connection:
        for table in sa.inspect(connection).get_table_names():
            chosen = sa.select(known[table]) if table in known else sa.text(f'SELECT * FROM "{table}"')
            if any(name in repr(tuple(row)) for row in connection.execute(chosen)):
                found.append(table)
    folder = Path(sa.make_url(world.service.database_url).database or "").parent
    return found + [each.name for each in folder.glob(f"*/{number}*")]
