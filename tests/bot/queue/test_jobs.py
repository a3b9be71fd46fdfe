"""What becomes of a job."""

from __future__ import annotations

import json

from tests.bot.queue.harness import Site, update
from tests.bot.waiting import until


def test_a_job_is_done_and_so_is_its_delivery(site: Site) -> None:
    job = site.deliver(update(1, "do"))
    assert site.delivery(job)["state"] == "waiting"
    with site.worker():
        site.until_over()
    row = site.job(job)
    assert (row["state"], row["reason"]) == ("done", "done")
    assert row["outcome"] == {"kind": "done", "summary": "done", "actions": ["one"]}
    assert site.delivery(job)["state"] == "done"
    assert site.effects() == {job}


def test_a_delivery_of_many_repositories_becomes_a_job_for_each(site: Site) -> None:
    job = site.deliver(*(update(each, "do") for each in range(100, 150)), partition="installation-1")
    with site.worker(WORKERS="20"):
        site.until_over()
    assert site.effects() == {f"{job}-{each}" for each in range(100, 150)}
    assert site.job(job)["reason"] == "50 jobs were enqueued"
    assert site.delivery(job)["state"] == "done"


def test_a_newer_job_on_the_same_branch_supersedes_those_that_wait(site: Site) -> None:
    running = site.deliver(update(1, "gate g", "main"))
    with site.worker():
        site.until_state(running, "running")
        waiting = [site.deliver(update(1, "do", "main")) for _ in range(4)]
        elsewhere = site.deliver(update(1, "do", "release"))
        site.open_gate("g")
        site.until_over()
    assert site.effects() == {running, waiting[-1], elsewhere}
    assert [site.job(each)["state"] for each in waiting] == ["superseded"] * 3 + ["done"]
    assert site.job(waiting[0])["outcome"] == {"kind": "superseded", "by": waiting[-1]}
    assert site.delivery(waiting[0])["state"] == "done"


def test_a_job_that_waits_for_later_holds_neither_its_worker_nor_its_repository(site: Site) -> None:
    later = site.deliver(update(1, "later 3"))
    with site.worker(WORKERS="1"):
        site.until_state(later, "later")
        assert site.job(later)["reason"] == "rate limit"
        same, other = site.deliver(update(1, "do")), site.deliver(update(2, "do"))
        until(lambda: {same, other} <= site.effects())
        assert site.job(later)["state"] == "later"
        site.until_over()
    row = site.job(later)
    assert (row["state"], row["failed"], row["run"]) == ("done", 0, 2)


def test_one_job_of_a_repository_at_a_time_others_beside_it(site: Site) -> None:
    held = site.deliver(update(1, "gate g"))
    with site.worker():
        site.until_state(held, "running")
        second = site.deliver(update(1, "do"))
        other = site.deliver(update(2, "do"))
        site.until_state(other, "done")
        assert site.job(second)["state"] == "waiting"
        site.open_gate("g")
        site.until_over()
    assert site.effects() == {held, second, other}


def test_what_fails_is_tried_again_and_ends_as_a_dead_letter(site: Site) -> None:
    passing = site.deliver(update(1, "retry 2"))
    unexpected = site.deliver(update(2, "raise"))
    refused = site.deliver(update(3, "dead allowed"))
    puzzling = site.deliver(partition="4", payload={"nothing": "known"})
    with site.worker(PAUSES="1 1"):
        site.until_over()
        assert (site.job(passing)["state"], site.job(passing)["failed"]) == ("done", 2)
        row = site.job(unexpected)
        assert row["state"] == "dead"
        assert row["reason"] == "gave up after 3 attempts; the last: unexpected RuntimeError"
        assert site.delivery(unexpected)["reason"] == row["reason"]
        assert (site.job(refused)["state"], site.job(refused)["reason"]) == ("dead", "no permission")
        assert site.job(puzzling)["reason"] == "the delivery could not be understood (KeyError)"
        assert site.queue.retry("gh-unknown") is False
        assert site.queue.retry(passing) is False

        site.open_gate("allowed")
        assert site.queue.retry(refused) is True
        site.until_state(refused, "done")
    assert site.effects() == {passing, refused}
    assert "hunter2" not in json.dumps(dict(site.job(unexpected)), default=str)
    assert site.delivery(refused)["state"] == "done"


def test_a_redelivery_repeats_what_died_and_nothing_that_was_completed(site: Site) -> None:
    done, dead = site.deliver(update(1, "do")), site.deliver(update(2, "dead allowed"))
    family = site.deliver(update(3, "do"), update(4, "dead allowed"), partition="installation-1")
    with site.worker():
        site.until_over()
        assert site.job(f"{family}-4")["state"] == site.delivery(family)["state"] == "dead"
        site.open_gate("allowed")
        for each in (done, dead, family):
            site.deliver_again(each)
        site.until_over()
        waiting = site.deliver(update(5, "gate g"))
        site.until_state(waiting, "running")
        site.deliver_again(waiting)
        site.open_gate("g")
        site.until_over()
    begun = [line[1] for line in site.log() if line[0] == "begin"]
    assert (begun.count(done), begun.count(dead), begun.count(waiting)) == (1, 2, 1)
    assert (begun.count(f"{family}-3"), begun.count(f"{family}-4")) == (1, 2)
    assert set(site.states().values()) == {"done"}
    assert site.delivery(family)["state"] == "done"


def test_nothing_is_enqueued_if_the_transaction_fails(site: Site) -> None:
    try:
        with site.database.write() as connection:
            site.receive(connection, "1", {"works": []})
            site.queue.enqueue(connection, "gh-1", "1", {"delivery": "1"})
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    after = site.deliver(update(1, "do"))
    with site.worker():
        site.until_over()
    assert site.states() == {after: "done"}
