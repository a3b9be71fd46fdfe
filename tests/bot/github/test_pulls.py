"""Pull requests: the App's own found again, and nothing opened or said twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Gone, Passing, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.github.client import RepositoryClient
    from bot.github.model import PullInfo
    from tests.github.repositories import Repo
    from tests.github.server import StandIn


def opened(client: RepositoryClient, repo: Repo, name: str, title: str = "fix: it") -> PullInfo:
    """A pull request of the App's from a branch of its own."""
    branch = f"patchwright/{name}"
    tree = client.create_tree(client.commit(repo.tip).tree, [(f"{name}.py", "100644", "x = 1\n")])
    client.create_branch(branch, client.create_commit(title, tree, [repo.tip]))
    return client.create_pull(branch, "main", title, f"about {name}")


def by_person(repo: Repo, name: str) -> None:
    repo.commit({f"{name}.py": b"y = 1\n"}, branch=name)
    repo.open_pull(name, title=f"from {name}")


def test_opening_and_reading(client: RepositoryClient, repo: Repo):
    made = opened(client, repo, "a", "fix: ü #1 @everyone")
    assert made == client.pull(made.number)
    assert (made.branch, made.base, made.title, made.body) == (
        "patchwright/a",
        "main",
        "fix: ü #1 @everyone",
        "about a",
    )
    assert (made.open, made.merged, made.author) == (True, False, "patchwright[bot]")
    assert made.head_sha == repo.branches()["patchwright/a"]
    assert repo.pull(made.number).title == "fix: ü #1 @everyone"
    with pytest.raises(Gone):
        client.pull(made.number + 1)


def test_opening_again_gives_the_one_that_is_there(client: RepositoryClient, repo: Repo):
    first = opened(client, repo, "a")
    assert client.create_pull("patchwright/a", "main", "again", "other").number == first.number
    assert len(repo.pulls) == 1


@pytest.mark.parametrize("how", ["after_effect", "timeout", "disconnect"])
def test_an_answer_that_was_lost_opens_no_second_one(
    client: RepositoryClient, hasty: RepositoryClient, repo: Repo, github: StandIn, how: str
):
    writer = hasty if how == "timeout" else client
    more = {} if how == "after_effect" else {"effect": True}
    getattr(github.faults, how)("POST", "/repos/*/pulls", **more)
    assert opened(writer, repo, "a").number == repo.pulls[0].number
    assert len(repo.pulls) == 1


def test_an_empty_422_just_after_the_branch_passes(client: RepositoryClient, repo: Repo, github: StandIn):
    github.faults.empty_422()
    with pytest.raises(Passing):
        opened(client, repo, "a")
    client.create_pull("patchwright/a", "main", "fix: it", "")
    assert len(repo.pulls) == 1


def test_a_pull_request_without_commits_is_refused(client: RepositoryClient, repo: Repo):
    client.create_branch("patchwright/same", repo.tip)
    with pytest.raises(Refused, match="No commits between"):
        client.create_pull("patchwright/same", "main", "nothing", "")


def test_editing_and_closing(client: RepositoryClient, repo: Repo, github: StandIn):
    number = opened(client, repo, "a").number
    client.edit_pull(number, title="fix: other", body="new")
    client.edit_pull(number)
    client.edit_pull(number, state="closed")
    found = repo.pull(number)
    assert (found.title, found.body, found.open) == ("fix: other", "new", False)
    assert len(github.exchanges.to("PATCH", "/pulls/")) == 2
    client.edit_pull(number, body="")
    assert client.pull(number).body == ""


def test_the_apps_own_among_others_newest_first(client: RepositoryClient, repo: Repo):
    by_person(repo, "theirs")
    repo.open_issue("an issue of a person")
    first, second, third = (opened(client, repo, name) for name in "abc")
    client.edit_pull(first.number, state="closed")
    repo.merge_pull(repo.pull(second.number), repo.github.account("person"))
    found = client.pulls_by_app()
    assert [each.number for each in found] == [third.number, second.number, first.number]
    assert [(each.open, each.merged) for each in found] == [(True, False), (False, True), (False, False)]
    assert (found[0].branch, found[0].base, found[0].head_sha) == ("patchwright/c", "main", third.head_sha)
    assert [each.body for each in found] == ["about c", "about b", "about a"]
    assert all(each.author == client.bot_login for each in found)


def test_more_than_a_page(client: RepositoryClient, repo: Repo, github: StandIn):
    account = github.account("patchwright[bot]")
    repo.commit({"z.py": b"z"}, branch="patchwright/z")
    for _ in range(115):
        repo.close_pull(repo.create_pull("patchwright/z", "main", "old", "", account), account)
    for name in "abcdefghijkl":
        repo.commit({f"{name}.py": b"z"}, branch=f"patchwright/{name}")
        repo.create_pull(f"patchwright/{name}", "main", name, "", account)
    before = len(github.exchanges)
    found = client.pulls_by_app()
    assert len(found) == 127
    assert [each.branch for each in found[:12]] == [f"patchwright/{name}" for name in "lkjihgfedcba"]
    listing = [each for each in github.exchanges[before:] if "/issues" in each.path or "/pulls" in each.path]
    assert len(listing) == 3, "two pages of the list, one of open ones"


def test_where_github_does_not_find_by_an_apps_login_the_list_of_all_is_read(
    client: RepositoryClient, repo: Repo, github: StandIn
):
    by_person(repo, "theirs")
    made = opened(client, repo, "a")
    client.edit_pull(made.number, state="closed")
    from tests.github.faults import Fault

    github.faults.add(Fault("finds nothing", "GET", "/repos/*/issues", times=None, status=200, body=[]))
    for _ in range(2):
        assert [(each.number, each.open) for each in client.pulls_by_app()] == [(made.number, False)]


def test_where_the_app_has_none_old_pages_are_not_read_again(
    client: RepositoryClient, repo: Repo, github: StandIn
):
    for name in ("one", "two"):
        by_person(repo, name)
    assert client.pulls_by_app() == []
    by_person(repo, "three")
    assert client.pulls_by_app() == []
    made = opened(client, repo, "a")
    assert [each.number for each in client.pulls_by_app()] == [made.number]


def test_with_issues_switched_off_the_list_of_all_is_read(
    client: RepositoryClient, repo: Repo, github: StandIn
):
    made = opened(client, repo, "a")
    github.faults.status("GET", "/repos/*/issues", 410, "Issues are disabled for this repo", times=None)
    assert [each.branch for each in client.pulls_by_app()] == ["patchwright/a"]
    assert client.pulls_by_app()[0].number == made.number


def test_pulls_from_one_branch(client: RepositoryClient, repo: Repo):
    first = opened(client, repo, "a")
    opened(client, repo, "b")
    client.edit_pull(first.number, state="closed")
    second = client.create_pull("patchwright/a", "main", "again", "")
    assert [each.number for each in client.pulls_from("patchwright/a")] == [second.number, first.number]
    assert [each.number for each in client.pulls_from("patchwright/a", "open")] == [second.number]
    assert client.pulls_from("patchwright/none") == []


def test_comments(client: RepositoryClient, repo: Repo):
    number = opened(client, repo, "a").number
    repo.comment_on(repo.pull(number), "what is this?", repo.github.account("person"))
    made = client.create_comment(number, "An answer")
    assert [(each.author, each.body) for each in client.comments(number)] == [
        ("person", "what is this?"),
        ("patchwright[bot]", "An answer"),
    ]
    assert client.comments(number)[1] == made


@pytest.mark.parametrize("how", ["after_effect", "timeout"])
def test_a_comment_whose_answer_was_lost_is_not_said_twice(
    client: RepositoryClient, hasty: RepositoryClient, repo: Repo, github: StandIn, how: str
):
    writer = hasty if how == "timeout" else client
    number = opened(client, repo, "a").number
    more = {} if how == "after_effect" else {"effect": True}
    getattr(github.faults, how)("POST", "/repos/*/issues/*/comments", **more)
    writer.create_comment(number, "An answer\r\nin two lines")
    assert len(client.comments(number)) == 1


def test_a_comment_that_was_not_said_is_worth_another_attempt(
    client: RepositoryClient, repo: Repo, github: StandIn
):
    number = opened(client, repo, "a").number
    github.faults.status("POST", "/repos/*/issues/*/comments", 500)
    with pytest.raises(Passing):
        client.create_comment(number, "An answer")
    client.create_comment(number, "An answer")
    assert len(client.comments(number)) == 1


def test_labels_and_reviewers(client: RepositoryClient, repo: Repo, github: StandIn):
    number = opened(client, repo, "a").number
    repo.collaborator("ann")
    client.request_reviewers(number, ["@ann"])
    client.request_reviewers(number, [])
    [sent] = github.exchanges.to("POST", "/requested_reviewers")
    assert sent.request_json == {"reviewers": ["ann"], "team_reviewers": []}
    with pytest.raises(Refused):
        client.request_reviewers(number, ["stranger"])
    client.add_labels(number, ["patchwright", "ü"])
    client.add_labels(number, [])
    assert set(repo.pull(number).labels) == {"patchwright", "ü"}


@pytest.mark.parametrize("method", ["comments", "pulls_from", "pulls_by_app"])
def test_reads_survive_a_bad_moment(client: RepositoryClient, repo: Repo, github: StandIn, method: str):
    made = opened(client, repo, "a")
    argument: dict[str, Callable[[], object]] = {
        "comments": lambda: client.comments(made.number),
        "pulls_from": lambda: client.pulls_from("patchwright/a"),
        "pulls_by_app": client.pulls_by_app,
    }
    expected = argument[method]()
    github.faults.status("GET", "/repos/*", 502, times=2)
    assert argument[method]() == expected


def test_lists_that_are_late_open_no_second_pull_request(
    client: RepositoryClient, repo: Repo, github: StandIn
):
    github.faults.lag(reads=2)
    opened(client, repo, "a")
    with pytest.raises(Passing):
        client.create_pull("patchwright/a", "main", "again", "")
    assert len(repo.pulls) == 1


def test_a_branch_that_is_not_seen_yet_passes(client: RepositoryClient, repo: Repo, github: StandIn):
    from tests.github.faults import Fault

    body = {
        "message": "Validation Failed",
        "errors": [{"resource": "PullRequest", "field": "head", "code": "invalid"}],
    }
    github.faults.add(Fault("late", "POST", "/repos/*/pulls", status=422, body=body))
    with pytest.raises(Passing):
        opened(client, repo, "a")
    github.faults.add(Fault("late", "POST", "/repos/*/pulls", status=422, body=body))
    with pytest.raises(Refused):
        client.create_pull("patchwright/never-made", "main", "t", "b")
