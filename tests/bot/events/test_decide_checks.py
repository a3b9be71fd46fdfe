"""What checks that are asked for again, their buttons and the merge queue ask for."""

from __future__ import annotations

from typing import Any

import pytest

from bot.events.decide import decide
from bot.events.work import AnswerMergeGroup, CheckConfig, CheckHead, CheckPull, PressButton, UpdateBranch
from tests.bot.events.payloads import HEAD, KNOWN, PERSON, RENOVATE, SHA, SHOP, only, repository, why_ignored


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
