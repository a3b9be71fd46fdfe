"""What becomes of a job."""

from __future__ import annotations

import json
from itertools import count

import pytest

from tests.bot.queue.harness import Site, check, update
from tests.bot.waiting import until

repositories = count(1)


def test_a_job_is_done_and_so_is_its_delivery(served: Site) -> None:
    job = served.deliver(update(next(repositories), "do"))
    served.until_over()
    row = served.job(job)
    assert (row["state"], row["reason"]) == ("done", "done")
    assert row["outcome"] == {"kind": "done", "summary": "done", "actions": ["one"]}
    assert served.delivery(job)["state"] == "done"
    assert job in served.effects()


def test_a_delivery_of_many_repositories_becomes_a_job_for_each(served: Site) -> None:
    own = [next(repositories) for _ in range(40)]
    job = served.deliver(*(update(each, "do") for each in own), partition="installation-1")
    served.until_over()
    assert {f"{job}-{each}" for each in own} <= served.effects()
    assert served.job(job)["reason"] == "40 jobs were enqueued"
    assert served.delivery(job)["state"] == "done"


def test_work_that_no_delivery_asked_for_can_be_enqueued(served: Site) -> None:
    work = update(next(repositories), "do")
    with served.database.write() as connection:
        served.queue.enqueue(
            connection, "by-hand", str(work.repository.id), {"work": work.model_dump(mode="json")}
        )
    served.until_over()
    assert "by-hand" in served.effects()


def test_a_newer_job_on_the_same_branch_supersedes_those_that_wait(served: Site) -> None:
    own = next(repositories)
    running = served.deliver(update(own, f"gate {own}", "main"))
    served.until_state(running, "running")
    waiting = [served.deliver(update(own, "do", "main")) for _ in range(4)]
    elsewhere = served.deliver(update(own, "do", "release"))
    assert served.job(waiting[0])["state"] == "waiting"
    served.open_gate(str(own))
    served.until_over()
    assert served.effects() & {running, *waiting, elsewhere} == {running, waiting[-1], elsewhere}
    assert [served.job(each)["state"] for each in waiting] == ["superseded"] * 3 + ["done"]
    assert served.job(waiting[0])["outcome"] == {"kind": "superseded", "by": waiting[-1]}
    assert served.delivery(waiting[0])["state"] == "done"


def test_a_newer_look_at_a_pull_request_supersedes_those_that_wait(served: Site) -> None:
    own = next(repositories)
    running = served.deliver(update(own, f"gate {own}"))
    served.until_state(running, "running")
    older, other, newer = (served.deliver(check(own, number)) for number in (1, 2, 1))
    branch = served.deliver(update(own, "do", "pull/1"))
    served.open_gate(str(own))
    served.until_over()
    assert served.effects() & {older, other, newer, branch} == {other, newer, branch}
    assert served.job(older)["state"] == "superseded"


def test_one_job_of_a_repository_at_a_time_others_beside_it(served: Site) -> None:
    own = next(repositories)
    held = served.deliver(update(own, f"gate {own}"))
    served.until_state(held, "running")
    second, other = served.deliver(update(own, "do")), served.deliver(update(next(repositories), "do"))
    served.until_state(other, "done")
    assert served.job(second)["state"] == "waiting"
    served.open_gate(str(own))
    served.until_over()
    assert {held, second, other} <= served.effects()


def test_what_fails_is_tried_again_and_ends_as_a_dead_letter(served: Site) -> None:
    passing = served.deliver(update(next(repositories), "retry 2"))
    unexpected = served.deliver(update(next(repositories), "raise"))
    refused = served.deliver(update(next(repositories), "dead allowed"))
    puzzling = served.deliver(partition=str(next(repositories)), payload={"nothing": "known"})
    served.until_over()
    assert (served.job(passing)["state"], served.job(passing)["failed"]) == ("done", 2)
    row = served.job(unexpected)
    assert row["state"] == "dead"
    assert row["reason"] == "gave up after 3 attempts; the last: unexpected RuntimeError"
    assert served.delivery(unexpected)["reason"] == row["reason"]
    assert "hunter2" not in json.dumps(dict(row), default=str)
    assert (served.job(refused)["state"], served.job(refused)["reason"]) == ("dead", "no permission")
    assert served.job(puzzling)["reason"] == "the delivery could not be understood (KeyError)"

    assert served.queue.retry("gh-unknown") is False
    assert served.queue.retry(passing) is False
    served.open_gate("allowed")
    assert served.queue.retry(refused) is True
    served.until_state(refused, "done")
    assert served.effects() & {passing, refused, unexpected, puzzling} == {passing, refused}
    assert served.delivery(refused)["state"] == "done"


def test_a_redelivery_repeats_what_died_and_nothing_that_was_completed(served: Site) -> None:
    fine, bad = next(repositories), next(repositories)
    done = served.deliver(update(next(repositories), "do"))
    dead = served.deliver(update(next(repositories), f"dead {bad}"))
    family = served.deliver(update(fine, "do"), update(bad, f"dead {bad}"), partition="installation-1")
    served.until_over()
    assert served.job(f"{family}-{bad}")["state"] == served.delivery(family)["state"] == "dead"
    waiting = served.deliver(update(next(repositories), f"gate {bad}"))
    served.until_state(waiting, "running")
    served.open_gate(str(bad))
    for each in (done, dead, family, waiting):
        served.deliver_again(each)
    served.until_over()
    begun = [line[1] for line in served.log() if line[0] == "begin"]
    assert (begun.count(done), begun.count(dead), begun.count(waiting)) == (1, 2, 1)
    assert (begun.count(f"{family}-{fine}"), begun.count(f"{family}-{bad}")) == (1, 2)
    assert {served.delivery(each)["state"] for each in (done, dead, family, waiting)} == {"done"}


def test_nothing_is_enqueued_if_the_transaction_fails(served: Site) -> None:
    class RolledBackError(Exception):
        pass

    with pytest.raises(RolledBackError), served.database.write() as connection:
        served.receive(connection, "1", {"works": []})
        served.queue.enqueue(connection, "gh-1", "1", {"delivery": "1"})
        raise RolledBackError
    after = served.deliver(update(next(repositories), "do"))
    served.until_state(after, "done")
    assert "gh-1" not in served.states()


def test_a_job_that_waits_for_later_holds_neither_its_worker_nor_its_repository(site: Site) -> None:
    later = site.deliver(update(1, "later 4"))
    with site.worker(WORKERS="1"):
        site.until_state(later, "later")
        assert site.job(later)["reason"] == "rate limit"
        same, other = site.deliver(update(1, "do")), site.deliver(update(2, "do"))
        until(lambda: {same, other} <= site.effects())
        assert later not in site.effects()
        site.until_over()
    row = site.job(later)
    assert (row["state"], row["failed"], row["run"]) == ("done", 0, 2)
