"""Taking snapshots from the stand-in: what is fetched, how, how often, and what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Passing, RateLimited
from bot.github.git_data import blob_sha
from bot.snapshot.take import LFS_POINTER, take
from codemods.engine.files.listed import listed, may_be_read
from tests.github.bare import Executable, Submodule, Symlink

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from bot.snapshot.blobs import BlobStore
    from bot.snapshot.take import Taken
    from tests.github.bare import Content
    from tests.github.repositories import Repo
    from tests.github.server import StandIn

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 12345\n"


def many(count: int) -> dict[str, Content]:
    return {f"pkg{each % 20}/m{each}.py": f"number = {each}\n".encode() for each in range(count)}


def requests(github: StandIn, since: int, part: str) -> int:
    return len([each for each in github.exchanges[since:] if part in each.path])


def complete(taken: Taken, store: BlobStore) -> bool:
    wanted = {each.sha for each in taken.files if may_be_read(each)}
    return store.known(wanted) == wanted


def test_few_contents_come_one_by_one(
    client: RepositoryClient, repo: Repo, github: StandIn, store: BlobStore
):
    sha = repo.commit({"data.bin": b"\0" * 999, "pyproject.toml": b"[project]\n", ".gitignore": b"*.log\n"})
    taken = take(client, sha, store)
    assert complete(taken, store)
    assert {each.path for each in taken.files} == {
        *("app.py", "pkg/mod.py", "README.md", "data.bin", "pyproject.toml", ".gitignore")
    }
    assert taken.new_blobs == 4, "neither README.md nor data.bin"
    assert requests(github, 0, "/git/blobs/") == 4
    assert requests(github, 0, "/tarball/") == 0
    assert store.get_many([blob_sha(b"a = 1\n")]) == {blob_sha(b"a = 1\n"): b"a = 1\n"}


def test_many_contents_come_by_one_tarball(
    client: RepositoryClient, repo: Repo, github: StandIn, store: BlobStore
):
    taken = take(client, repo.commit(many(300)), store)
    assert complete(taken, store)
    assert taken.new_blobs == 302
    assert requests(github, 0, "/tarball/") == 1
    assert requests(github, 0, "/git/blobs/") == 0


def test_what_is_known_is_not_fetched_again(
    client: RepositoryClient, repo: Repo, github: StandIn, store: BlobStore
):
    take(client, repo.commit(many(200)), store)
    sha = repo.commit({"pkg0/m0.py": b"changed = 1\n", "new.py": b"new = 1\n", "moved.py": b"number = 3\n"})
    since = len(github.exchanges)
    taken = take(client, sha, store)
    assert complete(taken, store)
    assert taken.new_blobs == 2
    assert len(github.exchanges) - since == 3, "the tree and two blobs"
    since = len(github.exchanges)
    assert take(client, sha, store).new_blobs == 0
    assert len(github.exchanges) - since == 1


def test_files_that_the_tarball_changes_or_leaves_out_are_fetched_as_they_are_in_git(
    client: RepositoryClient, repo: Repo, github: StandIn, store: BlobStore
):
    special = {
        ".gitattributes": b"version.py export-subst\ntests/** export-ignore\nwindows.py text eol=crlf\n",
        "version.py": b'commit = "$Format:%H$"\n',
        "tests/test_a.py": b"def test(): pass\n",
        "windows.py": b"a = 1\nb = 2\n",
    }
    taken = take(client, repo.commit({**many(100), **special}), store)
    assert complete(taken, store)
    assert requests(github, 0, "/tarball/") == 1
    assert requests(github, 0, "/git/blobs/") == 2
    found = store.get_many(each.sha for each in taken.files)
    shas = {each.path: each.sha for each in taken.files}
    for path in ("version.py", "tests/test_a.py", "windows.py"):
        assert found[shas[path]] == special[path]


def test_links_submodules_and_pointers(client: RepositoryClient, repo: Repo, store: BlobStore):
    sha = repo.commit(
        {
            **many(40),
            "link.py": Symlink("app.py"),
            "folder": Symlink("pkg"),
            "outside.py": Symlink("../../etc/passwd"),
            "vendored": Submodule("1" * 40),
            "run.py": Executable(b"#!/usr/bin/python\n"),
            "weights.py": POINTER,
            "empty.py": b"",
        }
    )
    taken = take(client, sha, store)
    assert complete(taken, store)
    modes = {each.path: each.mode for each in taken.files}
    assert (modes["link.py"], modes["vendored"], modes["run.py"]) == ("120000", "160000", "100755")
    assert taken.skipped == {"weights.py": LFS_POINTER}
    snapshot = listed(taken.files, store, "octo/app")
    assert "run.py" in snapshot.selected
    assert "link.py" not in snapshot.selected
    assert "outside" in snapshot.skipped["outside.py"]
    assert snapshot.read("link.py") == b"a = 1\n"
    assert snapshot.read("empty.py") == b""


def test_names_of_other_scripts(client: RepositoryClient, repo: Repo, store: BlobStore):
    names = ["ü/é.py", "日本/モジュール.py", "a b/c'd\".py", "-rf.py", "a#b?c%d.py", "back\\slash.py"]
    taken = take(client, repo.commit({**many(60), **{name: name.encode() for name in names}}), store)
    assert complete(taken, store)
    shas = {each.path: each.sha for each in taken.files}
    for name in names:
        assert store.get_many([shas[name]])[shas[name]] == name.encode()


def test_a_name_with_control_characters_is_skipped_with_its_reason(
    client: RepositoryClient, repo: Repo, store: BlobStore
):
    taken = take(client, repo.commit({"a\tb.py": b"x = 1\n", "good.py": b"y = 1\n"}), store)
    assert "good.py" in {each.path for each in taken.files}
    assert not any("\t" in each.path for each in taken.files)
    [reason] = taken.skipped.values()
    assert "control characters" in reason


def test_very_large_files_are_not_fetched(
    client: RepositoryClient, repo: Repo, github: StandIn, store: BlobStore
):
    sha = repo.commit({"large.py": b"x = 1\n" * 400_000, "small.py": b"y = 1\n"})
    taken = take(client, sha, store)
    assert {each.path: each.size for each in taken.files}["large.py"] == 2_400_000
    assert store.known([blob_sha(b"x = 1\n" * 400_000)]) == set()
    assert complete(taken, store)


def test_notebooks_are_named_and_not_fetched(
    client: RepositoryClient, repo: Repo, github: StandIn, store: BlobStore
):
    taken = take(client, repo.commit({"explore.ipynb": b'{"cells": []}'}), store)
    assert requests(github, 0, "/git/blobs/") == 2
    assert listed(taken.files, store, "octo/app").skipped == {"explore.ipynb": "a notebook"}


def test_a_tarball_that_is_none_is_replaced_by_blobs(
    client: RepositoryClient, repo: Repo, github: StandIn, store: BlobStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(client, "tarball", lambda sha, file: file.write(b"<html>sorry</html>"))
    taken = take(client, repo.commit(many(50)), store)
    assert complete(taken, store)
    assert requests(github, 0, "/git/blobs/") == 52


def test_a_failure_keeps_what_was_fetched_before_it(
    client: RepositoryClient, repo: Repo, github: StandIn, store: BlobStore
):
    sha = repo.commit(many(20))
    github.faults.status("GET", "/repos/*/git/blobs/*", 500, skip=12, times=1)
    with pytest.raises(Passing):
        take(client, sha, store)
    since = len(github.exchanges)
    taken = take(client, sha, store)
    assert complete(taken, store)
    assert requests(github, since, "/git/blobs/") == 22 - 12
    assert taken.new_blobs == 10


def test_a_limit_in_the_middle_is_told(
    client: RepositoryClient, repo: Repo, github: StandIn, store: BlobStore
):
    sha = repo.commit(many(10))
    github.faults.secondary_limit("GET", "/repos/*/git/blobs/*", retry_after=20, skip=4)
    with pytest.raises(RateLimited):
        take(client, sha, store)
    assert (
        len(store.known(blob_sha(content) for content in many(10).values() if isinstance(content, bytes))) > 0
    )


def test_a_commit_that_is_not_there_yet_is_worth_another_attempt(client: RepositoryClient, store: BlobStore):
    with pytest.raises(Passing):
        take(client, "1" * 40, store)


def test_a_repository_without_python(client: RepositoryClient, github: StandIn, repo: Repo, store: BlobStore):
    sha = repo.commit({"app.py": None, "pkg/mod.py": None})
    taken = take(client, sha, store)
    assert [each.path for each in taken.files] == ["README.md"]
    assert taken.new_blobs == 0


def test_a_tree_that_github_cuts_short_is_taken_whole(
    client: RepositoryClient, repo: Repo, github: StandIn, store: BlobStore
):
    github.most_tree_entries = 60
    files = {
        f"area{top}/pkg{low}/m{each}.py": b"x = %d\n" % each
        for top in range(3)
        for low in range(3)
        for each in range(12)
    }
    sha = repo.commit(files)
    taken = take(client, sha, store)
    assert {each.path for each in taken.files} == {*files, "app.py", "pkg/mod.py", "README.md"}
    assert complete(taken, store)
    assert requests(github, 0, "/git/trees/") == 2 + 4, "the top twice, then four folders"
