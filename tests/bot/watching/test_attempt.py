"""What is kept of a job's attempt: its steps, and its lines of the log without anything secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
import structlog

from bot.events.work import Repository, UpdateBranch
from bot.jobs.outcome import Done, Outcome
from bot.logs import set_up
from bot.queue.port import Job
from bot.store.tables import JobState, jobs
from bot.watching import metrics
from bot.watching.attempt import watched
from bot.watching.steps import MOST_LINES, step

if TYPE_CHECKING:
    from bot.store.database import Database

TOKEN = "ghs_" + "16C7e42F292c6912E7710c838347Ae178B4a"
WORK = UpdateBranch(repository=Repository(id=7, owner="octo", name="shop", installation=1), reason="a push")
JOB = Job("gh-1", None, 1, WORK)


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    """The log as the service sets it up, put back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, structlog.get_config()
    set_up("json")
    yield
    root.handlers[:], root.level = before[0], before[1]
    structlog.configure(**before[2])
    logging.captureWarnings(capture=False)


@pytest.fixture
def stored(database: Database) -> Database:
    """A database with the job's row."""
    now = datetime.now(UTC)
    row = {
        "id": JOB.id,
        "partition": "7",
        "state": JobState.RUNNING,
        "place": 1,
        "run": 1,
        "failed": 0,
        "queued_at": now,
    }
    with database.write() as connection:
        connection.execute(sa.insert(jobs).values(**row))
    return database


def _kept(database: Database) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    with database.read() as connection:
        steps, log = connection.execute(sa.select(jobs.c.steps, jobs.c.log)).one()
    return steps, [json.loads(line) for line in log.decode().splitlines()]


def _seconds(name: str) -> float:
    labels = {"kind": "update-branch", "step": name}
    return metrics.REGISTRY.get_sample_value("patchwright_job_step_seconds_count", labels) or 0.0


def test_steps_and_lines_of_a_job_are_kept(stored: Database) -> None:
    before = _seconds("snapshot")

    def run() -> Outcome:
        with step("snapshot"):
            structlog.get_logger("bot.try").info("snapshot taken", files=3)
        with step("analyse"):
            logging.getLogger("some.package").warning("a package says %s", "something")
        return Done(summary="done")

    assert watched(JOB, stored, run) == Done(summary="done")
    steps, lines = _kept(stored)
    assert [each["name"] for each in steps] == ["snapshot", "analyse"]
    assert all(each["seconds"] >= 0 and datetime.fromisoformat(str(each["at"])).tzinfo for each in steps)
    assert [each["event"] for each in lines] == [
        "a job's run begins",
        "snapshot taken",
        "a package says something",
    ]
    assert lines[1]["files"] == 3
    assert _seconds("snapshot") == before + 1


def test_a_job_that_fails_keeps_them_too_without_what_the_exception_says(stored: Database) -> None:
    log = structlog.get_logger("bot.try")

    def run() -> Outcome:
        with step("analyse"):
            try:
                raise KeyError("password = 'of the repository'")
            except KeyError:
                log.exception("it failed", url=f"https://x-access-token:{TOKEN}@github.com/octo/shop")
                logging.getLogger("some.package").exception("so says a package")
            raise ValueError("def code(): pass")

    with pytest.raises(ValueError, match="def code"):
        watched(JOB, stored, run)
    steps, lines = _kept(stored)
    assert [each["name"] for each in steps] == ["analyse"]
    text = json.dumps(lines)
    assert "of the repository" not in text
    assert TOKEN not in text
    assert "[secret]" in str(lines[1]["url"])
    assert "builtins.KeyError" in str(lines[1]["exception"])
    assert "test_attempt.py" in str(lines[1]["exception"])
    assert "builtins.KeyError" in str(lines[2]["exception"])


def test_the_newest_attempt_counts_and_only_its_last_lines(stored: Database) -> None:
    log = structlog.get_logger("bot.try")

    def often() -> Outcome:
        for count in range(MOST_LINES + 50):
            log.info("again", count=count, much="x" * (10_000 if count == MOST_LINES else 1))
        return Done(summary="done")

    watched(JOB, stored, often)
    _, lines = _kept(stored)
    assert len(lines) == MOST_LINES
    assert lines[-1]["count"] == MOST_LINES + 49
    assert any(each["event"] == "again" and "cut" in each for each in lines)
    watched(JOB, stored, lambda: Done(summary="done"))
    assert [each["event"] for each in _kept(stored)[1]] == ["a job's run begins"]
    assert _kept(stored)[0] == []


def test_a_line_of_another_job_or_of_none_is_not_kept(stored: Database) -> None:
    structlog.get_logger("bot.try").info("before")
    watched(JOB, stored, lambda: Done(summary="done"))
    structlog.get_logger("bot.try").info("after")
    assert [each["event"] for each in _kept(stored)[1]] == ["a job's run begins"]
    with step("outside"):  # outside of a job nobody listens
        pass
    assert _seconds("outside") == 0
