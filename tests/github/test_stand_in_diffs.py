"""Comparisons, pull requests' files, forks, drafts and permissions, as the stand-in answers."""

from __future__ import annotations

import subprocess

import pytest

from tests.github.asking import Asking, events

LINES = "".join(f"line {number}\n" for number in range(40))
FILES = {"a.py": LINES, "old.py": LINES + "end", "logo.png": b"\0\1", "gone.py": "x\n"}
CHANGED = {
    "a.py": LINES.replace("line 3\n", "LINE 3\n").replace("line 30\n", "LINE 30\n"),
    "old.py": None,
    "new.py": LINES + "END",
    "logo.png": b"\0\2",
    "gone.py": None,
    "huge.txt": "x\n" * 20_001,
    "empty.py": "",
}


@pytest.fixture
def repo(github):
    repo = github.create_repository("acme/shop", dict(FILES))
    github.install("acme", [repo])
    return repo


@pytest.fixture
def ask(github, repo):
    with Asking(github) as client:
        yield client


def files_of(answer) -> dict[str, dict]:
    return {each["filename"]: each for each in answer}


def test_a_comparison_gives_each_changed_file_with_its_patch(repo, ask):
    base, head = repo.tip, repo.commit(CHANGED, branch="b")
    other = repo.commit({"meanwhile.py": "1"})
    answer = ask.get(f"/repos/acme/shop/compare/{other}...{head}").json()
    assert answer["merge_base_commit"]["sha"] == base
    assert (answer["status"], answer["ahead_by"], answer["behind_by"]) == ("diverged", 1, 1)
    files = files_of(answer["files"])
    assert {name: each["status"] for name, each in files.items()} == {
        "a.py": "modified",
        "new.py": "renamed",
        "logo.png": "modified",
        "gone.py": "removed",
        "huge.txt": "added",
        "empty.py": "added",
    }
    assert files["new.py"]["previous_filename"] == "old.py"
    assert sorted(name for name, each in files.items() if "patch" in each) == ["a.py", "gone.py", "new.py"]
    patch = files["a.py"]["patch"]
    assert patch.startswith("@@ -1,7 +1,7 @@\n line 0\n")
    assert patch.endswith("+LINE 30\n line 31\n line 32\n line 33")
    assert files["huge.txt"]["additions"] == 20_001


def test_a_patch_from_github_applies(repo, ask, tmp_path):
    head = repo.commit({"a.py": CHANGED["a.py"], "gone.py": "y"}, branch="b")
    files = ask.get(f"/repos/acme/shop/compare/main...{head}").json()["files"]
    (tmp_path / "a.py").write_text(LINES)
    (tmp_path / "gone.py").write_text("x\n")
    patch = "".join(
        f"--- a/{each['filename']}\n+++ b/{each['filename']}\n{each['patch']}\n" for each in files
    )
    subprocess.run(["git", "apply", "-"], input=patch.encode(), cwd=tmp_path, check=True)
    assert (tmp_path / "a.py").read_text() == CHANGED["a.py"]
    assert (tmp_path / "gone.py").read_text() == "y"


def test_a_comparison_has_300_files_and_a_pull_request_more(repo, ask):
    repo.commit({f"pkg/m{number:03}.py": "1\n" for number in range(310)}, branch="b")
    pull = repo.open_pull("b")
    compared = ask.get(f"/repos/acme/shop/compare/{pull.base_sha}...{pull.head_sha}").json()
    assert len(compared["files"]) == 300
    last = ask.get("/repos/acme/shop/pulls/1/files", params={"per_page": 100, "page": 4})
    assert [each["filename"] for each in last.json()] == [f"pkg/m{number}.py" for number in range(300, 310)]
    assert "next" not in last.links
    assert last.json()[0]["patch"] == "@@ -0,0 +1 @@\n+1"


def test_commits_without_a_common_one_cannot_be_compared(repo, ask):
    other = repo.git.write_commit(repo.git.text("rev-parse", "main^{tree}"), [], "x", *signatures())
    assert ask.get(f"/repos/acme/shop/compare/main...{other}").status_code == 404


def signatures():
    from tests.github.bare import Signature

    return (Signature("a", "a@example.com", 1),) * 2


# Forks


@pytest.fixture
def fork(repo):
    fork = repo.forked("stranger")
    fork.commit({"a.py": CHANGED["a.py"]}, branch="fix")
    return fork


def test_a_pull_request_from_a_fork(github, repo, fork, ask):
    pull = repo.open_pull("fix", by="stranger", fork=fork)
    answer = ask.get("/repos/acme/shop/pulls/1").json()
    assert (answer["head"]["repo"]["full_name"], answer["head"]["label"]) == ("stranger/shop", "stranger:fix")
    assert answer["base"]["repo"]["full_name"] == "acme/shop"
    assert github.deliveries[-1].payload["pull_request"]["head"]["repo"]["fork"]
    assert repo.git.refs("refs/pull/") == {"refs/pull/1/head": pull.head_sha}
    assert repo.file("a.py", pull.head_sha) == CHANGED["a.py"].encode()
    assert ask.get(f"/repos/acme/shop/git/commits/{pull.head_sha}").status_code == 200
    listed = ask.get("/repos/acme/shop/pulls", params={"head": "stranger:fix"}).json()
    assert [each["number"] for each in listed] == [1]
    compared = ask.get("/repos/acme/shop/compare/main...stranger:fix").json()
    assert [each["filename"] for each in compared["files"]] == ["a.py"]


def test_a_push_to_a_fork_synchronises_its_pull_request(github, repo, fork):
    pull = repo.open_pull("fix", by="stranger", fork=fork)
    new = pull.push({"b.py": "1"}, by="stranger")
    assert (pull.head_sha, repo.git.refs("refs/pull/")["refs/pull/1/head"]) == (new, new)
    assert events(github)[-2:] == ["pull_request opened", "pull_request synchronize"]
    assert github.deliveries[-1].payload["after"] == new
    fork.delete_branch("fix", by="stranger")
    assert not pull.open


def test_the_pull_request_of_a_forks_commit_is_known_to_the_fork_only(repo, fork, ask):
    pull = repo.open_pull("fix", by="stranger", fork=fork)
    assert ask.get(f"/repos/acme/shop/commits/{pull.head_sha}/pulls").json() == []
    found = ask.get(f"/repos/stranger/shop/commits/{pull.head_sha}/pulls").json()
    assert [each["base"]["repo"]["full_name"] for each in found] == ["acme/shop"]


@pytest.mark.parametrize("open_to_maintainers", [False, True])
def test_an_app_writes_to_a_fork_only_where_maintainers_may(repo, fork, ask, open_to_maintainers):
    pull = repo.open_pull("fix", by="stranger", fork=fork, maintainer_can_modify=open_to_maintainers)
    blob = ask.post("/repos/stranger/shop/git/blobs", json={"content": "x"})
    assert blob.status_code == (201 if open_to_maintainers else 403)
    move = {"sha": pull.base_sha, "force": True}
    assert ask.patch("/repos/stranger/shop/git/refs/heads/main", json=move).status_code == 403
    answer = ask.patch("/repos/stranger/shop/git/refs/heads/fix", json=move)
    assert answer.status_code == (200 if open_to_maintainers else 403)
    assert ask.post("/repos/stranger/shop/issues", json={"title": "x"}).status_code == 403


def test_a_pull_request_from_a_fork_is_merged(repo, fork):
    pull = repo.open_pull("fix", by="stranger", fork=fork)
    pull.merge()
    assert repo.file("a.py") == CHANGED["a.py"].encode()
    assert "Merge pull request #1 from stranger/fix" in repo.log()[0]


def test_a_fork_is_deleted_while_its_pull_request_is_open(github, repo, fork, ask):
    pull = repo.open_pull("fix", by="stranger", fork=fork)
    github.delete_repository(fork)
    answer = ask.get("/repos/acme/shop/pulls/1").json()
    assert (answer["state"], answer["head"]["repo"], answer["head"]["label"]) == (
        "open",
        None,
        "stranger:fix",
    )
    assert ask.get("/repos/stranger/shop").status_code == 404
    assert repo.file("a.py", pull.head_sha) == CHANGED["a.py"].encode()
    pull.review(comments=[{"path": "a.py", "line": 4, "body": "Hm."}])
    pull.threads[0].reply("Gone.")
    pull.close()
    assert github.deliveries[-1].payload["pull_request"]["head"]["repo"] is None
    assert ask.patch("/repos/acme/shop/pulls/1", json={"state": "open"}).status_code == 422


# Drafts and permissions


def test_a_draft_becomes_ready(github, repo, ask):
    repo.commit({"a.py": "1"}, branch="b")
    pull = repo.open_pull("b", draft=True)
    assert github.deliveries[-1].payload["pull_request"]["draft"]
    pull.ready()
    pull.convert_to_draft()
    assert events(github)[-2:] == ["pull_request ready_for_review", "pull_request converted_to_draft"]
    assert ask.get("/repos/acme/shop/pulls/1").json()["draft"]


@pytest.mark.parametrize(
    ("given", "permission", "pushes"),
    [
        ("admin", "admin", True),
        ("maintain", "write", True),
        ("write", "write", True),
        ("triage", "read", False),
        ("read", "read", False),
        ("none", "none", False),
    ],
)
def test_what_a_person_may_do(repo, ask, given, permission, pushes):
    repo.collaborator("ann", given)
    answer = ask.get("/repos/acme/shop/collaborators/ann/permission").json()
    assert (answer["permission"], answer["role_name"]) == (permission, given)
    assert answer["user"]["permissions"]["push"] == pushes


def test_a_stranger_may_read_what_is_public(github, repo, ask):
    github.account("stranger")
    path = "/repos/acme/shop/collaborators/stranger/permission"
    assert ask.get(path).json()["permission"] == "read"
    repo.private = True
    assert ask.get(path).json()["permission"] == "none"
    assert ask.get("/repos/acme/shop/collaborators/nobody/permission").status_code == 404
