"""What is deleted with time, and with a repository that the App may no longer see: every table is looked at."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.events.work import WORK, ForgetRepository, Repository, UpdateBranch
from bot.store import history, redeliveries, repositories, retention, tables
from bot.store.deliveries import Delivery, receive
from bot.store.forgetting import Leaving, forget, runs_of
from bot.store.history import FindingRow, PullRow, RunRow
from bot.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from bot.store.database import Database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAME = "top-secret-shop"
GONE, OTHER = 7, 8

KNOWS_NOTHING = {"executors", "regular_tasks", "redeliveries"}
"""Tables without anything of a repository: host names, names of tasks, ids of deliveries."""

KEEPS = {
    "repositories": "what people asked for holds as long as the App is installed",
    "executors": "the queue's keeper deletes them",
    "regular_tasks": "one row for each kind of task",
}
"""Tables that time alone deletes nothing of, and why."""


@dataclass
class Filled:
    """A database with something in every table, of two repositories of one installation."""

    connection: Connection

    def repository(self, number: int, name: str, at: datetime, installation: int = 3) -> None:
        """Everything that there can be of one."""
        shop = Repository(id=number, owner="octo", name=name, installation=installation)
        connection = self.connection
        repositories.remember(connection, shop, "main", seen_at=at)
        repositories.configure(connection, number, "main", [f"{name}-release"])
        connection.execute(sa.update(tables.repositories).values(config_text=f"# {name}"))
        payload = json.dumps({"repository": {"full_name": f"octo/{name}"}}).encode()
        self.delivery(f"push-{number}", "push", None, payload, at, number, installation)
        self.job(f"gh-push-{number}", f"push-{number}", UpdateBranch(repository=shop, reason=name), at)
        run = RunRow(
            f"gh-push-{number}", number, name, "0" * 40, 1, 0.1, name, (name,), ((name, "too large"),)
        )
        history.record_run(connection, run, [FindingRow("f", "secretstr", f"{name}.py", 1, "safe", name)])
        connection.execute(
            sa.update(tables.runs).where(tables.runs.c.repository_id == number).values(finished_at=at)
        )
        for place, state in enumerate(("open", "merged", "closed", "settled")):
            pull = PullRow(number, place, "secretstr", "", "main", state, name, name, ("f",), at, at)
            history.record_pull(connection, pull)

    def delivery(
        self, guid: str, event: str, action: str | None, payload: bytes, at: datetime, number: int | None,
        installation: int = 3, state: str = "done",
    ) -> None:  # fmt: skip
        """One that came and ended at that time."""
        receive(self.connection, Delivery(guid, event, action, installation, number, payload, at))
        ended = None if state == "waiting" else at
        self.connection.execute(
            sa.update(tables.deliveries)
            .where(tables.deliveries.c.guid == guid)
            .values(state=state, finished_at=ended)
        )

    def job(self, job: str, delivery: str | None, work: Any, at: datetime, state: str = "done") -> None:
        """One of these, queued and ended at that time."""
        number = work.repository.id
        self.connection.execute(
            sa.insert(tables.jobs).values(
                id=job, delivery=delivery, partition=str(number), repository_id=number, state=state,
                work=WORK.dump_python(work, mode="json"), place=int(at.timestamp() * 1e6), run=2, failed=0,
                queued_at=at, finished_at=None if state in {"waiting", "running"} else at, log=work.repository.name.encode(),
                outcome={"kind": "done", "summary": work.repository.name},
            )
        )  # fmt: skip

    def session(self, seen: Iterable[int], expires: datetime) -> None:
        """Somebody who sees these."""
        row = {"github_id": 1, "login": "ann", "created_at": NOW, "checked_at": NOW, "expires_at": expires}
        listed = {str(each): True for each in seen}
        self.connection.execute(
            sa.insert(tables.sessions).values(id_hash=f"h{listed}", repositories=listed, **row)
        )


def _everything(connection: Connection, leave_out: Iterable[str] = ()) -> dict[str, str]:
    """Every table's rows as one text."""
    return {
        table.name: repr([dict(row) for row in connection.execute(sa.select(table)).mappings()])
        for table in metadata.sorted_tables
        if table.name not in leave_out
    }


def _count(connection: Connection) -> dict[str, int]:
    return {
        table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }


@pytest.mark.parametrize("event", [("installation", "deleted"), ("installation_repositories", "removed")])
def test_nothing_is_left_of_a_repository_that_goes_and_all_of_another(
    database: Database, event: tuple[str, str]
) -> None:
    early = NOW - timedelta(days=1)
    with database.write() as connection:
        filled = Filled(connection)
        filled.repository(GONE, NAME, early)
        filled.repository(OTHER, "plain", early)
        filled.session([GONE, OTHER], NOW + timedelta(hours=1))
        names = json.dumps({"repositories": [{"full_name": f"octo/{NAME}"}]}).encode()
        filled.delivery("made", "installation", "created", names, early, None)
        shop = Repository(id=GONE, owner="octo", name=NAME, installation=3)
        filled.job("gh-made-7", "made", UpdateBranch(repository=shop, reason="installed"), early)
        filled.delivery("gone", *event, names, NOW, None, state="waiting")
        filled.job("gh-gone-7", "gone", ForgetRepository(repository=shop, reason="gone"), NOW, "running")
        connection.execute(
            sa.update(tables.jobs).where(tables.jobs.c.id == "gh-gone-7").values(log=None, outcome=None)
        )
        redeliveries.note(connection, "gone", NOW)
        connection.execute(sa.insert(tables.executors).values(id="e", host="h", beat_at=NOW))
        connection.execute(sa.insert(tables.regular_tasks).values(name="sweep", due_at=NOW))
        assert all(_count(connection).values()), "something is in every table"
        before = _everything(connection)
        leaving = Leaving(GONE, 3, "gh-gone-7")
        assert set(runs_of(connection, leaving)) == {
            "gh-push-7", "gh-push-7-try2", "gh-made-7", "gh-made-7-try2",
        }  # fmt: skip
        assert forget(connection, leaving)
        after = _everything(connection)
        assert {name for name, text in before.items() if NAME in text or f"'{GONE}'" in text} == set(
            before
        ) - KNOWS_NOTHING, "every table that can hold something of a repository did"
        for name, text in after.items():
            assert NAME not in text, name
            assert "octo/" not in text or "plain" in text, name
        for table in metadata.sorted_tables:
            if "repository_id" in table.c:
                left = (
                    connection.execute(sa.select(table).where(table.c.repository_id == GONE)).mappings().all()
                )
                assert [row["id"] for row in left if "id" in row] == (
                    ["gh-gone-7"] if table.name == "jobs" else []
                )
        assert connection.execute(sa.select(tables.sessions.c.repositories)).scalar_one() == {"8": True}
        assert repositories.read(connection, OTHER) is not None
        kept = _count(connection)
        assert (kept["runs"], kept["findings"], kept["pull_requests"]) == (1, 1, 4)
        assert forget(connection, leaving), "once more, after a crash"


def test_what_came_after_a_repository_went_is_of_a_new_beginning(database: Database) -> None:
    with database.write() as connection:
        filled = Filled(connection)
        filled.delivery("gone", "installation_repositories", "removed", b"{}", NOW, None, state="waiting")
        shop = Repository(id=GONE, owner="octo", name=NAME, installation=3)
        filled.job("gh-gone-7", "gone", ForgetRepository(repository=shop, reason="gone"), NOW, "running")
        later = NOW + timedelta(seconds=5)
        filled.delivery("push", "push", None, b'{"new": 1}', later, GONE, state="waiting")
        filled.job("gh-push", "push", UpdateBranch(repository=shop, reason="push"), later, "waiting")
        forget(connection, Leaving(GONE, 3, "gh-gone-7"))
        assert connection.execute(sa.select(tables.jobs.c.id).order_by("id")).scalars().all() == [
            "gh-gone-7",
            "gh-push",
        ]
        kept = sa.select(tables.deliveries.c.payload).where(tables.deliveries.c.guid == "push")
        assert connection.execute(kept).scalar_one() == b'{"new": 1}'


def test_a_repository_that_another_installation_has_by_now_stays_there(database: Database) -> None:
    with database.write() as connection:
        filled = Filled(connection)
        filled.repository(GONE, NAME, NOW, installation=4)
        filled.delivery("gone", "installation", "deleted", b"{}", NOW, None, state="waiting")
        shop = Repository(id=GONE, owner="octo", name=NAME, installation=3)
        filled.job("gh-gone-7", "gone", ForgetRepository(repository=shop, reason="gone"), NOW, "running")
        assert not forget(connection, Leaving(GONE, 3, "gh-gone-7"))
        assert repositories.read(connection, GONE) is not None
        assert _count(connection)["runs"] == 1


def test_what_is_old_goes_from_every_table_that_grows(database: Database) -> None:
    long_ago = NOW - timedelta(days=91)
    with database.write() as connection:
        filled = Filled(connection)
        filled.repository(GONE, NAME, long_ago)
        filled.repository(OTHER, "plain", NOW - timedelta(days=1))
        shop = Repository(id=GONE, owner="octo", name=NAME, installation=3)
        filled.delivery("dead", "push", None, b"{}", long_ago, GONE, state="dead")
        filled.delivery("waits", "push", None, b"{}", long_ago, GONE, state="waiting")
        filled.job("gh-waits", "waits", UpdateBranch(repository=shop, reason="push"), long_ago, "waiting")
        filled.job("by-itself", None, UpdateBranch(repository=shop, reason="push"), long_ago)
        filled.session([GONE], NOW - timedelta(minutes=1))
        redeliveries.note(connection, "old", long_ago)
        connection.execute(sa.insert(tables.executors).values(id="e", host="h", beat_at=NOW))
        connection.execute(sa.insert(tables.regular_tasks).values(name="sweep", due_at=NOW))
        before = _count(connection)
        gone = retention.clean_up(connection, 90, now=NOW)
        after = _count(connection)
        assert {name for name in before if before[name] == after[name]} == set(KEEPS)
        assert gone == {
            "deliveries": 2, "jobs": 1, "runs": 1, "pull_requests": 2, "sessions": 1, "redeliveries": 1,
        }  # fmt: skip
        guids = connection.execute(sa.select(tables.deliveries.c.guid).order_by("guid")).scalars().all()
        assert guids == ["push-8", "waits"]
        kept = sa.select(tables.pull_requests.c.state).where(tables.pull_requests.c.repository_id == GONE)
        assert set(connection.execute(kept).scalars()) == {"open", "closed"}, "what people declined holds on"


def test_an_installation_that_left_nothing_to_forget_takes_its_deliveries_along(database: Database) -> None:
    with database.write() as connection:
        filled = Filled(connection)
        names = json.dumps({"repositories": [{"full_name": f"octo/{NAME}"}]}).encode()
        filled.delivery("made", "installation", "created", names, NOW - timedelta(hours=1), None)
        filled.delivery("gone", "installation", "deleted", names, NOW, None)
        filled.delivery("other", "installation", "created", b"{}", NOW, None, installation=4)
        retention.clean_up(connection, 90, now=NOW)
        rows = connection.execute(sa.select(tables.deliveries.c.guid, tables.deliveries.c.payload)).all()
        assert {guid for guid, _ in rows} == {"gone", "other"}
        assert NAME not in repr(rows)
