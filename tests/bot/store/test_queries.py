"""Deliveries, repositories and history, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.events.work import Repository
from bot.store import deliveries, history, repositories, tables
from bot.store.deliveries import Delivery
from bot.store.history import FindingRow, PullRow, RunRow
from bot.store.tables import DeliveryState

if TYPE_CHECKING:
    from bot.store.database import Database

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SHOP = Repository(id=7, owner="octo", name="shop", installation=3)


def delivery(guid: str = "d-1", payload: bytes = b'{"a": "\xc3\xa9"}') -> Delivery:
    return Delivery(guid, "push", None, 3, 7, payload, NOW)


def end(database: Database, guid: str, state: DeliveryState, at: datetime = NOW) -> None:
    with database.write() as connection:
        connection.execute(
            sa.update(tables.deliveries)
            .where(tables.deliveries.c.guid == guid)
            .values(state=state, reason="because", finished_at=at)
        )


def test_what_was_received_is_read_as_it_came(database: Database) -> None:
    with database.write() as connection:
        assert deliveries.receive(connection, delivery())
        assert deliveries.read(connection, "d-1") == delivery()
        assert deliveries.read(connection, "another") is None


def test_a_redelivery_is_done_unless_it_was_done(database: Database) -> None:
    with database.write() as connection:
        assert deliveries.receive(connection, delivery())
        assert deliveries.receive(connection, delivery(payload=b"{}")), "not done yet"
        assert deliveries.read(connection, "d-1") == delivery(), "the first payload stays"
    for state, due in (
        (DeliveryState.DONE, False),
        (DeliveryState.IGNORED, False),
        (DeliveryState.DEAD, True),
    ):
        end(database, "d-1", state)
        with database.write() as connection:
            assert deliveries.receive(connection, delivery()) is due
    with database.read() as connection:
        row = connection.execute(sa.select(tables.deliveries)).one()
    assert (row.state, row.reason, row.finished_at, row.attempts) == (DeliveryState.WAITING, None, None, 3)


def test_failed_deliveries_are_listed_with_their_reasons(database: Database) -> None:
    with database.write() as connection:
        for guid in ("d-1", "d-2"):
            deliveries.receive(connection, delivery(guid))
    end(database, "d-2", DeliveryState.DEAD)
    with database.read() as connection:
        (failed,) = deliveries.failed(connection)
    assert (failed.guid, failed.reason, failed.repository) == ("d-2", "because", 7)


def test_a_repository_is_known_by_its_number(database: Database) -> None:
    renamed = SHOP.model_copy(update={"name": "store", "installation": 4})
    with database.write() as connection:
        repositories.remember(connection, SHOP, "main", seen_at=NOW)
        repositories.configure(connection, 7, "main", ["release", "main", "release"])
        repositories.pause(connection, 7, paused=True)
        repositories.undecline(connection, 7, ["b", "a"])
        repositories.undecline(connection, 7, ["c"])
        repositories.remember(connection, renamed, seen_at=NOW + timedelta(seconds=1))
        repositories.remember(connection, SHOP, "trunk", seen_at=NOW - timedelta(days=1))
        stored = repositories.read(connection, 7)
        assert stored is not None
        assert stored.repository == renamed, "an old delivery does not bring the old name back"
        assert stored.default_branch == "main"
        assert stored.base_branches == ("main", "release")
        assert stored.paused
        assert stored.undeclined == {"a", "b", "c"}
        assert repositories.of_installation(connection, 4) == [stored]
        assert repositories.of_installation(connection, 3) == []
        connection.execute(sa.delete(tables.repositories))
        assert repositories.read(connection, 7) is None


def test_unread_configuration_is_told_from_one_without_branches(database: Database) -> None:
    with database.write() as connection:
        repositories.remember(connection, SHOP)
        stored = repositories.read(connection, 7)
        assert stored is not None
        assert stored.base_branches is None
        repositories.configure(connection, 7, "main", [])
        stored = repositories.read(connection, 7)
        assert stored is not None
        assert stored.base_branches == ()


def run(job: str = "gh-1") -> RunRow:
    return RunRow(job, 7, "main", "a" * 40, 12, 0.5, "one pull request", ("opened #1",))


def finding(line: int) -> FindingRow:
    return FindingRow("f" * 64, "atomic-redis", "shop/a.py", line, "safe", "two steps")


def count(database: Database, table: sa.Table) -> int:
    with database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_a_run_that_is_repeated_is_kept_once(database: Database) -> None:
    for found in ([finding(1), finding(2)], [finding(3)], []):
        with database.write() as connection:
            history.record_run(connection, run(), found)
        assert count(database, tables.runs) == 1
        assert count(database, tables.findings) == len(found)


def test_pull_requests_are_kept_as_they_are_now(database: Database) -> None:
    pull = PullRow(7, 1, "secretstr", "", "main", "open", "Say it", "https://github.com/o/n/pull/1", ("f",))
    with database.write() as connection:
        for state in ("open", "closed"):
            history.record_pull(connection, PullRow(**{**_fields(pull), "state": state}))
    with database.read() as connection:
        assert [row.state for row in connection.execute(sa.select(tables.pull_requests))] == ["closed"]


def _fields(pull: PullRow) -> dict[str, object]:
    return {name: getattr(pull, name) for name in PullRow.__dataclass_fields__}
