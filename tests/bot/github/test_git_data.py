"""Commits, trees, blobs and tarballs on real git repositories."""

from __future__ import annotations

import io
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from bot.github.client import Blob
from bot.github.errors import Passing, Refused
from bot.github.git_data import blob_sha
from tests.github.bare import Executable, Submodule, Symlink

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from tests.github.repositories import Repo
    from tests.github.server import StandIn


def test_a_commit(client: RepositoryClient, repo: Repo):
    first = repo.tip
    second = repo.commit({"app.py": b"a = 2\n"}, "fix: it\n\nbody", author=("Ann", "ann@example.com"))
    found = client.commit(second)
    assert (found.sha, found.parents, found.message.strip()) == (second, (first,), "fix: it\n\nbody")
    assert (found.author_name, found.author_email, found.verified) == ("Ann", "ann@example.com", False)


def test_a_tree_with_all_kinds_of_entries(client: RepositoryClient, repo: Repo):
    sha = repo.commit(
        {
            "run.py": Executable(b"#!"),
            "link.py": Symlink("app.py"),
            "sub": Submodule("1" * 40),
            "ü/é.py": b"x",
        }
    )
    listing = client.tree(sha)
    assert not listing.truncated
    found = {each.path: (each.mode, each.type) for each in listing.entries}
    assert found["run.py"] == ("100755", "blob")
    assert found["link.py"] == ("120000", "blob")
    assert found["sub"] == ("160000", "commit")
    assert found["pkg"] == ("040000", "tree")
    assert found["ü/é.py"] == ("100644", "blob")
    [app] = [each for each in listing.entries if each.path == "app.py"]
    assert (app.sha, app.size) == (blob_sha(b"a = 1\n"), 6)
    assert {each.path for each in client.tree_flat(sha).entries} >= {"app.py", "pkg"}
    assert not any("/" in each.path for each in client.tree_flat(sha).entries)


def test_blobs_are_checked(client: RepositoryClient, github: StandIn):
    data = bytes(range(256)) * 10
    sha = client.create_blob(data)
    assert sha == blob_sha(data)
    assert client.blob(sha) == data
    with pytest.raises(Passing, match="not there yet"):
        client.blob("0" * 39 + "1")
    other = {"sha": sha, "content": "YQ==\n", "encoding": "base64", "size": 1, "url": "x", "node_id": "y"}
    github.faults.add(_answering(f"/repos/octo/app/git/blobs/{sha}", other))
    with pytest.raises(Passing, match="other bytes"):
        client.blob(sha)


def _answering(path: str, body: object):
    from tests.github.faults import Fault

    return Fault("another body", "GET", path, status=200, body=body)


def test_a_commit_of_the_app_keeps_modes_and_is_verified(client: RepositoryClient, repo: Repo):
    base = repo.commit({"run.py": Executable(b"old\n"), "gone.py": b"x = 1\n"})
    blob = client.create_blob(b"\xff\xfe binary")
    tree = client.create_tree(
        client.commit(base).tree,
        [
            ("run.py", "100755", "new\n"),
            ("data.bin", "100644", Blob(blob)),
            ("gone.py", "100644", None),
            ("ü.py", "100644", "é = 1\n"),
        ],
    )
    made = client.commit(client.create_commit("fix: all\n\nTrailer: x", tree, [base]))
    assert made.verified
    assert made.parents == (base,)
    assert client.made_by_app(made)
    files = {
        each.path: (each.mode, each.sha) for each in client.tree(made.sha).entries if each.type == "blob"
    }
    assert files["run.py"] == ("100755", blob_sha(b"new\n"))
    assert files["data.bin"] == ("100644", blob)
    assert files["ü.py"] == ("100644", blob_sha("é = 1\n".encode()))
    assert "gone.py" not in files
    assert files["app.py"] == ("100644", blob_sha(b"a = 1\n"))


def test_no_author_is_given(client: RepositoryClient, repo: Repo, github: StandIn):
    client.create_commit("own", client.commit(repo.tip).tree, [repo.tip])
    [sent] = github.exchanges.to("POST", "/git/commits")
    assert set(sent.request_json) == {"message", "tree", "parents"}


def test_a_tarball_is_streamed_without_the_apps_token(client: RepositoryClient, repo: Repo, github: StandIn):
    file = io.BytesIO()
    client.tarball(repo.tip, file)
    file.seek(0)
    with tarfile.open(fileobj=file) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"app.py", "pkg/mod.py"} <= names
    assert all(
        "authorization" not in each.request_headers
        for each in github.exchanges
        if "tarball" not in each.path and "tar.gz" in each.path
    )


def test_a_tarball_over_the_limit_is_refused_early(client: RepositoryClient, repo: Repo):
    noise = subprocess.run(["head", "-c", "300000", "/dev/urandom"], capture_output=True, check=True).stdout
    sha = repo.commit({"noise.bin": noise})
    file = io.BytesIO()
    with pytest.raises(Refused, match="larger than 100,000 bytes"):
        client.tarball(sha, file, 100_000)
    assert file.tell() <= 100_000


def test_a_tarball_of_nothing_passes(client: RepositoryClient):
    with pytest.raises(Passing):
        client.tarball("0" * 39 + "1", io.BytesIO())
