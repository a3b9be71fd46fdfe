"""What the queue does beside the jobs: health, dead ends, retention, refusing what cannot work."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url

from bot.queue import database_file
from bot.queue.pauses import PAUSES, pause
from bot.queue.port import QueueUnusable
from bot.queue.steps import Steps
from tests.bot.queue.harness import Site, update, works_of
from tests.bot.waiting import until

if TYPE_CHECKING:
    from tests.postgres import Server

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def healthy(process: subprocess.Popen[str]) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("healthy\n")
    process.stdin.flush()
    while (answer := process.stdout.readline()) == "ready\n":
        pass
    return answer.strip()


@only_postgresql
def test_jobs_outlast_a_database_that_is_down(site: Site, postgres: Server) -> None:
    job = site.deliver(update(1, "gate g"))
    with site.worker(GIVEN_UP="3") as process:
        site.until_state(job, "running")
        until(lambda: healthy(process) == "None")
        name = str(make_url(site.url).database)
        postgres.cut(name, off=True)
        with pytest.raises(sa.exc.OperationalError):
            site.deliver(update(2, "do"))
        site.open_gate("g")
        until(lambda: "has not been reached for" in healthy(process))
        postgres.cut(name, off=False)
        after = site.deliver(update(2, "do"))
        site.until_over()
        until(lambda: healthy(process) == "None")
    assert site.states() == {job: "done", after: "done"}
    assert site.effects() == {job, after}


@only_sqlite
def test_a_job_that_ends_its_process_again_and_again_becomes_a_dead_letter(site: Site) -> None:
    job = site.deliver(update(1, "do"))
    for _ in range(2):
        with site.worker(KILL_AT="before:work", RECOVERIES="1") as process:
            assert process.wait(timeout=60) == -signal.SIGKILL
    with site.worker(RECOVERIES="1"):
        site.until_over()
        assert site.job(job)["reason"] == "its process died too often while it ran"
        assert site.queue.retry(job) is True
        site.until_state(job, "done")


@only_sqlite
def test_what_dbos_noted_of_finished_jobs_is_deleted_and_waiting_ones_stay(site: Site) -> None:
    def noted() -> set[str]:
        with site.database.read() as connection:
            return set(connection.execute(sa.text("SELECT workflow_uuid FROM workflow_status")).scalars())

    def over() -> set[str]:
        ended = sa.text("SELECT workflow_uuid FROM workflow_status WHERE status = 'SUCCESS'")
        with site.database.read() as connection:
            return set(connection.execute(ended).scalars())

    done, later = site.deliver(update(1, "do")), site.deliver(update(2, "later 3600"))
    with site.worker():
        site.until_state(done, "done")
        site.until_state(later, "later")
        assert noted() == {done, later, f"{later}-try2"}
        until(lambda: over() == {done, later})
    with site.worker(KEEP="0"):
        until(lambda: noted() == {f"{later}-try2"})


@only_postgresql
def test_a_job_that_was_claimed_beside_another_of_its_repository_waits_a_moment(site: Site) -> None:
    first, second = site.deliver(update(1, "do")), site.deliver(update(1, "do"))
    enqueued = []

    def enqueue(connection: sa.Connection, run: object, seconds: float | None) -> None:
        enqueued.append((run, seconds))

    steps = Steps(site.database, enqueue, works_of, lambda job: pytest.fail(job.id))
    for each in (first, second):
        steps.decide(each)
    assert steps.begin(first, 1) == {"go": True, "cancel": []}
    assert steps.begin(second, 1) == {"go": False, "cancel": []}
    assert [seconds for _, seconds in enqueued] == [1.0]
    assert site.job(second)["state"] == "later"


def test_a_sqlite_that_dbos_fails_on_is_refused_with_what_to_do() -> None:
    with pytest.raises(QueueUnusable, match=r"SQLite 3\.40\.1 is too old .* Python 3\.12.*3\.42\.0 or newer"):
        database_file.check_version((3, 40, 1), (3, 12, 4))
    database_file.check_version((3, 40, 1), (3, 11, 7))
    database_file.check_version((3, 42, 0), (3, 13, 0))


def test_pauses_grow_to_an_hour_and_then_end() -> None:
    assert [pause(failed, lambda: 0.0) for failed in range(1, 7)] == [5, 30, 120, 600, 3600, None]
    assert pause(1, lambda: 1.0) == PAUSES[0] * 1.2
