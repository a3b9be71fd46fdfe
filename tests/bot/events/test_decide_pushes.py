"""What pushes and deleted branches ask for."""

from __future__ import annotations

from typing import Any

import pytest

from bot.events.known import Known
from bot.events.work import UpdateBranch
from tests.bot.events.payloads import (
    APP,
    BOT,
    PERSON,
    RENOVATE,
    SHA,
    SHOP,
    ZEROS,
    only,
    push,
    repository,
    why_ignored,
)


def test_a_push_to_the_default_branch() -> None:
    work = only("push", push())
    assert isinstance(work, UpdateBranch)
    assert (work.repository, work.branch, work.sha) == (SHOP, "main", SHA)


def test_a_push_to_a_branch_that_the_configuration_names() -> None:
    known = Known(bot=BOT, repository=SHOP, base_branches=("release/1.x",))
    work = only("push", push("refs/heads/release/1.x"), known)
    assert isinstance(work, UpdateBranch)
    assert work.branch == "release/1.x"


def test_a_push_to_any_other_branch() -> None:
    assert "not a branch that pull requests are opened for" in why_ignored("push", push("refs/heads/feature"))


def test_a_configuration_that_was_not_read_loses_no_branch() -> None:
    work = only("push", push("refs/heads/release"), Known(bot=BOT))
    assert isinstance(work, UpdateBranch)
    assert work.branch == "release"


def test_a_first_push_of_a_repository_that_is_not_known() -> None:
    work = only("push", push(), Known())
    assert isinstance(work, UpdateBranch)
    assert work.repository == SHOP


def test_a_repository_is_acted_on_under_the_name_that_it_has_now() -> None:
    renamed = SHOP.model_copy(update={"name": "store"})
    work = only("push", push(), Known(repository=renamed, base_branches=()))
    assert isinstance(work, UpdateBranch)
    assert work.repository.full_name == "octo/store"


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (push("refs/tags/v1"), "refs/tags/v1 is no branch"),
        (push("refs/notes/commits"), "no branch"),
        (push("refs/heads/feature", deleted=True, after=ZEROS), "feature was deleted"),
        (push("refs/heads/main", deleted=True, after=ZEROS), "main was deleted"),
        (push(sender=APP), "the App itself pushed"),
        (push("refs/heads/patchwright/secretstr", sender=APP), "the App itself pushed"),
        (push("refs/heads/patchwright/secretstr"), "the App's own branch"),
        (push("refs/heads/patchwright/secretstr", sender=APP, deleted=True, after=ZEROS), "itself deleted"),
        (push("refs/heads/renovate/x", sender=RENOVATE), "not a branch"),
        (push(repo=repository(archived=True)), "archived"),
        (push(repo=repository(disabled=True)), "disabled"),
        (push(repo=repository(fork=True)), "fork"),
    ],
)
def test_pushes_that_are_left_alone(payload: dict[str, Any], said: str) -> None:
    assert said in why_ignored("push", payload)


def test_another_bots_branch_while_the_configuration_is_not_known() -> None:
    payload = push("refs/heads/renovate/x", sender=RENOVATE)
    assert "a branch of renovate[bot]" in why_ignored("push", payload, Known())


def test_another_bots_push_to_the_default_branch_counts() -> None:
    assert isinstance(only("push", push(sender=RENOVATE)), UpdateBranch)


def test_a_person_deletes_a_branch_of_the_apps() -> None:
    by_push = push("refs/heads/patchwright/secretstr", deleted=True, after=ZEROS)
    by_delete = {
        "ref": "patchwright/secretstr",
        "ref_type": "branch",
        "repository": repository(),
        "sender": PERSON,
    }
    for event, payload in (("push", by_push), ("delete", by_delete)):
        work = only(event, payload)
        assert isinstance(work, UpdateBranch)
        assert work.branch is None


def test_a_tag_called_like_a_branch_of_the_apps() -> None:
    payload = {"ref": "patchwright/x", "ref_type": "tag", "repository": repository()}
    assert "tag was deleted" in why_ignored("delete", payload)


def test_without_an_installation() -> None:
    payload = push()
    del payload["installation"]
    assert isinstance(only("push", payload), UpdateBranch), "the store knows one"
    assert "no installation" in why_ignored("push", payload, Known())
    assert "no installation" in why_ignored("push", payload | {"installation": None}, Known())
