"""Which pull requests of others are checked, and which are left alone."""

from __future__ import annotations

from typing import Any

import pytest

from bot.events.decide import decide
from bot.events.known import Known
from bot.events.work import CheckConfig, CheckPull
from tests.bot.events.payloads import APP, BOT, HEAD, KNOWN, PERSON, RENOVATE, SHA, own, pull, why_ignored


@pytest.mark.parametrize("action", ["opened", "synchronize", "reopened", "ready_for_review"])
def test_a_pull_request_and_its_configuration_are_checked(action: str) -> None:
    looked_at, work = decide("pull_request", pull(action), KNOWN)
    assert isinstance(work, CheckConfig)
    assert (work.sha, work.base_sha) == (HEAD, SHA)
    assert isinstance(looked_at, CheckPull)
    assert (looked_at.number, looked_at.head_sha) == (12, HEAD)


@pytest.mark.parametrize(
    "also",
    [
        {"draft": True},
        {"author": RENOVATE, "sender": RENOVATE},
        {"head_repo": {"id": 8, "full_name": "eve/shop"}},
        {"head_repo": None},
    ],
)
def test_drafts_bots_and_forks_are_checked_as_well(also: dict[str, Any]) -> None:
    assert checked(pull("opened", **also)) == [CheckPull, CheckConfig]


def checked(payload: dict[str, Any], known: Known = KNOWN) -> list[type]:
    return [type(each) for each in decide("pull_request", payload, known)]


def test_into_another_branch_what_it_brings_is_checked_but_not_the_configuration() -> None:
    assert checked(pull("opened", base="feature-2")) == [CheckPull]
    assert checked(pull("opened", base="feature-2"), Known(bot=BOT)) == [CheckPull, CheckConfig], "may be one"


def test_one_without_changes_gets_its_check_which_may_be_required() -> None:
    assert checked(pull("opened", changed_files=0)) == [CheckPull]


def test_another_base_means_another_difference() -> None:
    moved = pull("edited", event={"changes": {"base": {"ref": {"from": "release"}}}})
    assert checked(moved) == [CheckPull, CheckConfig]


def test_what_the_app_was_asked_to_push_to_a_persons_is_checked() -> None:
    assert checked(pull("synchronize", sender=APP)) == [CheckPull, CheckConfig]


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (pull("closed"), "for its author"),
        (pull("labeled"), "for its author"),
        (pull("edited"), "for its author"),
        (pull("converted_to_draft"), "for its author"),
        (own("opened", sender=PERSON), "changes nothing for the App"),
        (own("ready_for_review"), "changes nothing for the App"),
    ],
)
def test_pull_requests_that_are_left_alone(payload: dict[str, Any], said: str) -> None:
    assert said in why_ignored("pull_request", payload)
