"""The repository behind a delivery: by its number, whatever it is called by now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Gone, Passing, Refused
from tests.github.bare import Symlink

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.github.client import RepositoryClient
    from tests.github.repositories import Repo
    from tests.github.server import StandIn


def test_what_it_is(client: RepositoryClient, repo: Repo):
    info = client.repository()
    assert (info.id, info.full_name, info.default_branch) == (repo.id, "octo/app", "main")
    assert (info.archived, info.disabled, info.fork, info.empty) == (False, False, False, False)
    assert info.node_id == repo.node_id
    assert info.html_url.endswith("/octo/app")


def test_it_is_looked_up_once(client: RepositoryClient, github: StandIn):
    client.repository()
    client.branch_tip("main")
    client.branch_tip("main")
    assert [each.path for each in github.exchanges.to("GET", "")].count("/repos/octo/app") == 1


def test_a_renamed_repository_is_found_and_used_under_its_new_name(
    client: RepositoryClient, repo: Repo, github: StandIn
):
    repo.rename("service")
    assert client.repository().full_name == "octo/service"
    client.create_blob(b"x")
    assert github.exchanges.to("POST", "/git/blobs")[0].path == "/repos/octo/service/git/blobs"


def test_an_old_name_that_is_anothers_by_now_is_not_written_to(
    repo: Repo, github: StandIn, connected: Callable[..., RepositoryClient]
):
    other = github.create_repository("octo/other", {"other.py": b"x = 1\n"})
    repo.rename("service")
    other.rename("app")
    client = connected(repo, "octo/app")
    assert client.repository().full_name == "octo/service"
    assert client.file("other.py", "main") is None


def test_a_repository_that_was_taken_from_the_installation_is_gone(
    client: RepositoryClient, repo: Repo, github: StandIn, installation: int
):
    github.create_repository("octo/other", {"a.py": b""})
    github.remove_repositories(installation, [repo])
    with pytest.raises(Gone):
        client.repository()


def test_after_the_app_was_uninstalled_everything_is_gone(
    client: RepositoryClient, github: StandIn, installation: int
):
    github.uninstall(installation)
    with pytest.raises(Gone):
        client.repository()


def test_a_suspended_installation_says_so(client: RepositoryClient, github: StandIn, installation: int):
    client.repository()
    github.suspend(installation)
    with pytest.raises(Refused, match="suspended"):
        client.branch_tip("main")


def test_an_archived_repository_is_read_and_refuses_writes(client: RepositoryClient, repo: Repo):
    repo.archive()
    assert client.repository().archived
    assert client.branch_tip("main") == repo.tip
    with pytest.raises(Refused, match="archived"):
        client.create_blob(b"x")


def test_a_blocked_repository_says_so_and_its_content_is_gone(client: RepositoryClient, repo: Repo):
    repo.disabled = True
    assert client.repository().disabled
    with pytest.raises(Refused, match="blocked"):
        client.branch_tip("main")


def test_an_empty_repository(github: StandIn, connected: Callable[..., RepositoryClient]):
    client = connected(github.create_repository("octo/empty"))
    assert client.repository().empty
    assert client.branch_tip("main") is None


def test_the_bytes_of_a_file(client: RepositoryClient, repo: Repo):
    sha = repo.commit({"large.py": b"x = 1\n" * 300_000, "ü #?.py": b"odd\xff\0", "empty.py": b""})
    assert client.file("app.py", sha) == b"a = 1\n"
    assert client.file("large.py", sha) == b"x = 1\n" * 300_000, "over 1 MB the contents API gives none"
    assert client.file("ü #?.py", sha) == b"odd\xff\0"
    assert client.file("empty.py", "main") == b""


def test_no_file_is_none(client: RepositoryClient):
    assert client.file("missing.py", "main") is None
    assert client.file("pkg", "main") is None
    assert client.file("app.py", "no-such-branch") is None


def test_subjects_and_the_commits_of_a_file(client: RepositoryClient, repo: Repo):
    second = repo.commit({"app.py": b"a = 2\n"}, "fix: second\n\nwith a body")
    third = repo.commit({"pkg/mod.py": b"b = 3\n"}, "third")
    assert client.recent_subjects(third) == ["third", "fix: second", "First commit"]
    assert client.recent_subjects(third, 1) == ["third"]
    assert client.file_commits("app.py", third)[0] == second
    assert len(client.file_commits("app.py", third)) == 2
    assert client.file_commits("app.py", third, 1) == [second]
    assert client.file_commits("never.py", third) == []


def test_who_the_app_is(client: RepositoryClient, github: StandIn):
    assert client.app_slug == "patchwright"
    assert client.bot_login == "patchwright[bot]"
    assert client.bot_email == github.account("patchwright[bot]").email


def test_only_commits_that_nobody_touched_since_are_the_apps(client: RepositoryClient, repo: Repo):
    tip = repo.tip
    tree = client.commit(tip).tree
    own = client.create_commit("own", tree, [tip])
    assert client.made_by_app(client.commit(own))
    assert not client.made_by_app(client.commit(tip))
    amended = repo.commit({"x.py": b""}, author=("patchwright[bot]", client.bot_email), branch="amended")
    commit = client.commit(amended)
    if commit.committer_email == client.bot_email:
        commit = type(commit)(**{**_fields(commit), "committer_email": "person@example.com"})
    assert not client.made_by_app(commit), "the author is the App, the committer a person"


def _fields(commit: object) -> dict[str, object]:
    return {name: getattr(commit, name) for name in commit.__slots__}  # type: ignore[attr-defined]


def test_what_is_left_of_the_budget(client: RepositoryClient, github: StandIn):
    assert client.rate_limit_left is None
    client.branch_tip("main")
    assert client.rate_limit_left == github.hourly_limit - 2


def test_a_commit_that_a_replica_does_not_know_yet_is_not_a_missing_file(
    client: RepositoryClient, repo: Repo, github: StandIn
):
    github.faults.status("GET", "/repos/*/contents/*", 404, f"No commit found for the ref {repo.tip}")
    with pytest.raises(Passing):
        client.file("app.py", repo.tip)
    assert client.file("app.py", repo.tip) == b"a = 1\n"
    github.faults.status("GET", "/repos/*/commits", 404, "Not Found")
    with pytest.raises(Passing):
        client.recent_subjects(repo.tip)


def test_a_link_gives_the_file_that_it_leads_to(client: RepositoryClient, repo: Repo):
    repo.commit({"link.yml": Symlink("README.md")})
    assert client.file("link.yml", "main") in (b"# App\n", None)
