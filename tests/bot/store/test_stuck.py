"""Jobs that do not come to an end, told apart from those that just take their time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.store import tables
from bot.store.stuck import Why, count_stuck, stuck

if TYPE_CHECKING:
    from bot.store.database import Database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_each_kind_of_trouble_and_what_is_none(database: Database) -> None:
    def ago(minutes: int) -> datetime:
        return NOW - timedelta(minutes=minutes)

    rows: dict[str, dict[str, Any]] = {
        "dead": {"state": "dead", "finished_at": ago(1), "reason": "gave up", "work": {"kind": "check-pull"}},
        "older": {"state": "dead", "finished_at": ago(500)},
        "runs": {"state": "running", "started_at": ago(10)},
        "runs on": {"state": "running", "started_at": ago(40)},
        "waits": {"state": "waiting", "queued_at": ago(10)},
        "waits on": {"state": "waiting", "queued_at": ago(40)},
        "later": {"state": "later", "due_at": ago(-60), "queued_at": ago(600)},
        "overdue": {"state": "later", "due_at": ago(10)},
        "done": {"state": "done", "finished_at": ago(999)},
    }
    fixed = {"partition": "7", "repository_id": 7, "place": 1, "run": 1, "failed": 0, "queued_at": NOW}
    with database.write() as connection:
        for name, values in rows.items():
            connection.execute(sa.insert(tables.jobs).values(id=name, **{**fixed, **values}))
        found = stuck(connection, now=NOW)
        assert [(each.id, each.why) for each in found] == [
            ("older", Why.DEAD),
            ("dead", Why.DEAD),
            ("runs on", Why.RUNNING),
            ("waits on", Why.WAITING),
            ("overdue", Why.OVERDUE),
        ]
        assert (found[1].kind, found[1].reason, found[1].since) == ("check-pull", "gave up", ago(1))
        assert count_stuck(connection, now=NOW) == {
            Why.DEAD: 2,
            Why.RUNNING: 1,
            Why.WAITING: 1,
            Why.OVERDUE: 1,
        }
        assert [each.id for each in stuck(connection, 1, now=NOW) if each.why is Why.DEAD] == ["older"]
