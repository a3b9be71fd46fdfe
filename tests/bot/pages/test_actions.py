"""What people do on pages, through HTTP: who may, what it does, and doing it twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import structlog

from bot.store.tables import DeliveryState, JobState
from tests.bot.pages.detail import OPERATOR

if TYPE_CHECKING:
    from bot.signin.viewer import Viewer
    from tests.bot.pages.detail import Details


def test_a_dead_job_is_retried_once(details: Details) -> None:
    repo = details.repository()
    details.keep_job("gh-1", repo, state=JobState.DEAD, reason="gave up", failed=5)
    with structlog.testing.capture_logs() as logged:
        first = details.post("/runs/gh-1/retry", details.may_write(repo))
        again = details.post("/runs/gh-1/retry", details.may_write(repo))
    assert (first.status_code, first.headers["location"]) == (303, "/runs/gh-1?said=retried")
    assert again.headers["location"] == "/runs/gh-1?said=not-dead"
    job = details.job("gh-1")
    assert (job["state"], job["run"], job["failed"]) == (JobState.WAITING, 2, 0)
    assert [
        (each["action"], each["login"], each["job"], each["done"]) for each in logged if "login" in each
    ] == [
        ("retry", "mary", "gh-1", True),
        ("retry", "mary", "gh-1", False),
    ]
    assert "waits in the queue again" in details.get(first.headers["location"]).text


def test_who_only_reads_changes_nothing(details: Details) -> None:
    repo = details.repository()
    details.keep_job("gh-1", repo, state=JobState.DEAD)
    for path in (
        "/runs/gh-1/retry",
        *(f"/repositories/{repo.id}/{each}" for each in ("pause", "resume", "undo")),
    ):
        assert details.post(path, details.may_read(repo), pull="1").status_code == 403, path
    assert details.job("gh-1")["state"] == JobState.DEAD


def test_what_one_does_not_see_is_not_there(details: Details) -> None:
    repo, other = details.repository(), details.repository()
    details.keep_job("gh-1", repo, state=JobState.DEAD)
    details.keep_job("gh-none", None, state=JobState.DEAD)
    details.keep_delivery("d-1", repo)
    stranger = details.may_write(other)
    for path in (
        "/runs/gh-1/retry",
        "/runs/gh-none/retry",
        "/runs/no-such/retry",
        "/deliveries/d-1/redeliver",
        *(f"/repositories/{repo.id}/{each}" for each in ("pause", "resume", "undo")),
    ):
        assert details.post(path, stranger, pull="1").status_code == 404, path
    assert details.post("/deliveries/d-1/redeliver", details.may_write(repo)).status_code == 404
    assert details.post("/repositories/99999/pause").status_code == 404
    assert details.post("/deliveries/no-such/redeliver").status_code == 404


@pytest.mark.parametrize(
    ("csrf", "origin", "viewer"),
    [
        ("token-of-somebody", "http://pages.test", OPERATOR),
        ("", "http://pages.test", OPERATOR),
        ("token-of-olga", "https://evil.example", OPERATOR),
        ("token-of-olga", "http://pages.test", None),
    ],
    ids=["another person's token", "no token", "another site", "nobody is signed in"],
)
def test_a_form_from_elsewhere_changes_nothing(
    details: Details, csrf: str, origin: str, viewer: Viewer | None
) -> None:
    repo = details.repository()
    details.keep_job("gh-1", repo, state=JobState.DEAD)
    details.keep_delivery("d-1", repo)
    for path in (
        "/runs/gh-1/retry",
        "/deliveries/d-1/redeliver",
        *(f"/repositories/{repo.id}/{each}" for each in ("pause", "resume", "undo")),
    ):
        assert details.post(path, viewer, origin=origin, csrf=csrf, pull="1").status_code == 403, path
    assert details.job("gh-1")["state"] == JobState.DEAD


def test_a_delivery_that_failed_is_put_back_once(details: Details) -> None:
    repo = details.repository()
    details.keep_delivery("d-1", repo)
    details.keep_job("gh-d-1", repo, state=JobState.DEAD, delivery="d-1")
    first = details.post("/deliveries/d-1/redeliver")
    assert (first.status_code, first.headers["location"]) == (303, "/deliveries/d-1?said=redelivered")
    assert details.job("gh-d-1")["state"] == JobState.WAITING
    assert "Waiting" in details.get("/deliveries/d-1").text
    details.post("/deliveries/d-1/redeliver")
    assert details.job("gh-d-1")["run"] == 2, "it waited already"
    details.keep_delivery("d-2", repo, state=DeliveryState.DONE)
    assert (
        details.post("/deliveries/d-2/redeliver").headers["location"]
        == "/deliveries/d-2?said=nothing-repeated"
    )


def test_a_repository_is_paused_and_resumed(details: Details) -> None:
    repo = details.repository()
    mary = details.may_write(repo)
    for _ in range(2):
        answer = details.post(f"/repositories/{repo.id}/pause", mary)
        assert answer.headers["location"] == f"/repositories/{repo.id}?said=paused"
    details.update_nothing(repo)
    for _ in range(2):
        answer = details.post(f"/repositories/{repo.id}/resume", mary)
        assert answer.headers["location"] == f"/repositories/{repo.id}?said=resumed"
    (job,) = details.jobs(repo)
    details.work_on(job)
    assert len(repo.pulls) == 1, "what was left undone is done"


def test_a_no_is_taken_back(details: Details) -> None:
    repo = details.repository()
    pull = details.update(repo)
    pull.close("a-person")
    details.update_nothing(repo)
    mary = details.may_write(repo)
    page = details.get(f"/repositories/{repo.id}/pulls/{pull.number}", mary).text
    assert "Declined</span>" in page
    assert f'action="/repositories/{repo.id}/undo"' in page
    answers = [details.post(f"/repositories/{repo.id}/undo", mary, pull=str(pull.number)) for _ in range(2)]
    assert [each.headers["location"] for each in answers] == [f"/repositories/{repo.id}?said=undone"] * 2
    (job,) = details.jobs(repo)
    assert details.job(job)["work"]["reason"] == f"mary took back that #{pull.number} was declined"
    details.work_on(job)
    again = repo.pulls[-1]
    assert (again.open, again.number > pull.number, again.title) == (True, True, pull.title)
    page = details.get(f"/repositories/{repo.id}/pulls/{pull.number}", mary).text
    assert f'action="/repositories/{repo.id}/undo"' not in page
    again.close("a-person")
    details.update_nothing(repo)


def test_what_nobody_declined_is_not_undone(details: Details) -> None:
    repo = details.repository()
    pull = details.update(repo)
    repo.push("topic", {"shop/other.py": b"x = 1\n"})
    persons = repo.open_pull("topic")
    persons.close("a-person")
    for number in (pull.number, persons.number):
        answer = details.post(f"/repositories/{repo.id}/undo", pull=str(number))
        assert answer.headers["location"] == f"/repositories/{repo.id}?said=not-declined"
    assert details.post(f"/repositories/{repo.id}/undo", pull="999").status_code == 404
    for text in ("", "x", "-1", "1e3", "²", "9" * 30):
        assert details.post(f"/repositories/{repo.id}/undo", pull=text).status_code == 400, text
    assert details.jobs(repo) == []


def test_while_it_is_paused_nothing_is_undone(details: Details) -> None:
    repo = details.repository()
    pull = details.update(repo)
    pull.close("a-person")
    body = pull.body
    details.post(f"/repositories/{repo.id}/pause")
    answer = details.post(f"/repositories/{repo.id}/undo", pull=str(pull.number))
    assert answer.headers["location"] == f"/repositories/{repo.id}?said=paused-first"
    assert (pull.body, details.jobs(repo)) == (body, [])
