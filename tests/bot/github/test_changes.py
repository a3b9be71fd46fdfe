"""What pull requests change, whose they are, and which have a commit as their head."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Passing

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from tests.github.repositories import Repo
    from tests.github.server import StandIn

LONG = "".join(f"line {number}\n" for number in range(40))


def test_a_comparison_counts_from_the_merge_base(client: RepositoryClient, repo: Repo):
    start = repo.tip
    head = repo.commit({"app.py": b"a = 2\n", "pkg/mod.py": None, "pkg/new.py": b"b = 2\n"}, branch="topic")
    base = repo.commit({"meanwhile.py": b"c = 3\n"})
    found = client.compare(base, head)
    assert (found.merge_base, found.ahead, found.behind, found.total) == (start, 1, 1, 2)
    assert not found.truncated
    changed = {each.path: each for each in found.files}
    assert changed["app.py"].patch == "@@ -1 +1 @@\n-a = 1\n+a = 2"
    assert (changed["pkg/new.py"].status, changed["pkg/new.py"].previous_path) == ("renamed", "pkg/mod.py")


def test_more_files_than_a_comparison_names(client: RepositoryClient, repo: Repo):
    head = repo.commit({f"pkg/m{number:03}.py": "1\n" for number in range(310)}, branch="topic")
    pull = repo.open_pull("topic")
    assert client.compare(pull.base_sha, head).truncated
    files = client.pull_files(pull.number)
    assert (len(files), {each.status for each in files}) == (310, {"added"})
    assert client.pull(pull.number).changed_files == 310


def test_a_commit_that_is_not_known_yet_is_worth_another_attempt(client: RepositoryClient, repo: Repo):
    with pytest.raises(Passing):
        client.compare(repo.tip, "1" * 40)


def test_a_pull_request_says_whose_it_is(client: RepositoryClient, repo: Repo):
    repo.push("topic", {"app.py": b"a = 2\n"})
    own = client.pull(repo.open_pull("topic", by="ann").number)
    assert (own.author, own.author_type, own.head_repository) == ("ann", "User", "octo/app")
    assert (own.base_sha, own.maintainer_can_modify) == (repo.tip, False)
    fork = repo.forked("stranger")
    fork.push("fix", {"app.py": b"a = 3\n"})
    opened = repo.open_pull("fix", by="stranger", fork=fork, maintainer_can_modify=True)
    foreign = client.pull(opened.number)
    assert (foreign.head_repository, foreign.branch, foreign.maintainer_can_modify) == (
        "stranger/app",
        "fix",
        True,
    )
    compared = client.compare(foreign.base_sha, foreign.head_sha)
    assert [each.path for each in compared.files] == ["app.py"]
    assert client.tree(foreign.head_sha).entries, "a fork's trees are read through the repository"


def test_pull_requests_by_their_head(client: RepositoryClient, repo: Repo, github: StandIn):
    repo.push("topic", {"app.py": b"a = 2\n"})
    below = repo.commit({"app.py": b"a = 3\n"}, branch="topic")
    one = repo.open_pull("topic")
    tip = repo.push("topic", {"app.py": b"a = 4\n"})
    fork = repo.forked("stranger")
    there = fork.push("fix", {"app.py": b"a = 5\n"})
    two = repo.open_pull("fix", by="stranger", fork=fork)
    assert [each.number for each in client.pulls_with_head(tip)] == [one.number]
    assert [each.number for each in client.pulls_with_head(there)] == [two.number]
    assert client.pulls_with_head(below) == [], "a commit below the head is none"
    one.close()
    assert client.pulls_with_head(tip) == []
    assert client.pulls_with_head("1" * 40) == []


def test_what_a_person_may_do(client: RepositoryClient, repo: Repo):
    for name in ("admin", "maintain", "write", "triage", "read"):
        repo.collaborator(f"{name}er", name)
        assert client.permission(f"{name}er") == name
    assert client.permission("octo") == "admin"
    assert client.permission("dependabot[bot]") == "none"
