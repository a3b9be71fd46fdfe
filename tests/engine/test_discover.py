"""Which files are found on disk, and why others are not."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from codemods.engine.files import discover as module
from codemods.engine.files import disk
from codemods.engine.files.discover import NotFound, discover
from codemods.engine.files.disk import UNREADABLE
from codemods.engine.files.generated import left_alone
from codemods.engine.files.ignored import Patterns


def put(root: Path, *paths: str, data: bytes = b"x = 1\n") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


@pytest.fixture
def root(tmp_path):
    """A git working tree; files are put below it by each test."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    return tmp_path


def selected(root: Path, *below: str) -> list[str]:
    return sorted(discover([root / path for path in below] or [root]).selected)


def test_python_files_and_stubs_are_found(root):
    put(root, "a.py", "pkg/b.pyi", "pkg/deep/c.py", "README.md", "run.sh")
    assert selected(root) == ["a.py", "pkg/b.pyi", "pkg/deep/c.py"]


def test_manifests_are_listed_apart(root):
    put(
        root,
        "pyproject.toml",
        "requirements.txt",
        "requirements/dev.txt",
        "sub/setup.cfg",
        "notes.txt",
        "a.py",
    )
    assert discover([root]).manifests == [
        "pyproject.toml",
        "requirements.txt",
        "requirements/dev.txt",
        "sub/setup.cfg",
    ]


def test_paths_limit_what_is_reported_but_not_what_names_are_resolved_in(root):
    put(root, "app/a.py", "app/b.py", "tests/test_a.py")
    snapshot = discover([root / "app" / "a.py", root / "tests"])
    assert sorted(snapshot.selected) == ["app/a.py", "tests/test_a.py"]
    assert "app/b.py" in snapshot.python


def test_the_root_is_the_git_working_tree(root):
    put(root, "sub/pyproject.toml", "sub/app/a.py")
    assert discover([root / "sub" / "app"]).root == root
    assert selected(root, "sub/app") == ["sub/app/a.py"]


def test_a_git_file_of_a_worktree_marks_the_root(tmp_path):
    put(tmp_path, ".git", data=b"gitdir: /elsewhere\n")
    put(tmp_path, "app/a.py")
    assert discover([tmp_path / "app"]).root == tmp_path


def test_without_git_the_nearest_pyproject_marks_the_root(tmp_path):
    put(tmp_path, "project/pyproject.toml", "project/app/a.py")
    assert discover([tmp_path / "project" / "app"]).root == tmp_path / "project"


def test_without_any_mark_the_given_folder_is_the_root(tmp_path):
    put(tmp_path, "one/a.py", "two/b.py")
    assert discover([tmp_path / "one"]).python == ["a.py"]


def test_a_given_package_has_its_root_above_it(tmp_path):
    put(tmp_path, "work/app/__init__.py", "work/app/sub/__init__.py", "work/app/sub/a.py")
    snapshot = discover([tmp_path / "work" / "app" / "sub"])
    assert snapshot.root == tmp_path / "work"
    assert sorted(snapshot.selected) == ["app/sub/__init__.py", "app/sub/a.py"]


def test_a_lone_file_does_not_pull_in_the_tree_around_it(tmp_path):
    put(tmp_path, "a.py", "b.py", "other/c.py")
    snapshot = discover([tmp_path / "a.py"])
    assert snapshot.python == ["a.py", "b.py"]
    assert snapshot.selected == {"a.py"}


def test_paths_of_two_repositories_are_refused(tmp_path):
    for name in ("one", "two"):
        put(tmp_path, f"{name}/a.py")
        subprocess.run(["git", "init", "-q", tmp_path / name], check=True)
    with pytest.raises(NotFound, match="different git repositories"):
        discover([tmp_path / "one", tmp_path / "two"])


@pytest.mark.parametrize("names", [("one", "two"), ("two", "one")])
def test_paths_inside_and_outside_a_repository_are_refused_in_any_order(tmp_path, names):
    put(tmp_path, "one/a.py", "two/a.py")
    subprocess.run(["git", "init", "-q", tmp_path / "one"], check=True)
    with pytest.raises(NotFound, match="some outside it"):
        discover([tmp_path / name for name in names])


def test_a_missing_path_is_refused(tmp_path):
    with pytest.raises(NotFound, match="no such file or folder"):
        discover([tmp_path / "missing"])


def test_a_folder_that_the_repository_ignores_is_looked_at_by_itself(root):
    put(root, ".gitignore", data=b"/checkouts/\n")
    put(root, "checkouts/one/app/a.py")
    snapshot = discover([root / "checkouts" / "one"])
    assert snapshot.root == root / "checkouts" / "one"
    assert snapshot.selected == {"app/a.py"}


@pytest.mark.parametrize(
    ("path", "culprit", "reason"),
    [
        (".venv/lib/a.py", ".venv", "virtual environment"),
        ("venv/lib/a.py", "venv", "virtual environment"),
        ("node_modules/gyp/a.py", "node_modules", "installed packages"),
        ("lib/site-packages/a.py", "lib/site-packages", "installed packages"),
        ("vendor/a.py", "vendor", "vendored folder"),
        ("app/_vendor/lib/a.py", "app/_vendor", "vendored folder"),
        ("third_party/a.py", "third_party", "vendored folder"),
        ("api/echo_pb2.py", "api/echo_pb2.py", "generated: protocol buffers"),
        ("api/echo_pb2_grpc.py", "api/echo_pb2_grpc.py", "generated: protocol buffers"),
        ("shop/migrations/0001_initial.py", "shop/migrations", "generated: database migrations"),
        ("alembic/versions/abc_add.py", "alembic/versions", "generated: database migrations"),
        ("analysis.ipynb", "analysis.ipynb", "a notebook"),
    ],
)
def test_skipped_with_one_line(root, path, culprit, reason):
    put(root, path)
    snapshot = discover([root])
    assert snapshot.selected == frozenset()
    assert snapshot.skipped == {culprit: reason}


@pytest.mark.parametrize("folder", ["__pycache__", ".tox", ".nox", ".eggs", "build", "dist", ".mypy_cache"])
def test_skipped_without_a_line(root, folder):
    put(root, f"{folder}/a.py")
    snapshot = discover([root])
    assert (snapshot.python, snapshot.skipped) == ([], {})


def test_env_is_a_virtual_environment_only_with_its_mark(root):
    put(root, "env/a.py", "tools/env/b.py", "tools/env/pyvenv.cfg")
    assert selected(root) == ["env/a.py"]


def test_a_package_called_build_is_code(root):
    put(root, "build/__init__.py", "build/steps.py")
    assert selected(root) == ["build/__init__.py", "build/steps.py"]


def test_a_shops_vendor_app_is_code(root):
    put(root, "vendor/models.py", "vendor/views.py")
    assert selected(root) == ["vendor/models.py", "vendor/views.py"]


def test_names_are_resolved_in_generated_and_vendored_files(root):
    put(root, "app/_vendor/lib.py", "app/echo_pb2.py", "app/migrations/0001_initial.py")
    assert discover([root]).python == [
        "app/_vendor/lib.py",
        "app/echo_pb2.py",
        "app/migrations/0001_initial.py",
    ]


@pytest.mark.parametrize(
    "head",
    [
        b"# @generated by tool\n",
        b"# Code generated by x. DO NOT EDIT.\n",
        b'"""Made by x.\n\nDO NOT EDIT\n"""\n',
    ],
)
def test_generated_by_what_it_says(root, head):
    put(root, "a.py", data=head + b"x = 1\n")
    put(root, "b.py")
    snapshot = discover([root])
    assert snapshot.selected == {"b.py"}
    assert snapshot.skipped["a.py"].startswith("generated: says ")


def test_a_string_that_says_generated_is_no_mark(root):
    put(root, "a.py", data=b'MARK = "@generated"\n')
    assert selected(root) == ["a.py"]


def test_gitignore_files_hold_below_their_folders(root):
    put(root, ".gitignore", data=b"# local\nlocal_*.py\n/scratch/\n!local_kept.py\n")
    put(root, "sub/.gitignore", data=b"inner.py\n!local_too.py\n")
    put(
        root,
        "local_a.py",
        "local_kept.py",
        "scratch/b.py",
        "sub/scratch/c.py",
        "sub/inner.py",
        "sub/local_too.py",
        "inner.py",
    )
    assert selected(root) == ["inner.py", "local_kept.py", "sub/local_too.py", "sub/scratch/c.py"]
    assert discover([root]).skipped["scratch"] == "ignored by .gitignore"


def test_gitignore_agrees_with_git(root):
    patterns = [
        "*.tmp.py",
        "/top.py",
        "deep/**/x.py",
        "folder/",
        "[ab]_?.py",
        "!a_1.py",
        "foo/bar/*.py",
        "\\#odd.py",
    ]
    put(root, ".gitignore", data="\n".join(patterns).encode())
    names = ["m.tmp.py", "top.py", "in/top.py", "deep/x.py", "deep/a/b/x.py", "in/folder/q.py", "folder.py"]
    names += ["a_1.py", "b_2.py", "c_3.py", "foo/bar/z.py", "foo/bar/baz/z.py", "in/foo/bar/z.py", "#odd.py"]
    put(root, *names)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert selected(root) == sorted(path for path in listed.split("\0") if path.endswith(".py"))


def test_an_unreadable_pattern_does_not_lose_the_others(root):
    put(root, ".gitignore", data=b"!\n//\nout.py\n\xff\n")
    put(root, "a.py", "out.py")
    assert selected(root) == ["a.py"]


def test_a_huge_file_is_never_read(root, monkeypatch):
    with (root / "big.py").open("wb") as file:
        file.truncate(50_000_000)
    monkeypatch.setattr(disk.os, "read", lambda *_: pytest.fail("read"))
    snapshot = discover([root])
    assert snapshot.skipped == {"big.py": "larger than 2,000,000 bytes"}
    assert snapshot.read("big.py") == UNREADABLE


def test_a_binary_renamed_is_skipped(root):
    put(root, "a.py", data=b"\x7fELF\x00\x00")
    assert discover([root]).skipped == {"a.py": "binary: holds a NUL byte"}


def test_wrongly_encoded_text_is_skipped(root):
    put(root, "a.py", data="name = 'é'\n".encode("latin-1"))
    put(root, "b.py", data="# coding: latin-1\nname = 'é'\n".encode("latin-1"))
    snapshot = discover([root])
    assert snapshot.selected == {"b.py"}
    assert snapshot.skipped["a.py"].startswith("encoding: ")


def test_links_are_resolved_but_not_reported(root):
    put(root, "a.py", "pkg/b.py")
    (root / "link.py").symlink_to("a.py")
    (root / "linked").symlink_to("pkg")
    snapshot = discover([root])
    assert snapshot.selected == {"a.py", "pkg/b.py"}
    assert snapshot.python == ["a.py", "link.py", "linked/b.py", "pkg/b.py"]
    assert snapshot.skipped["link.py"] == "symbolic link to another file of the project"


def test_links_that_lead_outside_are_skipped(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    put(outside, "secret.py")
    (root / "secret.py").symlink_to(outside / "secret.py")
    (root / "folder").symlink_to(outside)
    snapshot = discover([root])
    assert snapshot.python == []
    assert set(snapshot.skipped.values()) == {"symbolic link that leads outside the project"}


def test_loops_end(root):
    put(root, "a/x.py", "b/y.py")
    (root / "a" / "up").symlink_to("..")
    (root / "a" / "self").symlink_to(".")
    (root / "a" / "other").symlink_to("../b")
    (root / "b" / "other").symlink_to("../a")
    (root / "gone.py").symlink_to("gone.py")
    snapshot = discover([root])
    assert snapshot.selected == {"a/x.py", "b/y.py"}
    assert "loop" in snapshot.skipped["a/up"]
    assert "gone.py" in snapshot.skipped


def test_other_kinds_of_files_are_skipped(root):
    put(root, "a.py")
    os.mkfifo(root / "pipe.py")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(root)
        server.bind("sock.py")
        os.chdir(here)
        snapshot = discover([root])
    assert snapshot.selected == {"a.py"}
    assert snapshot.skipped == {"pipe.py": "not a regular file", "sock.py": "not a regular file"}


def test_a_folder_that_cannot_be_listed_is_skipped(root, monkeypatch):
    put(root, "a.py", "closed/b.py")
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(module.os, "scandir", refuse)
    snapshot = discover([root])
    assert snapshot.skipped == {"closed": "cannot be read: Permission denied"}
    assert snapshot.selected == {"a.py"}


def test_a_vanished_file_is_unreadable_and_said_so(root):
    put(root, "a.py", "echo_pb2.py")
    snapshot = discover([root])
    (root / "echo_pb2.py").unlink()
    assert snapshot.read("echo_pb2.py") == UNREADABLE
    assert snapshot.skipped["echo_pb2.py"] == "cannot be read: No such file or directory"


def test_a_file_stays_as_it_was_when_first_read(root):
    put(root, "a.py")
    snapshot = discover([root])
    before = snapshot.digest("a.py")
    put(root, "a.py", data=b"y = 2\n")
    assert snapshot.read("a.py") == b"x = 1\n"
    assert snapshot.digest("a.py") == before


def test_names_that_are_not_utf8_survive(root):
    name = os.fsdecode(b"caf\xe9.py")
    put(root, name)
    snapshot = discover([root])
    assert snapshot.selected == {name}
    assert snapshot.read(name) == b"x = 1\n"


def test_another_repository_inside_is_skipped(root):
    put(root, "sub/a.py", "b.py")
    subprocess.run(["git", "init", "-q", root / "sub"], check=True)
    snapshot = discover([root])
    assert snapshot.selected == {"b.py"}
    assert snapshot.skipped == {"sub": "another git repository"}


def test_a_named_file_that_is_not_python_is_said_so(root):
    put(root, "notes.txt")
    assert discover([root / "notes.txt"]).skipped == {"notes.txt": "not a Python file (.py or .pyi)"}


def test_links_and_vendored_folders_are_not_to_be_changed(root):
    put(root, "a.py", "vendor/b.py", "pkg/c.py")
    (root / "link.py").symlink_to("a.py")
    snapshot = discover([root / "pkg"])
    nothing = Patterns([])
    assert [path for path in snapshot.python if left_alone(snapshot, path, nothing)] == [
        "link.py",
        "vendor/b.py",
    ]
