"""What becomes of repositories that are installed, taken away, renamed or deleted."""

from __future__ import annotations

from typing import Any

import pytest

from bot.events.decide import decide
from bot.events.known import Known
from bot.events.work import ForgetRepository, UpdateBranch
from tests.bot.events.payloads import (
    LISTED,
    SHOP,
    TILL,
    installation,
    of_repository,
    only,
    repository,
    why_ignored,
)

# Installations


def test_the_first_run_comes_with_the_installation() -> None:
    works = decide("installation", installation("created", repositories=LISTED), Known())
    assert [work.repository for work in works if isinstance(work, UpdateBranch)] == [SHOP, TILL]
    assert all(isinstance(work, UpdateBranch) and work.branch is None for work in works)


def test_uninstalling_forgets_what_is_listed_and_what_is_known() -> None:
    known = Known(installed=(SHOP, TILL))
    works = decide("installation", installation("deleted", repositories=LISTED[:1]), known)
    assert [work.repository for work in works if isinstance(work, ForgetRepository)] == [SHOP, TILL]


@pytest.mark.parametrize("action", ["unsuspend", "new_permissions_accepted"])
def test_what_was_in_the_way_is_gone(action: str) -> None:
    works = decide("installation", installation(action), Known(installed=(SHOP, TILL)))
    assert [work.repository for work in works if isinstance(work, UpdateBranch)] == [SHOP, TILL]


def test_suspending() -> None:
    assert "suspended" in why_ignored("installation", installation("suspend"))


def test_repositories_are_added_and_taken_away() -> None:
    event = "installation_repositories"
    (added,) = decide(event, installation("added", repositories_added=LISTED[1:]), Known())
    assert isinstance(added, UpdateBranch)
    assert added.repository == TILL
    (removed,) = decide(event, installation("removed", repositories_removed=LISTED[:1]), Known())
    assert isinstance(removed, ForgetRepository)
    assert removed.repository == SHOP


# Repositories


def test_a_deleted_repository_is_forgotten() -> None:
    assert isinstance(only("repository", of_repository("deleted")), ForgetRepository)


@pytest.mark.parametrize(
    "payload",
    [
        of_repository("unarchived"),
        of_repository("transferred"),
        of_repository("edited", changes={"default_branch": {"from": "master"}}),
    ],
)
def test_repositories_that_are_looked_at_again(payload: dict[str, Any]) -> None:
    work = only("repository", payload)
    assert isinstance(work, UpdateBranch)
    assert work.branch is None


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (of_repository("renamed", repository(full_name="octo/store")), "octo/store now"),
        (of_repository("archived", repository(archived=True)), "archived"),
        (of_repository("edited", changes={"description": {"from": ""}}), "changes nothing"),
        (of_repository("privatized"), "changes nothing"),
        (of_repository("unarchived", repository(fork=True)), "fork"),
    ],
)
def test_what_happens_to_a_repository_and_is_left_alone(payload: dict[str, Any], said: str) -> None:
    assert said in why_ignored("repository", payload)
