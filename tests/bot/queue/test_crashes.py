"""Jobs outlive their process, whenever it ends and however."""

from __future__ import annotations

import signal
import subprocess
import time
from collections import defaultdict

import pytest

from tests.bot.queue.harness import Site, update
from tests.bot.waiting import until

POINTS = [f"{when}:{step}" for step in ("decide", "begin", "work", "finish") for when in ("before", "after")]
SOON = {"GIVEN_UP": "3"}
"""Taking over is tested with its real times by one test; the others need not wait for it."""


def send(process: subprocess.Popen[str], line: str) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    answer: str = process.stdout.readlines()[-1]
    return answer


def ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    while process.stdout.readline() not in {"ready\n", ""}:
        pass


def one_at_a_time(site: Site) -> bool:
    """Whether no two handlers of one repository were at work at the same time."""
    running: dict[str, set[str]] = defaultdict(set)
    for what, job, repository, process, _ in site.log():
        if what == "begin":
            running[repository].add(f"{job} {process}")
            if len(running[repository]) > 1:
                return False
        else:
            running[repository].discard(f"{job} {process}")
    return True


def test_a_process_killed_at_any_step_loses_nothing_and_does_nothing_twice(site: Site) -> None:
    sent = []
    for number, point in enumerate(POINTS):
        sent.append(site.deliver(update(number, "do")))
        with site.worker(KILL_AT=point, **SOON) as process:
            assert process.wait(timeout=60) == -signal.SIGKILL, point
    with site.worker(**SOON):
        site.until_over()
    assert site.states() == dict.fromkeys(sent, "done")
    assert site.effects() == set(sent)


def test_pauses_and_splits_survive_a_kill(site: Site) -> None:
    later, retried = site.deliver(update(1, "later 9")), site.deliver(update(2, "retry 1"))
    family = site.deliver(*(update(each, "do") for each in range(10, 15)), partition="installation-1")
    for point in ("after:decide", "after:finish", "before:finish"):
        with site.worker(KILL_AT=point, PAUSES="1 1", **SOON) as process:
            assert process.wait(timeout=60) == -signal.SIGKILL, point
    with site.worker(PAUSES="1 1", **SOON):
        site.until_over()
    assert set(site.states().values()) == {"done"}
    assert site.effects() == {later, retried, *(f"{family}-{each}" for each in range(10, 15))}
    assert (site.job(later)["run"], site.job(retried)["run"]) == (2, 2)


def test_many_jobs_survive_kills_at_any_moment(site: Site) -> None:
    sent = [site.deliver(update(each % 30, "sleep 0.01")) for each in range(80)]
    for goal in (15, 40):
        with site.worker(WORKERS="10", **SOON) as process:
            until(lambda goal=goal: len(site.effects()) >= goal)
            process.kill()
    with site.worker(WORKERS="30", **SOON):
        site.until_over()
    assert site.states() == dict.fromkeys(sent, "done")
    assert site.effects() == set(sent)


def test_draining_waits_for_what_is_at_work_and_leaves_the_rest(site: Site) -> None:
    with site.worker(WORKERS="2", **SOON) as process:
        at_work = site.deliver(update(1, "gate g"))
        site.until_state(at_work, "running")
        rest = site.deliver(update(1, "do"))
        assert process.stdin is not None
        process.stdin.write("drain 30\n")
        process.stdin.flush()
        time.sleep(0.3)
        site.open_gate("g")
        assert process.stdout is not None
        assert process.stdout.readlines()[-1] == "left 0\n"
        assert process.wait(timeout=30) == 0
    assert (site.job(at_work)["state"], site.job(rest)["state"]) == ("done", "waiting")
    with site.worker(**SOON):
        site.until_over()
    assert site.effects() == {at_work, rest}


def test_draining_does_not_wait_for_ever(site: Site) -> None:
    with site.worker(**SOON) as process:
        job = site.deliver(update(1, "gate g"))
        site.until_state(job, "running")
        assert send(process, "drain 1") == "left 1\n"
        assert process.wait(timeout=30) == 0
    site.open_gate("g")
    with site.worker(**SOON):
        site.until_over()
    assert site.effects() == {job}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_second_process_on_a_sqlite_file_is_told_why_it_cannot_run(site: Site) -> None:
    with site.worker() as first:
        ready(first)
        with site.worker() as second:
            assert second.wait(timeout=60) == 1
    said = site.errors()
    assert f"Another process ({first.pid}) runs the jobs in" in said
    assert "PostgreSQL" in said
    assert "Traceback" not in said
    job = site.deliver(update(1, "do"))
    with site.worker():
        site.until_state(job, "done")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_processes_share_the_work_one_job_of_a_repository_at_a_time(site: Site) -> None:
    with site.worker(WORKERS="4") as first, site.worker(WORKERS="4") as second:
        ready(first)
        ready(second)
        sent = [site.deliver(update(each % 8, "sleep 0.02")) for each in range(48)]
        site.until_over()
    assert site.effects() == set(sent)
    assert {line[3] for line in site.log()} == {str(first.pid), str(second.pid)}
    assert one_at_a_time(site)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_jobs_of_a_process_that_is_killed_for_good_are_taken_over(site: Site) -> None:
    job = site.deliver(update(1, "gate g"))
    with site.worker() as first:
        site.until_state(job, "running")
        with site.worker() as second:
            ready(second)
            killed = time.monotonic()
            first.kill()
            first.wait()
            site.open_gate("g")
            following = site.deliver(update(1, "do"))
            site.until_over()
            taken_over_in = time.monotonic() - killed
    assert site.effects() == {job, following}
    assert taken_over_in < 30
    assert {line[3] for line in site.log() if line[0] == "end"} == {str(second.pid)}
