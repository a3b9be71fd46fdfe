"""Webhooks over real HTTP: what is taken, what is not, and what is in the database afterwards."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx
import pytest
import sqlalchemy as sa

from bot.events.work import Repository
from bot.receive.body import MAX_BODY
from bot.receive.signature import sign
from bot.store import deliveries as store
from bot.store import repositories
from bot.store.tables import DeliveryState, JobState, deliveries, jobs
from tests.bot.receive.conftest import BOT, OLD_SECRET, SECRET, serving
from tests.payloads import examples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.receive.conftest import Web
    from tests.postgres import Server

PUSH = json.dumps(
    {
        "ref": "refs/heads/main",
        "after": "a" * 40,
        "repository": {"id": 7, "full_name": "octo/shop", "default_branch": "main"},
        "installation": {"id": 3},
    }
).encode()


def error(response: httpx.Response) -> str:
    """The reason given; every refusal has one, and nothing else."""
    answer = response.json()
    assert list(answer) == ["error"]
    assert "Traceback" not in answer["error"]
    return str(answer["error"])


def test_a_delivery_and_its_job_are_stored_before_the_answer(web_on_both: Web) -> None:
    response = web_on_both.deliver(PUSH)
    assert response.status_code == 202
    assert response.json() == {"delivery": "d-1", "result": "accepted"}
    (row,) = web_on_both.rows(deliveries)
    assert (row["event"], row["repository_id"], row["installation_id"]) == ("push", 7, 3)
    assert (row["payload"], row["state"]) == (PUSH, DeliveryState.WAITING)
    (job,) = web_on_both.rows(jobs)
    assert (job["id"], job["partition"], job["delivery"]) == ("gh-d-1", "7", "d-1")


# Signatures


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (None, "X-Hub-Signature-256 is missing"),
        ("", "is missing"),
        (sign(PUSH, b"another secret"), "does not fit"),
        (sign(PUSH + b" ", SECRET), "does not fit"),
        (sign(PUSH, SECRET)[:-1], "does not fit"),
        (sign(PUSH, SECRET).upper(), "does not fit"),
        (sign(PUSH, SECRET).removeprefix("sha256="), "does not fit"),
        ("sha256=", "does not fit"),
        ("sha1=" + "0" * 40, "does not fit"),
        ("\xe4\xf6\xfc", "does not fit"),
    ],
)
def test_what_is_not_signed_with_the_secret(web: Web, header: str | None, said: str) -> None:
    signature = header.encode("latin-1") if header is not None else None
    response = web.deliver(PUSH, X_Hub_Signature_256=signature)  # type: ignore[arg-type]
    assert response.status_code == 401
    assert said in error(response)
    assert web.kept == []


def test_the_signature_comes_before_anything_else(web: Web) -> None:
    response = web.deliver(
        b"{no json", secret=b"wrong", X_GitHub_Event=None, X_GitHub_Delivery=None, Content_Type="text/plain"
    )
    assert response.status_code == 401


def test_the_old_secret_is_accepted_beside_the_new_one(web: Web) -> None:
    assert web.deliver(PUSH, guid="new").status_code == 202
    assert web.deliver(PUSH, guid="old", secret=OLD_SECRET).status_code == 202
    assert web.deliver(PUSH, guid="older", secret=b"the secret before that").status_code == 401
    assert web.kept == ["new", "old"]


# Headers and bodies


@pytest.mark.parametrize(
    ("headers", "status", "said"),
    [
        ({"X_GitHub_Event": None}, 400, "X-GitHub-Event is missing"),
        ({"X_GitHub_Delivery": None}, 400, "X-GitHub-Delivery is missing"),
        ({"X_GitHub_Event": "Push!"}, 400, "X-GitHub-Event"),
        ({"X_GitHub_Delivery": "../../etc"}, 400, "X-GitHub-Delivery"),
        ({"X_GitHub_Delivery": "a" * 65}, 400, "X-GitHub-Delivery"),
        ({"Content_Type": "text/plain"}, 415, "application/json"),
        ({"Content_Type": None}, 415, "application/json"),
        ({"X_GitHub_Hook_Installation_Target_ID": "4712"}, 403, "App 4712"),
    ],
)
def test_headers_that_do_not_belong(web: Web, headers: dict[str, str | None], status: int, said: str) -> None:
    response = web.deliver(PUSH, **headers)
    assert response.status_code == status
    assert said in error(response)
    assert web.kept == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a": 1} and more', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"a": "\xff"}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "not JSON"),
        (b"[]", "no object"),
        (b"null", "no object"),
        (b'"push"', "no object"),
        (b'{"repository": {"id": "seven"}}', "repository.id"),
        (b'{"repository": {"id": 1e400}}', "repository.id"),
        (b'{"repository": {"id": 9223372036854775808}}', "repository.id"),
        (b'{"repository": {"id": true}}', "repository.id"),
        (b'{"installation": {"id": -1}}', "installation.id"),
        (b'{"installation": []}', "installation"),
        (b'{"action": {}}', "action"),
    ],
)
def test_bodies_that_are_none(web: Web, body: bytes, said: str) -> None:
    response = web.deliver(body)
    assert response.status_code == 400
    assert said in error(response)
    assert web.kept == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"action": "a\\u0000b", "repository": {"id": 7, "full_name": "a\\u0000/b"}, "installation": {"id": 1}}',
        b'{"repository": null, "installation": null, "action": null}',
        b'{"ref": "\\ud800", "repository": {"id": 7}}',
        b"{}",
    ],
)
def test_odd_but_sound_bodies_are_kept(web_on_both: Web, body: bytes) -> None:
    assert web_on_both.deliver(body).status_code in {200, 202, 400}
    for row in web_on_both.rows(deliveries):
        with web_on_both.database.write() as connection:
            assert web_on_both.receiver.queue._decide(connection, row["guid"])  # type: ignore[attr-defined]


def test_a_form_is_read_as_well(web: Web) -> None:
    form = urlencode({"payload": PUSH.decode()}).encode()
    assert web.deliver(form, Content_Type="application/x-www-form-urlencoded").status_code == 202
    (row,) = web.rows(deliveries)
    assert row["payload"] == PUSH
    response = web.deliver(b"pay=1", Content_Type="application/x-www-form-urlencoded")
    assert response.status_code == 400
    assert "application/json" in error(response)


def test_json_with_a_charset(web: Web) -> None:
    assert web.deliver(PUSH, Content_Type="application/json; charset=utf-8").status_code == 202


def test_webhooks_that_do_not_say_whose_they_are(web: Web) -> None:
    response = web.deliver(
        PUSH, X_GitHub_Hook_Installation_Target_Type=None, X_GitHub_Hook_Installation_Target_ID=None
    )
    assert response.status_code == 202


# Size and time


def test_the_largest_body_that_github_sends(web: Web) -> None:
    body = PUSH[:-1] + b', "commits": "'
    body += b"x" * (MAX_BODY - len(body) - 2) + b'"}'
    assert len(body) == MAX_BODY
    assert web.deliver(body).status_code == 202
    assert web.rows(deliveries)[0]["payload"] == body


def test_one_byte_more(web: Web) -> None:
    response = web.deliver(b" " * (MAX_BODY + 1))
    assert response.status_code == 413
    assert "25 MB" in error(response)
    assert web.deliver(PUSH).status_code == 202


def _raw(web: Web, head: str, *parts: bytes) -> bytes:
    """What comes back for a request that is written by hand, until the server hangs up."""
    with socket.create_connection(("127.0.0.1", web.port), timeout=20) as connection:
        connection.sendall(f"POST /webhooks/github HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode())
        for part in parts:
            try:
                connection.sendall(part)
            except OSError:
                break
        answer = b""
        try:
            while got := connection.recv(65536):
                answer += got
        except ConnectionResetError:
            pass
        return answer


def test_a_body_that_says_it_is_enormous_is_not_read(web: Web) -> None:
    answer = _raw(web, f"Content-Length: {10**12}")
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_in_pieces_without_a_length_is_bounded_too(web: Web) -> None:
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    answer = _raw(web, "Transfer-Encoding: chunked", *[chunk] * 40, b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_that_does_not_come(web: Web) -> None:
    web.receiver.read_seconds = 0.2
    answer = _raw(web, "Content-Length: 100", b"{")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"error"' in answer


def test_a_sender_that_hangs_up(web: Web) -> None:
    with socket.create_connection(("127.0.0.1", web.port)) as connection:
        connection.sendall(b"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert web.deliver(PUSH).status_code == 202
    assert web.kept == ["d-1"]


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


def changed(**fields: object) -> bytes:
    """The push with other fields."""
    return json.dumps(json.loads(PUSH) | fields).encode()


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
    _end(web_on_both, DeliveryState.DONE, JobState.DONE)
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


# Redeliveries


def _end(web: Web, delivery: DeliveryState, job: JobState) -> None:
    with web.database.write() as connection:
        connection.execute(sa.update(deliveries).values(state=delivery))
        connection.execute(sa.update(jobs).values(state=job))


def test_a_redelivery_of_what_was_done(web_on_both: Web) -> None:
    web_on_both.deliver(PUSH)
    _end(web_on_both, DeliveryState.DONE, JobState.DONE)
    response = web_on_both.deliver(PUSH)
    assert (response.status_code, response.json()["result"]) == (200, "known")
    assert [row["state"] for row in web_on_both.rows(jobs)] == [JobState.DONE]


def test_a_redelivery_of_what_failed(web_on_both: Web) -> None:
    web_on_both.deliver(PUSH)
    _end(web_on_both, DeliveryState.DEAD, JobState.DEAD)
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
