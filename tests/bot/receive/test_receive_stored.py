"""A delivery is in the database before the answer, once, or the answer says that it is not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import sqlalchemy as sa

from bot.store import deliveries as store
from bot.store.tables import DeliveryState, JobState, deliveries, jobs
from tests.bot.receive.conftest import serving
from tests.bot.receive.push import PUSH, end, error

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.receive.conftest import Web
    from tests.postgres import Server


def test_a_delivery_and_its_job_are_stored_before_the_answer(web_on_both: Web) -> None:
    response = web_on_both.deliver(PUSH)
    assert response.status_code == 202
    assert response.json() == {"delivery": "d-1", "result": "accepted"}
    (row,) = web_on_both.rows(deliveries)
    assert (row["event"], row["repository_id"], row["installation_id"]) == ("push", 7, 3)
    assert (row["payload"], row["state"]) == (PUSH, DeliveryState.WAITING)
    (job,) = web_on_both.rows(jobs)
    assert (job["id"], job["partition"], job["delivery"]) == ("gh-d-1", "7", "d-1")


# Redeliveries


def test_a_redelivery_of_what_was_done(web_on_both: Web) -> None:
    web_on_both.deliver(PUSH)
    end(web_on_both, DeliveryState.DONE, JobState.DONE)
    response = web_on_both.deliver(PUSH)
    assert (response.status_code, response.json()["result"]) == (200, "known")
    assert [row["state"] for row in web_on_both.rows(jobs)] == [JobState.DONE]


def test_a_redelivery_of_what_failed(web_on_both: Web) -> None:
    web_on_both.deliver(PUSH)
    end(web_on_both, DeliveryState.DEAD, JobState.DEAD)
    response = web_on_both.deliver(PUSH)
    assert (response.status_code, response.json()["result"]) == (202, "accepted")
    assert [(row["state"], row["run"]) for row in web_on_both.rows(jobs)] == [(JobState.WAITING, 2)]


def test_a_redelivery_of_what_is_still_waiting(web_on_both: Web) -> None:
    assert [web_on_both.deliver(PUSH).status_code for _ in range(2)] == [202, 202]
    assert [(row["state"], row["run"]) for row in web_on_both.rows(jobs)] == [(JobState.WAITING, 1)]


def test_the_same_delivery_many_times_at_once(web_on_both: Web) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: web_on_both.deliver(PUSH).status_code, range(24)))
    assert set(answers) == {202}
    assert web_on_both.kept == ["d-1"]


def test_many_deliveries_at_once(web_on_both: Web) -> None:
    guids = sorted(f"d-{number}" for number in range(60))
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda guid: web_on_both.deliver(PUSH, guid=guid).status_code, guids))
    assert set(answers) == {202}
    assert web_on_both.kept == guids


# A database that is down


def test_a_database_that_goes_away_and_comes_back(postgres: Server, tmp_path: Path) -> None:
    name = postgres.create()
    for web in serving(postgres.url(name), tmp_path):
        assert web.deliver(PUSH, guid="before").status_code == 202
        postgres.cut(name, off=True)
        response = web.deliver(PUSH, guid="during")
        assert response.status_code == 503
        assert response.headers["retry-after"]
        assert "again" in error(response)
        assert httpx.get(f"{web.url}/ready").status_code == 503
        assert httpx.get(f"{web.url}/health").status_code == 200
        postgres.cut(name, off=False)
        assert web.deliver(PUSH, guid="after").status_code == 202
        assert web.kept == ["after", "before"]
    postgres.drop(name)


def test_nothing_is_half_stored(tmp_path: Path) -> None:
    for web in serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path):
        with web.database.write() as connection:
            connection.execute(sa.text("ALTER TABLE jobs RENAME TO gone"))
        assert web.deliver(PUSH).status_code == 503
        assert "could not be stored" in (web.receiver.trouble() or "")
        with web.database.read() as connection:
            assert store.read(connection, "d-1") is None
