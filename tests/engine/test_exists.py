"""Whether a file of any kind is there, asked of every kind of snapshot."""

from __future__ import annotations

import pytest

from codemods.engine.files.discover import discover
from codemods.engine.files.listed import listed
from codemods.engine.files.snapshot import MemorySnapshot, OverlaySnapshot
from codemods.engine.project import Project
from tests.engine.git_listing import GitBlobs, committed, files_of, git

FILES = {
    "app/main.py": b"x = 1\n",
    "config/model.json": b"{}",
    "run.sh": b"",
    "config/deep/data.bin": b"\xff",
}
THERE = ("app/main.py", "config/model.json", "run.sh", "config", "config/deep", "app")
ABSENT = ("config/other.json", "model.json", "app/main.py/x", "conf", "a\0b", "other/model.json")


@pytest.fixture(params=["memory", "overlay", "disk", "listed"])
def snapshot(request, tmp_path):
    if request.param == "memory":
        return MemorySnapshot(FILES)
    if request.param == "overlay":
        return OverlaySnapshot(MemorySnapshot(FILES), {"app/main.py": b"x = 2\n"})
    git(tmp_path, "init", "-q", "repository")
    root = tmp_path / "repository"
    for path, data in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    if request.param == "disk":
        return discover([root])
    committed(root)
    return listed(files_of(root), GitBlobs(root), "here")


def test_files_of_any_kind_and_folders_exist(snapshot):
    assert {path: snapshot.exists(path) for path in (*THERE, *ABSENT)} == {
        **dict.fromkeys(THERE, True),
        **dict.fromkeys(ABSENT, False),
    }


def test_what_a_link_shows_of_the_machine_does_not_exist(tmp_path):
    git(tmp_path, "init", "-q", "repository")
    root = tmp_path / "repository"
    (tmp_path / "secret.txt").write_text("outside")
    (root / "inside.txt").write_text("inside")
    (root / "up").symlink_to("..")
    (root / "alias.txt").symlink_to("inside.txt")
    on_disk = discover([root])
    committed(root)
    for each in (on_disk, listed(files_of(root), GitBlobs(root), "here")):
        assert not each.exists("up/secret.txt")
        assert each.exists("alias.txt")


def test_a_result_rests_on_the_answer():
    project = Project(MemorySnapshot(FILES))
    with project.tracing() as trace:
        assert project.exists("config/model.json")
        assert not project.exists("gone.json")
    assert trace == {("exists", "config/model.json"): "True", ("exists", "gone.json"): "False"}
    without = {path: data for path, data in FILES.items() if path != "config/model.json"}
    later = Project(MemorySnapshot({**without, "gone.json": b""}))
    assert [later.answer(*question) for question in trace] == ["False", "True"]
