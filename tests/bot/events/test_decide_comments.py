"""Which comments speak to the App."""

from __future__ import annotations

from typing import Any

import pytest

from bot.events.known import Known
from bot.events.work import RunCommand
from tests.bot.events.payloads import APP, PERSON, RENOVATE, SHOP, only, repository, why_ignored


def comment(body: str, sender: Any = PERSON, action: str = "created", **also: Any) -> dict[str, Any]:
    return {
        "action": action,
        "comment": {"id": 9, "body": body, "user": sender},
        "issue": {"number": 12, "pull_request": {"url": "https://api.github.com/repos/octo/shop/pulls/12"}},
        "repository": repository(),
        "installation": {"id": 3},
        "sender": sender,
        **also,
    }


@pytest.mark.parametrize("body", ["/patchwright fix", "Thanks!\n@Patchwright help", "/PATCHWRIGHT status"])
def test_a_person_speaks_to_the_app(body: str) -> None:
    work = only("issue_comment", comment(body))
    assert isinstance(work, RunCommand)
    assert (work.number, work.comment, work.review, work.is_pull) == (12, 9, False, True)
    assert (work.body, work.sender) == (body, "ada")


def test_on_an_issue_and_in_a_review() -> None:
    on_issue = only("issue_comment", comment("/patchwright status", issue={"number": 3}))
    assert isinstance(on_issue, RunCommand)
    assert not on_issue.is_pull
    payload = comment("/patchwright fix", pull_request={"number": 4})
    in_review = only("pull_request_review_comment", payload)
    assert isinstance(in_review, RunCommand)
    assert (in_review.number, in_review.review, in_review.is_pull) == (4, True, True)


def test_a_long_comment_with_what_no_database_takes() -> None:
    work = only("issue_comment", comment("/patchwright fix\0" + "x" * 60_000))
    assert isinstance(work, RunCommand)
    assert len(work.body) == 60_016


def test_in_a_fork_the_answer_says_why_nothing_is_done() -> None:
    assert isinstance(
        only("issue_comment", comment("/patchwright fix", repository=repository(fork=True))), RunCommand
    )


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (comment("Looks good, @renovate and I like it"), "does not speak to the App"),
        (comment("patchwright fix"), "does not speak to the App"),
        (comment("/patchwright fix", APP), "is by patchwright[bot]"),
        (comment("/patchwright fix", RENOVATE), "is by renovate[bot]"),
        (comment("/patchwright fix", None), "nobody who is known"),
        (comment("/patchwright fix", action="edited"), "was edited"),
        (comment("/patchwright fix", action="deleted"), "was deleted"),
        (comment("/patchwright fix", repository=repository(archived=True)), "archived"),
        (comment(None), "does not speak to the App"),  # type: ignore[arg-type]
    ],
)
def test_comments_that_are_left_alone(payload: dict[str, Any], said: str) -> None:
    assert said in why_ignored("issue_comment", payload)


def test_while_its_name_is_not_known_every_mention_is_looked_at() -> None:
    known = Known(repository=SHOP)
    assert isinstance(only("issue_comment", comment("@patchwright help"), known), RunCommand)
    assert "is by renovate[bot]" in why_ignored("issue_comment", comment("@a", RENOVATE), known)
