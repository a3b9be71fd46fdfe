"""Repositories, pull requests and check runs, and what is refused of them."""

from __future__ import annotations

import github as pygithub
import pytest

from tests.github.asking import events
from tests.github.bare import GitError


def test_a_renamed_repository_answers_by_its_old_name_and_its_number(github, repo, ask):
    repo.rename("store")
    moved = ask.get("/repos/acme/shop/git/ref/heads/main")
    assert (moved.status_code, moved.headers["location"]) == (
        301,
        f"{github.api_url}/repositories/{repo.id}/git/ref/heads/main",
    )
    assert ask.get(moved.headers["location"]).json()["object"]["sha"] == repo.tip
    assert ask.get(f"/repositories/{repo.id}").json()["full_name"] == "acme/store"
    assert github.deliveries[-1].payload["changes"] == {"repository": {"name": {"from": "shop"}}}


def test_an_archived_repository_can_be_read_only(repo, ask):
    repo.archive()
    assert ask.get("/repos/acme/shop").json()["archived"] is True
    assert ask.post("/repos/acme/shop/git/blobs", json={"content": ""}).status_code == 403


def test_an_empty_repository_has_no_git_data(github, ask):
    empty = github.create_repository("acme/empty")
    github.add_repositories(next(iter(github.installations)), [empty])
    assert ask.get("/repos/acme/empty").json()["size"] == 0
    assert ask.get("/repos/acme/empty/git/ref/heads/main").status_code == 409


def test_a_merge_is_a_real_commit(github, repo, installation):
    base, head = repo.tip, repo.commit({"a": "1"}, branch="b")
    pull = repo.open_pull("b")
    merge = pull.merge(by="alice")
    assert repo.git.text("rev-list", "--parents", "-1", repo.tip).split() == [merge, base, head]
    assert repo.file("a") == b"1"
    assert events(github)[-3:] == ["pull_request opened", "pull_request closed", "push"]
    assert github.deliveries[-2].payload["pull_request"]["merged"] is True


def test_what_conflicts_is_not_merged(repo):
    repo.commit({"app.py": "b"}, branch="b")
    repo.commit({"app.py": "c"})
    with pytest.raises(GitError):
        repo.open_pull("b").merge()


def test_a_second_pull_request_for_the_same_branch_is_refused(repo, seen):
    repo.commit({"a": "1"}, branch="b")
    seen.create_pull(base="main", head="b", title="One", body="")
    with pytest.raises(pygithub.GithubException, match="already exists"):
        seen.create_pull(base="main", head="b", title="Two", body="")


def test_a_completed_check_run_needs_a_conclusion(repo, seen):
    with pytest.raises(pygithub.GithubException, match="conclusion"):
        seen.create_check_run("x", repo.tip, status="completed")


def test_pages_follow_their_links(repo, seen):
    for number in range(7):
        repo.open_issue(f"Issue {number}")
    seen.requester.per_page = 3
    assert [each.number for each in seen.get_issues(state="all")] == [7, 6, 5, 4, 3, 2, 1]
