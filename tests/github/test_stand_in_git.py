"""Refs, commits, trees and archives, by the API and by real git."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import subprocess
import tarfile

import github as pygithub
import httpx
import pytest

from tests.github.asking import events
from tests.github.bare import ENVIRONMENT, ZERO, Submodule, Symlink
from tests.github.fixtures import WEBHOOK_SECRET

MOVE = "mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }"


def commit_on(seen, parent: str, files: dict[str, str], **more: object):
    elements = [
        pygithub.InputGitTreeElement(path, "100644", "blob", content=text) for path, text in files.items()
    ]
    tree = seen.create_git_tree(elements, seen.get_git_tree(parent))
    return seen.create_git_commit("A change", tree, [seen.get_git_commit(parent)], **more)


def move(github, repo, ref: str, before: str | None, after: str, force: bool = True) -> dict:
    token = github.create_token(next(iter(github.installations.values())), {"contents": "write"}, None)
    update = {"name": ref, "beforeOid": before, "afterOid": after, "force": force}
    variables = {"input": {"repositoryId": repo.node_id, "refUpdates": [update]}}
    headers = {"Authorization": f"bearer {token.value}"}
    return httpx.post(
        github.graphql_url, json={"query": MOVE, "variables": variables}, headers=headers
    ).json()


# Refs and commits


def test_a_ref_is_not_moved_back_without_force(repo, seen):
    first = repo.tip
    second = repo.commit({"app.py": b"a = 2\n"})
    ref = seen.get_git_ref("heads/main")
    with pytest.raises(pygithub.GithubException, match="not a fast forward"):
        seen.requester.requestJsonAndCheck("PATCH", ref.url, input={"sha": first})
    assert repo.tip == second
    seen.requester.requestJsonAndCheck("PATCH", ref.url, input={"sha": first, "force": True})
    assert repo.tip == first


def test_a_branch_moves_only_from_where_it_was_expected(github, repo, installation):
    first = repo.tip
    repo.commit({"a": "1"}, branch="patchwright/x")
    theirs = repo.push("patchwright/x", {"a": "2"})
    answer = move(github, repo, "refs/heads/patchwright/x", first, first)
    assert answer["data"] == {"updateRefs": None}
    assert repo.branches()["patchwright/x"] == theirs
    assert "errors" not in move(github, repo, "refs/heads/patchwright/x", theirs, first)
    assert repo.branches()["patchwright/x"] == first


def test_without_force_a_branch_moves_only_forward(github, repo, installation):
    first, second = repo.tip, repo.commit({"a": "1"}, branch="b")
    assert (
        "fast-forward"
        in move(github, repo, "refs/heads/b", second, first, force=False)["errors"][0]["message"]
    )
    assert "errors" not in move(github, repo, "refs/heads/main", first, second, force=False)


def test_a_branch_that_is_expected_not_to_exist(github, repo, installation):
    assert "errors" not in move(github, repo, "refs/heads/new", ZERO, repo.tip)
    assert "errors" in move(github, repo, "refs/heads/new", ZERO, repo.tip)


def test_a_deleted_branch_closes_its_pull_request(github, repo, installation):
    tip = repo.commit({"a": "1"}, branch="b")
    pull = repo.open_pull("b")
    move(github, repo, "refs/heads/b", tip, ZERO)
    assert (repo.branches().get("b"), pull.state) == (None, "closed")
    assert events(github)[-2:] == ["push", "pull_request closed"]
    assert github.deliveries[-2].payload["deleted"]


def test_a_commit_without_author_is_the_bots_and_verified(github, repo, seen):
    commit = commit_on(seen, repo.tip, {"app.py": "a = 3\n"})
    bot = github.account("patchwright[bot]")
    raw = repo.git.text("cat-file", "commit", commit.sha)
    assert f"author patchwright[bot] <{bot.id}+patchwright[bot]@users.noreply.github.com>" in raw
    assert "committer GitHub <noreply@github.com>" in raw
    assert seen.get_commit(commit.sha).commit.verification.verified
    assert seen.get_commit(commit.sha).author.login == "patchwright[bot]"


def test_a_commit_with_an_author_is_not_verified(repo, seen):
    who = pygithub.InputGitAuthor("Somebody", "somebody@example.com")
    commit = commit_on(seen, repo.tip, {"app.py": "a = 3\n"}, author=who)
    assert not seen.get_commit(commit.sha).commit.verification.verified


def test_a_tree_keeps_modes_and_drops_what_is_deleted(repo, seen):
    elements = [
        pygithub.InputGitTreeElement("pkg/mod.py", "100644", "blob", sha=None),
        pygithub.InputGitTreeElement("deep/er/x.py", "100755", "blob", content="x = 1\n"),
    ]
    tree = seen.create_git_tree(elements, seen.get_git_tree(repo.tip))
    listed = {
        each.path: each.mode for each in repo.git.list_tree(tree.sha, recursive=True) if each.type == "blob"
    }
    assert listed == {"app.py": "100644", "run.sh": "100755", "deep/er/x.py": "100755"}


def test_deleting_what_is_not_there_is_refused(repo, seen):
    gone = [pygithub.InputGitTreeElement("nowhere.py", "100644", "blob", sha=None)]
    with pytest.raises(pygithub.GithubException, match="BadObjectState"):
        seen.create_git_tree(gone, seen.get_git_tree(repo.tip))


# Real git, and archives


def git(folder, *arguments: str) -> str:
    who = ["-c", "user.name=Alice", "-c", "user.email=alice@example.com"]
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True, env=ENVIRONMENT
    )
    return done.stdout.strip()


def test_a_real_git_push_becomes_a_signed_webhook(github, repo, installation, tmp_path):
    git(tmp_path, "clone", "-q", repo.git_url.replace("person", "alice"), "work")
    work = tmp_path / "work"
    (work / "app.py").write_text("a = 9\n")
    (work / "new file.py").write_text("n = 1\n")
    git(work, "rm", "-q", "pkg/mod.py")
    git(work, "add", ".")
    git(work, "commit", "-qm", "By hand")
    git(work, "push", "-q", "origin", "HEAD")
    assert repo.tip == git(work, "rev-parse", "HEAD")
    sent = github.deliveries[-1]
    expected = hmac.new(WEBHOOK_SECRET.encode(), sent.body, hashlib.sha256).hexdigest()
    assert sent.headers["X-Hub-Signature-256"] == f"sha256={expected}"
    body = json.loads(sent.body)
    assert (sent.event, body["ref"], body["after"]) == ("push", "refs/heads/main", repo.tip)
    assert (body["sender"]["login"], body["forced"], body["created"]) == ("alice", False, False)
    (commit,) = body["commits"]
    assert (commit["added"], commit["modified"], commit["removed"]) == (
        ["new file.py"],
        ["app.py"],
        ["pkg/mod.py"],
    )


def test_a_history_pushed_into_an_empty_repository_sets_its_default_branch(github, repo, tmp_path):
    empty = github.create_repository("acme/empty")
    github.install("acme", [empty])
    git(tmp_path, "clone", "-q", "--bare", repo.git_url, "copy")
    git(tmp_path / "copy", "push", "-q", empty.git_url, "main:trunk", "main:refs/tags/v1")
    assert (empty.default_branch, empty.tip) == ("trunk", repo.tip)
    assert [each.payload["ref"] for each in github.deliveries if each.event == "push"] == [
        "refs/heads/trunk",
        "refs/tags/v1",
    ]


def test_the_archive_holds_the_blobs(github, repo, ask):
    repo.commit({"link": Symlink("app.py"), "sub": Submodule("1" * 40), "odd é.py": b"\x00\xff"})
    answer = ask.get(f"/repos/acme/shop/tarball/{repo.tip}")
    assert answer.status_code == 302
    link = answer.headers["location"]
    held = {}
    with tarfile.open(fileobj=io.BytesIO(httpx.get(link).content)) as archive:
        for member in archive:
            path = member.name.partition("/")[2]
            if member.isfile():
                held[path] = archive.extractfile(member).read()
            elif member.issym():
                held[path] = member.linkname.encode()
    listed = [each for each in repo.git.list_tree(repo.tip, recursive=True) if each.type == "blob"]
    assert held == {each.path: repo.git.contents(each.sha)[2] for each in listed}
    github.clock.advance(301)
    assert httpx.get(link).status_code == 404


def test_a_listing_of_many_files_is_whole_or_says_that_it_is_not(github, ask):
    files = {f"d{number % 20}/f{number}.py": b"x = %d\n" % number for number in range(4000)}
    many = github.create_repository("acme/many", files)
    github.add_repositories(next(iter(github.installations)), [many])
    whole = ask.get(f"/repos/acme/many/git/trees/{many.tip}", params={"recursive": "1"}).json()
    assert (len(whole["tree"]), whole["truncated"]) == (4020, False)
    github.most_tree_entries = 100
    part = ask.get(f"/repos/acme/many/git/trees/{many.tip}", params={"recursive": "1"}).json()
    assert (len(part["tree"]), part["truncated"]) == (100, True)
