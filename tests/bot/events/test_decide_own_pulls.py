"""What is done when somebody acts on one of the App's own pull requests."""

from __future__ import annotations

from typing import Any

import pytest

from bot.events.decide import decide
from bot.events.known import Known
from bot.events.work import CheckConfig, UpdateBranch
from tests.bot.events.payloads import APP, BOT, KNOWN, PERSON, SHOP, only, own, why_ignored


@pytest.mark.parametrize("action", ["closed", "reopened", "synchronize"])
def test_a_person_acts_on_one_of_the_apps(action: str) -> None:
    work, *also = decide("pull_request", own(action), KNOWN)
    assert [type(each) for each in also] == ([CheckConfig] if action == "synchronize" else [])
    assert isinstance(work, UpdateBranch)
    assert work.branch == "release", "the branch it goes into"
    assert "#12" in work.reason


def test_one_of_the_apps_is_merged() -> None:
    work = only("pull_request", own("closed", merged=True))
    assert isinstance(work, UpdateBranch)
    assert "merged" in work.reason


def test_one_of_the_apps_gets_another_base() -> None:
    work = only("pull_request", own("edited", event={"changes": {"base": {"ref": {"from": "main"}}}}))
    assert isinstance(work, UpdateBranch)


@pytest.mark.parametrize("action", ["closed", "opened", "synchronize", "edited"])
def test_the_app_acts_on_its_own(action: str) -> None:
    assert "the App itself" in why_ignored("pull_request", own(action, sender=APP))


@pytest.mark.parametrize(("sender", "own_base"), [(PERSON, ["release"]), (APP, [])])
def test_a_closed_one_makes_room_for_those_of_other_bases(
    sender: dict[str, Any], own_base: list[str]
) -> None:
    known = Known(bot=BOT, repository=SHOP, base_branches=("release", "next"))
    works = decide("pull_request", own("closed", sender=sender), known)
    assert [each.branch for each in works if isinstance(each, UpdateBranch)] == [*own_base, "main", "next"]


@pytest.mark.parametrize("action", ["labeled", "assigned", "edited", "review_requested"])
def test_what_changes_nothing_on_one_of_the_apps(action: str) -> None:
    assert "changes nothing" in why_ignored("pull_request", own(action))


def test_a_branch_of_that_name_in_a_fork_is_not_the_apps() -> None:
    payload = own("closed", head_repo={"id": 8, "full_name": "eve/shop"}, author=PERSON)
    assert "for its author" in why_ignored("pull_request", payload)


def test_a_person_opens_one_from_such_a_branch() -> None:
    payload = own("closed", author=PERSON)
    assert "for its author" in why_ignored("pull_request", payload)
    assert isinstance(only("pull_request", payload, Known(repository=SHOP)), UpdateBranch), (
        "nobody knows better"
    )
