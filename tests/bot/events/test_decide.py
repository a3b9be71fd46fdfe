"""What each delivery asks for."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.events.decide import HANDLED, asks_nothing, decide
from bot.events.known import Known
from bot.events.work import (
    WORK,
    AnswerMergeGroup,
    CheckConfig,
    CheckHead,
    CheckPull,
    ForgetRepository,
    Ignored,
    PressButton,
    Repository,
    RunCommand,
    UpdateBranch,
    Work,
)
from tests.payloads import Example, examples

BOT = "patchwright[bot]"
ZEROS = "0" * 40
SHA = "a" * 40
HEAD = "b" * 40
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


# Pull requests of others


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


# Checks


def link(number: int = 12, sha: str = HEAD, into: int = 7) -> dict[str, Any]:
    side = {"id": 7, "name": "shop", "url": "https://api.github.com/repos/octo/shop"}
    return {
        "id": 100 + number,
        "number": number,
        "url": f"https://api.github.com/repos/octo/shop/pulls/{number}",
        "head": {"ref": "feature", "sha": sha, "repo": side},
        "base": {"ref": "main", "sha": SHA, "repo": side | {"id": into}},
    }


def run(
    action: str, *pulls: Any, name: str = "Patchwright", slug: str = "patchwright", **also: Any
) -> dict[str, Any]:
    event = also.pop("event", {})
    made = {"id": 5, "name": name, "head_sha": HEAD, "external_id": "", "pull_requests": list(pulls)}
    suite = {"check_suite": {"head_branch": "feature"}, "app": {"slug": slug}}
    where = {"repository": repository(), "installation": {"id": 3}, "sender": PERSON}
    return {"action": action, "check_run": {**made, **suite, **also}, **where, **event}


def suite(*pulls: Any, branch: str | None = "feature", **also: Any) -> dict[str, Any]:
    made = {"head_sha": HEAD, "head_branch": branch, "pull_requests": list(pulls)}
    return {
        "action": "rerequested",
        "check_suite": {**made, "app": {"slug": "patchwright"}, **also},
        "repository": repository(),
        "installation": {"id": 3},
        "sender": PERSON,
    }


def test_a_check_run_is_asked_for_again() -> None:
    work = only("check_run", run("rerequested", link()))
    assert isinstance(work, CheckPull)
    assert (work.repository, work.number, work.head_sha) == (SHOP, 12, HEAD)


def test_a_check_run_on_a_forks_commit_names_no_pull_request() -> None:
    for payload in (run("rerequested", check_suite={"head_branch": None}), run("rerequested", link(into=8))):
        work = only("check_run", payload)
        assert isinstance(work, CheckHead)
        assert work.head_sha == HEAD


def test_the_check_run_about_the_configuration_is_asked_for_again() -> None:
    name = "Patchwright configuration"
    work = only("check_run", run("rerequested", link(), name=name))
    assert isinstance(work, CheckConfig)
    assert (work.sha, work.base_sha) == (HEAD, SHA)
    on_main = only("check_run", run("rerequested", name=name, check_suite={"head_branch": "main"}))
    assert isinstance(on_main, UpdateBranch)
    assert on_main.branch == "main"


def test_all_checks_of_a_commit_are_asked_for_again() -> None:
    works = decide("check_suite", suite(link(12), link(13)), KNOWN)
    assert [type(each) for each in works] == [CheckPull, CheckPull, CheckConfig, CheckConfig]
    assert isinstance(only("check_suite", suite(branch=None)), CheckHead)
    assert isinstance(only("check_suite", suite(branch="main")), UpdateBranch)


def test_the_merge_queue_is_answered() -> None:
    group = {"head_sha": HEAD, "head_ref": "refs/heads/gh-readonly-queue/main/pr-12-a", "base_sha": SHA}
    payload = {"action": "checks_requested", "merge_group": group, "repository": repository()}
    work = only("merge_group", payload)
    assert isinstance(work, AnswerMergeGroup)
    assert work.head_sha == HEAD
    again = suite(branch="gh-readonly-queue/main/pr-12-a")
    assert isinstance(only("check_suite", again), AnswerMergeGroup)
    assert "destroyed" in why_ignored("merge_group", payload | {"action": "destroyed"})


def pressed(*pulls: Any, **also: Any) -> dict[str, Any]:
    return run("requested_action", *pulls, event={"requested_action": {"identifier": "apply"}}, **also)


def test_a_button_is_pressed() -> None:
    work = only("check_run", pressed(link()))
    assert isinstance(work, PressButton)
    assert (work.number, work.head_sha, work.check_run) == (12, HEAD, 5)
    assert (work.identifier, work.sender) == ("apply", "ada")


def test_a_button_is_pressed_where_the_same_commit_is_in_several_pull_requests_or_in_a_fork() -> None:
    several = only("check_run", pressed(link(11), link(12), external_id=f"pull-12-{HEAD}"))
    assert isinstance(several, PressButton)
    assert several.number == 12
    forked = only("check_run", pressed())
    assert isinstance(forked, PressButton)
    assert forked.number is None


@pytest.mark.parametrize(
    ("event", "payload", "said"),
    [
        ("check_run", run("created"), "was created"),
        ("check_run", run("completed", link()), "was completed"),
        ("check_run", run("rerequested", link(), slug="other"), "another App's"),
        ("check_run", pressed(link(), slug="other"), "another App's"),
        ("check_run", pressed(link()) | {"sender": RENOVATE}, "nobody who is known"),
        ("check_run", run("requested_action", link()), "does not say which"),
        ("check_run", run("rerequested", link()) | {"repository": repository(archived=True)}, "archived"),
        ("check_suite", suite(link()) | {"action": "requested"}, "was requested"),
        ("check_suite", suite(link(), app={"slug": "other"}), "another App's"),
    ],
)
def test_checks_that_are_left_alone(event: str, payload: dict[str, Any], said: str) -> None:
    assert said in why_ignored(event, payload)


# Comments


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


def test_what_is_not_kept_would_have_asked_for_nothing() -> None:
    dropped = [each for each in examples() if asks_nothing(each.event, each.payload.get("action"))]
    assert {each.event for each in dropped} >= {"star", "check_run", "check_suite", "issue_comment"}
    for each in dropped:
        assert all(isinstance(work, Ignored) for work in decide(each.event, each.payload, Known())), each
    assert asks_nothing("push", None) is None


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
