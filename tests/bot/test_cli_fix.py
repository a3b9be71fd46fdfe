"""``fix``: what it writes, what it leaves, and that no file is ever half written."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.write import NotWritten, write_all
from tests.unprivileged import unprivileged

SELECT = ("--select", "old-call")


def test_safe_patches_are_applied(patchwright):
    place = patchwright.write("app/a.py", "old(1)\nold('unsafe')\nold('show')\n")
    done = patchwright("fix", *SELECT)
    assert done.code == 0
    assert place.read_text() == "from lib import new\n\nnew(1)\nold('unsafe')\nold('show')\n"
    assert done.out.splitlines() == [
        "fixed app/a.py:1 old-call",
        "left app/a.py:2 old-call [unsafe] a person must look at its patch: --unsafe-fixes applies it",
        "left app/a.py:3 old-call [display-only] its name is old",
        "1 finding fixed in 1 file, 2 left.",
    ]


def test_unsafe_patches_on_request(patchwright):
    place = patchwright.write("a.py", "old('unsafe')\n")
    patchwright("fix", *SELECT, "--unsafe-fixes")
    assert place.read_text() == "from lib import new\n\nnew('unsafe')\n"


def test_a_second_run_changes_nothing(patchwright):
    place = patchwright.write("a.py", "old(1)\n")
    patchwright("fix", *SELECT)
    before = place.read_bytes(), place.stat().st_mtime_ns
    done = patchwright("fix", *SELECT)
    assert done.out == "0 findings fixed in 0 files, 0 left.\n"
    assert (place.read_bytes(), place.stat().st_mtime_ns) == before


def test_only_what_lies_at_the_paths_is_fixed(patchwright):
    patchwright.git("init", "-q")
    one, two = patchwright.write("a/x.py", "old(1)\n"), patchwright.write("b/y.py", "old(1)\n")
    patchwright("fix", "a", *SELECT)
    assert b"new" in one.read_bytes()
    assert two.read_bytes() == b"old(1)\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\xef\xbb\xbfold(1)\r\n", b"\xef\xbb\xbffrom lib import new\r\n\r\nnew(1)\r\n"),
        (b"from lib import new\n\x0c\nif x:\n\told(1)", b"from lib import new\n\x0c\nif x:\n\tnew(1)"),
        (
            b"# -*- coding: latin-1 -*-\nfrom lib import new\nx = '\xe9', old(1)\n",
            b"# -*- coding: latin-1 -*-\nfrom lib import new\nx = '\xe9', new(1)\n",
        ),
    ],
    ids=["bom and crlf", "form feed, tabs, no final newline", "latin-1"],
)
def test_bytes_around_a_patch_stay(patchwright, before, after):
    place = patchwright.write("a.py", before)
    patchwright("fix", *SELECT)
    assert place.read_bytes() == after


@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o640])
def test_a_files_mode_is_kept(patchwright, mode):
    place = patchwright.write("a.py", "old(1)\n")
    place.chmod(mode)
    patchwright("fix", *SELECT)
    assert b"new" in place.read_bytes()
    assert place.stat().st_mode & 0o7777 == mode


def test_nothing_else_is_left_behind(patchwright):
    patchwright.write("a.py", "old(1)\n")
    patchwright("fix", *SELECT)
    assert [path.name for path in patchwright.root.iterdir()] == ["a.py"]


def test_a_dirty_git_tree_is_the_users_to_see(patchwright):
    patchwright.git("init", "-q")
    patchwright.write("a.py", "old(1)\n")
    patchwright.git("add", ".")
    patchwright.git("commit", "-qm", "one")
    patchwright.write("a.py", "x = 2\nold(1)\n")
    assert patchwright("fix", *SELECT).code == 0
    assert "+x = 2" in patchwright.git("diff")
    assert "+new(1)" in patchwright.git("diff")


def test_the_diff_applies_with_git(patchwright):
    patchwright.git("init", "-q")
    patchwright.write("a.py", b"old(1)\r\nx = 1")
    patchwright.write("sub dir/b.py", "# coding: latin-1\nold('é')\n".encode("latin-1"))
    patch = patchwright("fix", *SELECT, "--diff").raw
    (patchwright.root / "x.patch").write_bytes(patch)
    patchwright.git("apply", "x.patch")
    applied = {path: (patchwright.root / path).read_bytes() for path in ("a.py", "sub dir/b.py")}
    patchwright.git("apply", "-R", "x.patch")
    patchwright("fix", *SELECT)
    assert applied == {path: (patchwright.root / path).read_bytes() for path in applied}
    assert b"new(1)\r\nx = 1" in applied["a.py"]


def test_links_that_lead_outside_are_not_written_through(patchwright, tmp_path):
    outside = tmp_path / "outside.py"
    outside.write_text("old(1)\n")
    (patchwright.root / "a.py").symlink_to(outside)
    patchwright("fix", *SELECT)
    assert outside.read_text() == "old(1)\n"
    assert (patchwright.root / "a.py").is_symlink()


# --- writing


def put(root: Path, **files: str) -> dict[str, tuple[bytes, bytes]]:
    for name, text in files.items():
        (root / f"{name}.py").write_text(text)
    return {f"{name}.py": (text.encode(), b"new\n") for name, text in files.items()}


def test_all_files_or_none(tmp_path):
    changed = put(tmp_path, a="one\n", b="two\n", c="three\n")
    (tmp_path / "b.py").write_text("changed meanwhile\n")
    with pytest.raises(NotWritten, match=r"b\.py: changed while it was being analysed"):
        write_all(tmp_path, changed)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "a.py": "one\n",
        "b.py": "changed meanwhile\n",
        "c.py": "three\n",
    }


def test_a_file_that_vanished(tmp_path):
    changed = put(tmp_path, a="one\n", b="two\n")
    (tmp_path / "b.py").unlink()
    with pytest.raises(NotWritten, match=r"b\.py: No such file"):
        write_all(tmp_path, changed)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["one\n"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_links_outside_are_refused(tmp_path, kind):
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "a.py").write_text("one\n")
    if kind == "file":
        (root / "a.py").symlink_to(outside / "a.py")
        path = "a.py"
    else:
        (root / "sub").symlink_to(outside)
        path = "sub/a.py"
    with pytest.raises(NotWritten, match="symbolic link"):
        write_all(root, {path: (b"one\n", b"new\n")})
    assert (outside / "a.py").read_text() == "one\n"


def test_a_failure_half_way_puts_back_what_was_written(tmp_path, monkeypatch):
    changed = put(tmp_path, a="one\n", b="two\n")
    replace = Path.replace

    def fail(self, target):
        if target.name == "b.py":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(NotWritten, match="No space left"):
        write_all(tmp_path, changed)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.py": "one\n", "b.py": "two\n"}


def test_a_file_that_is_not_writable():
    with unprivileged() as folder:
        changed = put(folder, a="one\n")
        (folder / "a.py").chmod(0o400)
        with pytest.raises(NotWritten, match="not writable"):
            write_all(folder, changed)
        assert (folder / "a.py").read_text() == "one\n"
