"""What pages about jobs, deliveries, pull requests and rules ask of the store, on both databases."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.events.work import WORK, Repository, UpdateBranch
from bot.jobs.outcome import Done
from bot.store import delivery_list, history, jobs, pulls, tables
from bot.store.delivery_list import NoCursor, listed
from bot.store.history import FindingRow, PullRow, RunRow
from bot.store.rule_counts import RuleCounts, rule_counts
from bot.store.scope import EVERYTHING, Scope
from bot.store.tables import DeliveryState, JobState

if TYPE_CHECKING:
    from bot.store.database import Database

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SHOP = Repository(id=7, owner="octo", name="shop", installation=3)
WORK_ON_MAIN = UpdateBranch(repository=SHOP, branch="main", reason="a push")


def keep_delivery(
    database: Database, guid: str, state: DeliveryState, minutes: int = 0, event: str = "push"
) -> None:
    row = {
        "guid": guid,
        "event": event,
        "received_at": NOW - timedelta(minutes=minutes),
        "payload": b'{"a": 1}',
        "state": state,
        "attempts": 1,
    }
    with database.write() as connection:
        connection.execute(sa.insert(tables.deliveries).values(row))


def keep_job(database: Database, name: str, delivery: str | None = None, **also: object) -> None:
    row: dict[str, object] = {
        "id": name,
        "delivery": delivery,
        "partition": "7",
        "repository_id": 7,
        "branch": "main",
        "work": WORK.dump_python(WORK_ON_MAIN, mode="json"),
        "state": JobState.DONE,
        "place": 1,
        "run": 1,
        "failed": 0,
        "queued_at": NOW,
    }
    with database.write() as connection:
        connection.execute(sa.insert(tables.jobs).values({**row, **also}))


def keep_run(
    database: Database, job: str, *found: FindingRow, branch: str = "main", repository: int = 7
) -> None:
    run = RunRow(job, repository, branch, "a" * 40, 10, 1.5, f"{branch} at aaaa", ("opened #3",))
    with database.write() as connection:
        history.record_run(connection, run, found)


def finding(name: str, line: int = 1, rule: str = "atomic-redis", applicability: str = "safe") -> FindingRow:
    return FindingRow(name, rule, "shop/cache.py", line, applicability, "`get` then `set`")


def test_a_job_has_its_steps_and_its_log(database: Database) -> None:
    lines = [
        {"event": "snapshot taken", "level": "info", "timestamp": "2026-11-21T12:00:01Z", "files": 3},
        "no object",
    ]
    keep_job(
        database,
        "gh-1",
        steps=[{"name": "snapshot", "at": "2026-11-21T12:00:00+00:00", "seconds": 0.5}],
        log=b"\n".join([json.dumps(lines[0]).encode(), b"no json", b""]),
        outcome={"kind": "done", "summary": "all of it", "actions": []},
    )
    with database.read() as connection:
        job = jobs.read(connection, "gh-1")
        assert jobs.read(connection, "gh-2") is None
    assert job is not None
    assert (job.work, job.state, job.outcome) == (WORK_ON_MAIN, JobState.DONE, Done(summary="all of it"))
    assert job.steps == (jobs.Step("snapshot", NOW, 0.5),)
    assert [(each.at, each.level, each.event, each.also) for each in job.log] == [
        ("2026-11-21T12:00:01Z", "info", "snapshot taken", (("files", "3"),)),
        ("", "", "no json", ()),
    ]


def test_work_of_another_version_is_no_obstacle(database: Database) -> None:
    keep_job(database, "gh-1", work={"kind": "unheard-of"}, outcome={"kind": "unheard-of"})
    with database.read() as connection:
        job = jobs.read(connection, "gh-1")
    assert job is not None
    assert (job.work, job.outcome) == (None, None)


def test_a_jobs_runs_are_its_own_and_those_over_further_branches(database: Database) -> None:
    keep_run(database, "gh-1", finding("a", 9), finding("b", 2))
    keep_run(database, "gh-1-base0", branch="release")
    keep_run(database, "gh-1-8", branch="another job's")
    keep_run(database, "gh-11", branch="another job's")
    with database.read() as connection:
        found = jobs.runs_of(connection, "gh-1")
    assert [each.branch for each in found] == ["main", "release"]
    assert ([each.line for each in found[0].findings], found[0].count) == ([2, 9], 2)


def test_the_jobs_of_a_delivery_are_in_their_order(database: Database) -> None:
    keep_delivery(database, "d", DeliveryState.DONE)
    keep_job(database, "gh-d-8", "d", place=3)
    keep_job(database, "gh-d", "d", place=2, work=None)
    keep_job(database, "gh-other", place=1)
    with database.read() as connection:
        assert [each.id for each in jobs.of_delivery(connection, "d")] == ["gh-d", "gh-d-8"]


def test_deliveries_are_listed_page_by_page_without_a_gap(database: Database) -> None:
    every = [*DeliveryState]
    for count in range(11):
        # in fives of the same moment
        keep_delivery(database, f"d-{count:02}", every[count % 4], minutes=count // 5)
    with database.read() as connection:
        first = listed(connection, most=4)
        second = listed(connection, most=4, after=first[-1].cursor)
        third = listed(connection, most=4, after=second[-1].cursor)
    wanted = ["04", "03", "02", "01", "00", "09", "08", "07", "06", "05", "10"]
    assert [each.guid for each in [*first, *second, *third]] == [f"d-{each}" for each in wanted]


def test_deliveries_are_chosen_by_state_and_event(database: Database) -> None:
    keep_delivery(database, "d-1", DeliveryState.DEAD)
    keep_delivery(database, "d-2", DeliveryState.DONE)
    keep_delivery(database, "d-3", DeliveryState.DEAD, event="check_run")
    with database.read() as connection:
        dead = listed(connection, state=DeliveryState.DEAD)
        pushes = listed(connection, state=DeliveryState.DEAD, event="push")
        counts = delivery_list.states(connection)
        assert delivery_list.payload(connection, "d-1") == b'{"a": 1}'
        assert delivery_list.payload(connection, "gone") == b""
    assert [each.guid for each in dead] == ["d-3", "d-1"]
    assert [each.guid for each in pushes] == ["d-1"]
    assert counts == {
        DeliveryState.WAITING: 0,
        DeliveryState.DONE: 1,
        DeliveryState.IGNORED: 0,
        DeliveryState.DEAD: 2,
    }


@pytest.mark.parametrize("cursor", ["x", "1", "-d", "99999999999999999999-d", "²-d"])
def test_what_is_no_place_in_the_list_is_refused(database: Database, cursor: str) -> None:
    with database.read() as connection, pytest.raises(NoCursor):
        listed(connection, after=cursor)


def test_a_pull_request_is_read_with_what_it_settles(database: Database) -> None:
    pull = PullRow(
        7, 3, "atomic-redis", "", "main", "closed", "Make it atomic", "http://x", ("a", "b"), NOW, NOW
    )
    keep_run(database, "gh-1", finding("a", 1))
    keep_run(database, "gh-2", finding("a", 5), finding("c", 7))
    keep_run(database, "gh-3", finding("b", 3), repository=8)
    with database.write() as connection:
        history.record_pull(connection, pull)
    with database.read() as connection:
        assert pulls.read(connection, 7, 3) == pull
        assert pulls.read(connection, 8, 3) is None
        assert [each.line for each in pulls.settled(connection, 7, pull.findings)] == [5]


def test_counts_by_rule_are_of_the_newest_runs_that_one_may_see(database: Database) -> None:
    keep_run(database, "gh-1", finding("old"), finding("old2"))
    keep_run(database, "gh-2", finding("a"), finding("b", applicability="display-only"))
    keep_run(database, "gh-3", finding("c", rule="secretstr", applicability="unsafe"), branch="release")
    keep_run(database, "gh-4", finding("d"), repository=8)
    with database.write() as connection:
        for number, state in enumerate(["open", "merged", "merged", "closed"], start=1):
            history.record_pull(connection, PullRow(7, number, "atomic-redis", "", "main", state, "", "", ()))
    with database.read() as connection:
        seen = rule_counts(connection, Scope(frozenset({7})))
        assert rule_counts(connection, EVERYTHING)["atomic-redis"].safe == 2
        assert not rule_counts(connection, Scope(frozenset()))
    assert seen == {
        "atomic-redis": RuleCounts(safe=1, display_only=1, open=1, merged=2, closed=1),
        "secretstr": RuleCounts(unsafe=1),
    }
    assert (seen["atomic-redis"].accepted, seen["secretstr"].accepted) == (67, None)
