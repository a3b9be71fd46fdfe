"""Which events are kept, and which of those ask for a job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.events.work import Repository
from bot.store import repositories
from bot.store.tables import DeliveryState, JobState, deliveries, jobs
from tests.bot.receive.conftest import BOT
from tests.bot.receive.push import PUSH, changed, end
from tests.payloads import examples

if TYPE_CHECKING:
    from tests.bot.receive.conftest import Web

# Events


def test_a_ping_is_answered(web: Web) -> None:
    response = web.deliver(b'{"zen": "Speak like a human."}', event="ping")
    assert (response.status_code, response.json()["result"]) == (200, "pong")
    assert web.kept == []


def test_unknown_events_are_counted_and_not_kept(web: Web) -> None:
    for guid in ("a", "b"):
        response = web.deliver(b'{"action": "created"}', event="star", guid=guid)
        assert (response.status_code, response.json()["result"]) == (200, "ignored")
    assert web.receiver.counts["star", "ignored"] == 2
    assert web.kept == []


def test_no_recorded_payload_causes_a_5xx(web: Web) -> None:
    statuses = [
        web.deliver(each.body, event=each.event, guid=f"example-{number}").status_code
        for number, each in enumerate(examples())
    ]
    assert set(statuses) == {200, 202}
    assert statuses.count(202) == len(web.kept)
    ignored = sum(row["state"] == DeliveryState.IGNORED for row in web.rows(deliveries))
    assert 0 < ignored <= statuses.count(200)
    for guid in web.kept:
        with web.database.write() as connection:
            assert web.receiver.queue._decide(connection, guid)  # type: ignore[attr-defined]


# Nothing to do


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (changed(ref="refs/tags/v1"), "refs/tags/v1 is no branch"),
        (changed(sender={"login": BOT, "type": "Bot"}), "the App itself pushed to main"),
        (changed(ref="refs/heads/topic", deleted=True), "topic was deleted"),
        (
            changed(repository=None),
            "the payload can't be understood: repository is not as GitHub describes it",
        ),
    ],
)
def test_what_asks_for_nothing_is_kept_without_a_job(web_on_both: Web, body: bytes, reason: str) -> None:
    response = web_on_both.deliver(body)
    assert (response.status_code, response.json()["result"]) == (200, "ignored")
    (row,) = web_on_both.rows(deliveries)
    assert (row["state"], row["reason"], row["payload"]) == (DeliveryState.IGNORED, reason, body)
    assert row["finished_at"] is not None
    assert web_on_both.rows(jobs) == []
    again = web_on_both.deliver(body)
    assert (again.status_code, again.json()["result"]) == (200, "known")
    assert web_on_both.rows(jobs) == []


def test_other_branches_are_left_alone_once_it_is_known_which_matter(web_on_both: Web) -> None:
    topic = changed(ref="refs/heads/topic")
    assert web_on_both.deliver(topic, guid="unread").json()["result"] == "accepted"
    end(web_on_both, DeliveryState.DONE, JobState.DONE)
    with web_on_both.database.write() as connection:
        repositories.remember(connection, Repository(id=7, owner="octo", name="shop", installation=3))
        repositories.configure(connection, 7, "main", ["release"])
    assert web_on_both.deliver(topic, guid="topic").json()["result"] == "ignored"
    release = changed(ref="refs/heads/release")
    assert web_on_both.deliver(release, guid="release").json()["result"] == "accepted"
    assert web_on_both.kept == ["release", "unread"]


def test_a_branch_waits_for_the_configuration_that_is_being_read(web_on_both: Web) -> None:
    """The push to main may have named the other branch as a base; its job has not run yet."""
    with web_on_both.database.write() as connection:
        repositories.remember(connection, Repository(id=7, owner="octo", name="shop", installation=3))
        repositories.configure(connection, 7, "main", [])
    assert web_on_both.deliver(PUSH, guid="main").json()["result"] == "accepted"
    topic = changed(ref="refs/heads/topic")
    assert web_on_both.deliver(topic, guid="topic").json()["result"] == "accepted"
    own = changed(ref="refs/heads/patchwright/secretstr", sender={"login": BOT, "type": "Bot"})
    assert web_on_both.deliver(own, guid="own").json()["result"] == "ignored"


def test_what_is_said_of_repositories_is_left_to_jobs(web: Web) -> None:
    renamed = {
        "action": "renamed",
        "repository": {"id": 7, "full_name": "octo/store"},
        "installation": {"id": 3},
    }
    assert web.deliver(json.dumps(renamed).encode(), event="repository").json()["result"] == "accepted"


def test_large_payloads_are_left_to_jobs(web: Web) -> None:
    tag = changed(ref="refs/tags/v1", commits="x" * 1_000_000)
    assert web.deliver(tag).json()["result"] == "accepted"
