"""What each delivery asks for."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.events.decide import HANDLED, decide
from bot.events.known import Known
from bot.events.work import WORK, CheckConfig, ForgetRepository, Ignored, Repository, UpdateBranch, Work
from tests.payloads import Example, examples

BOT = "patchwright[bot]"
ZEROS = "0" * 40
SHA = "a" * 40
SHOP = Repository(id=7, owner="octo", name="shop", installation=3)
KNOWN = Known(bot=BOT, repository=SHOP, base_branches=())
PERSON = {"login": "ada", "type": "User"}
APP = {"login": BOT, "type": "Bot"}
RENOVATE = {"login": "renovate[bot]", "type": "Bot"}


def repository(**also: Any) -> dict[str, Any]:
    return {"id": 7, "full_name": "octo/shop", "default_branch": "main", "fork": False, **also}


def push(ref: str = "refs/heads/main", sender: Any = PERSON, repo: Any = None, **also: Any) -> dict[str, Any]:
    return {
        "ref": ref,
        "after": SHA,
        "deleted": False,
        "repository": repo or repository(),
        "installation": {"id": 3},
        "sender": sender,
        **also,
    }


def pull(
    action: str,
    *,
    head: str = "feature",
    base: str = "main",
    author: Any = PERSON,
    sender: Any = PERSON,
    head_repo: Any = "same",
    **also: Any,
) -> dict[str, Any]:
    event = also.pop("event", {})
    head_repo = {"id": 7, "full_name": "octo/shop"} if head_repo == "same" else head_repo
    return {
        "action": action,
        "repository": repository(),
        "installation": {"id": 3},
        "sender": sender,
        "pull_request": {
            "number": 12,
            "user": author,
            "head": {"ref": head, "sha": "b" * 40, "repo": head_repo},
            "base": {"ref": base, "sha": SHA, "repo": {"id": 7, "full_name": "octo/shop"}},
            **also,
        },
        **event,
    }


def only(event: str, payload: dict[str, Any], known: Known = KNOWN) -> Work:
    (work,) = decide(event, payload, known)
    return work


def why_ignored(event: str, payload: dict[str, Any], known: Known = KNOWN) -> str:
    work = only(event, payload, known)
    assert isinstance(work, Ignored), work
    return work.reason


# Pushes


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


# Pull requests of the App


def own(action: str, **also: Any) -> dict[str, Any]:
    return pull(action, **{"head": "patchwright/secretstr", "author": APP, "base": "release", **also})


@pytest.mark.parametrize("action", ["closed", "reopened", "synchronize"])
def test_a_person_acts_on_one_of_the_apps(action: str) -> None:
    work = only("pull_request", own(action))
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


# Pull requests of others


@pytest.mark.parametrize("action", ["opened", "synchronize", "reopened", "ready_for_review"])
def test_the_configuration_of_a_pull_request_is_checked(action: str) -> None:
    work = only("pull_request", pull(action))
    assert isinstance(work, CheckConfig)
    assert (work.sha, work.base_sha) == ("b" * 40, SHA)


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
    assert isinstance(only("pull_request", pull("opened", **also)), CheckConfig)


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (pull("closed"), "for its author"),
        (pull("labeled"), "for its author"),
        (pull("opened", base="feature-2"), "whose configuration is not used"),
        (pull("opened", changed_files=0), "changes no file"),
    ],
)
def test_pull_requests_that_are_left_alone(payload: dict[str, Any], said: str) -> None:
    assert said in why_ignored("pull_request", payload)


# Installations


LISTED = [{"id": 7, "full_name": "octo/shop"}, {"id": 9, "full_name": "octo/till"}]
TILL = Repository(id=9, owner="octo", name="till", installation=3)


def installation(action: str, **also: Any) -> dict[str, Any]:
    return {"action": action, "installation": {"id": 3}, **also}


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


def of_repository(action: str, repo: Any = None, **also: Any) -> dict[str, Any]:
    return {"action": action, "repository": repo or repository(), "installation": {"id": 3}, **also}


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


# Anything at all


@pytest.mark.parametrize("known", [Known(), KNOWN], ids=["unknown", "known"])
def test_every_recorded_payload_is_understood(known: Known) -> None:
    for example in examples():
        works = decide(example.event, example.payload, known)
        assert works
        for work in works:
            assert WORK.validate_json(WORK.dump_json(work)) == work
            if isinstance(work, Ignored):
                assert "can't be understood" not in work.reason, str(example)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([each for each in examples() if each.event in HANDLED]), st.data())
def test_damaged_payloads_are_left_alone(example: Example, data: st.DataObject) -> None:
    damaged = copy.deepcopy(example.payload)
    place = damaged
    key = data.draw(st.sampled_from(sorted(place)))
    while isinstance(place[key], dict) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place)))
    odd = st.none() | st.integers() | st.text(max_size=5) | st.just([]) | st.just({}) | st.floats()
    place[key] = data.draw(odd)
    assert decide(example.event, damaged, KNOWN)
