"""Branches: made, moved and deleted only from where they were expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Moved, Passing, RateLimited, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.github.client import RepositoryClient
    from tests.github.repositories import Repo
    from tests.github.server import StandIn

BRANCH = "patchwright/lazy-client"


def commits(client: RepositoryClient, repo: Repo, *messages: str) -> list[str]:
    tree = client.commit(repo.tip).tree
    return [client.create_commit(message, tree, [repo.tip]) for message in messages]


def test_tips_and_branches_below(client: RepositoryClient, repo: Repo):
    tip = repo.tip
    for name in ("patchwright/a", "patchwright/b/ü#1", "patchwright", "patchwrightx"):
        if name != "patchwright":
            repo.commit({"x": b"x"}, branch=name)
    found = client.branches_below("patchwright/")
    assert set(found) == {"patchwright/a", "patchwright/b/ü#1"}
    assert found == {name: sha for name, sha in repo.branches().items() if name.startswith("patchwright/")}
    assert client.branch_tip("main") == tip
    assert client.branch_tip("patchwright/b/ü#1") == found["patchwright/b/ü#1"]
    assert client.branch_tip("missing") is None
    assert client.branch_tip("patchwright") is None, "a folder of branches is none"
    assert client.branches_below("nothing/") == {}


def test_a_branch_is_made_and_making_it_again_is_nothing(client: RepositoryClient, repo: Repo):
    client.create_branch(BRANCH, repo.tip)
    client.create_branch(BRANCH, repo.tip)
    assert repo.branches()[BRANCH] == repo.tip


def test_a_branch_that_is_elsewhere_is_not_taken(client: RepositoryClient, repo: Repo):
    there = repo.commit({"x": b"x"}, branch=BRANCH)
    with pytest.raises(Moved) as caught:
        client.create_branch(BRANCH, repo.tip)
    assert (caught.value.branch, caught.value.expected, caught.value.found) == (BRANCH, None, there)


def test_a_branch_in_the_way_is_named(client: RepositoryClient, repo: Repo):
    repo.commit({"x": b"x"}, branch="patchwright")
    with pytest.raises(Refused, match="a branch called patchwright is in its way"):
        client.create_branch(BRANCH, repo.tip)


def test_a_branch_moves_only_from_where_it_was_expected(client: RepositoryClient, repo: Repo):
    first, second = commits(client, repo, "first", "second")
    client.create_branch(BRANCH, first)
    client.move_branch(BRANCH, first, second)
    assert repo.branches()[BRANCH] == second, "not a fast-forward, and moved all the same"
    with pytest.raises(Moved) as caught:
        client.move_branch(BRANCH, first, repo.tip)
    assert (caught.value.expected, caught.value.found) == (first, second)
    client.move_branch(BRANCH, first, second)
    with pytest.raises(Moved) as caught:
        client.move_branch("patchwright/missing", first, second)
    assert caught.value.found is None


def test_what_a_person_pushes_in_between_stays(client: RepositoryClient, repo: Repo, github: StandIn):
    first, second = commits(client, repo, "first", "second")
    client.create_branch(BRANCH, first)
    pushed: list[str] = []
    github.faults.meanwhile(
        "POST", "/graphql", lambda: pushed.append(repo.push(BRANCH, {"mine.py": b"x = 1\n"}))
    )
    with pytest.raises(Moved):
        client.move_branch(BRANCH, first, second)
    assert repo.branches()[BRANCH] == pushed[0]


def test_deleting(client: RepositoryClient, repo: Repo):
    first, second = commits(client, repo, "first", "second")
    client.create_branch(BRANCH, first)
    with pytest.raises(Moved):
        client.delete_branch(BRANCH, second)
    assert BRANCH in repo.branches()
    client.delete_branch(BRANCH, first)
    assert BRANCH not in repo.branches()
    client.delete_branch(BRANCH, first)


@pytest.mark.parametrize("how", ["502", "timeout", "disconnect"])
def test_an_effect_whose_answer_was_lost_is_a_success(
    client: RepositoryClient, hasty: RepositoryClient, repo: Repo, github: StandIn, how: str
):
    def lose(path: str) -> None:
        if how == "502":
            github.faults.after_effect("POST", path)
        elif how == "timeout":
            github.faults.timeout("POST", path, effect=True)
        else:
            github.faults.disconnect("POST", path, effect=True)

    first, second = commits(client, repo, "first", "second")
    writer = hasty if how == "timeout" else client
    lose("/repos/*/git/refs")
    writer.create_branch(BRANCH, first)
    lose("/graphql")
    writer.move_branch(BRANCH, first, second)
    assert repo.branches()[BRANCH] == second
    lose("/graphql")
    writer.delete_branch(BRANCH, second)
    assert BRANCH not in repo.branches()
    assert len(github.exchanges.to("POST", "/git/refs")) == 1
    assert len(github.exchanges.to("POST", "/graphql")) == 2


@pytest.mark.parametrize(
    "strike",
    [
        lambda faults: faults.status("POST", "*", 500),
        lambda faults: faults.reference_update_failed(),
        lambda faults: faults.graphql_error(),
        lambda faults: faults.graphql_error("Something went wrong while executing your query", "INTERNAL"),
    ],
    ids=["500", "race", "graphql race", "graphql internal"],
)
def test_what_did_not_take_place_is_worth_another_attempt(
    client: RepositoryClient, repo: Repo, github: StandIn, strike: Callable[..., object]
):
    first, second = commits(client, repo, "first", "second")
    client.create_branch("patchwright/old", first)
    strike(github.faults)
    with pytest.raises(Passing):
        client.move_branch("patchwright/old", first, second)
        client.create_branch(BRANCH, first)
    client.create_branch(BRANCH, first)
    client.move_branch("patchwright/old", first, second)
    assert repo.branches()[BRANCH] == first
    assert repo.branches()["patchwright/old"] == second


def test_a_limit_by_graphql_is_one(client: RepositoryClient, repo: Repo, github: StandIn):
    first, second = commits(client, repo, "first", "second")
    client.create_branch(BRANCH, first)
    github.faults.graphql_error("API rate limit exceeded for installation ID 1.", "RATE_LIMITED")
    with pytest.raises(RateLimited):
        client.move_branch(BRANCH, first, second)


def test_a_refusal_by_graphql_stays(client: RepositoryClient, repo: Repo, github: StandIn):
    first, second = commits(client, repo, "first", "second")
    client.create_branch(BRANCH, first)
    github.faults.graphql_error("Resource not accessible by integration", "FORBIDDEN")
    with pytest.raises(Refused, match="not accessible"):
        client.move_branch(BRANCH, first, second)
