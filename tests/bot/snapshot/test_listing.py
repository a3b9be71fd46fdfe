"""Listing a commit's files: whole, cut short, very many, and with names that nobody should trust."""

from __future__ import annotations

import hashlib

import pytest

from bot.github.errors import Passing, Refused
from bot.github.model import Entry, Listing
from bot.snapshot import listing
from bot.snapshot.listing import list_files


class Trees:
    """Trees as GitHub lists them, cut short above ``limit`` entries. Files are given with their modes."""

    def __init__(self, files: dict[str, str], limit: int = 1000) -> None:
        self.limit = limit
        self.asked: list[str] = []
        self._folders: dict[str, str] = {}
        self._files = files
        for path in files:
            parts = path.split("/")[:-1]
            for length in range(len(parts) + 1):
                folder = "/".join(parts[:length])
                self._folders[hashlib.sha1(folder.encode()).hexdigest()] = folder
        self.root = hashlib.sha1(b"").hexdigest()

    def tree(self, sha: str) -> Listing:
        return self._below(sha, recursive=True)

    def tree_flat(self, sha: str) -> Listing:
        return self._below(sha, recursive=False)

    def _below(self, sha: str, *, recursive: bool) -> Listing:
        folder = self._folders[sha]
        self.asked.append(f"{folder}{'/**' if recursive else ''}")
        prefix = f"{folder}/" if folder else ""
        entries = [
            Entry(each.removeprefix(prefix), "040000", "tree", name)
            for name, each in self._folders.items()
            if each and each != folder and each.startswith(prefix)
        ]
        for path, mode in self._files.items():
            if path.startswith(prefix):
                kind = "commit" if mode == "160000" else "blob"
                name = hashlib.sha1(path.encode("utf-8", "surrogatepass")).hexdigest()
                entries.append(Entry(path.removeprefix(prefix), mode, kind, name, 10))
        if not recursive:
            entries = [each for each in entries if "/" not in each.path]
        return Listing(tuple(entries[: self.limit]), truncated=len(entries) > self.limit)


def regular(*paths: str) -> dict[str, str]:
    return dict.fromkeys(paths, "100644")


def test_files_links_and_submodules_without_folders():
    trees = Trees({"a.py": "100644", "run": "100755", "b/link.py": "120000", "sub": "160000"})
    found = list_files(trees, trees.root)
    assert {each.path: each.mode for each in found.files} == trees._files
    assert found.bytes == 40
    assert trees.asked == ["/**"]


def test_a_tree_that_was_cut_short_is_walked_by_its_folders():
    files = regular(
        *(f"{top}/{low}/m{each}.py" for top in "abc" for low in "xy" for each in range(5)), "top.py"
    )
    trees = Trees(files, limit=12)
    found = list_files(trees, trees.root)
    assert {each.path for each in found.files} == set(files)
    assert len(trees.asked) == 2 + 3, trees.asked
    trees = Trees(files, limit=9)
    assert {each.path for each in list_files(trees, trees.root).files} == set(files)


def test_installed_packages_of_a_tree_that_was_cut_short_are_not_walked():
    files = regular("a.py", *(f"web/node_modules/p{each}/i.js" for each in range(40)))
    trees = Trees(files, limit=12)
    found = list_files(trees, trees.root)
    assert [each.path for each in found.files] == ["a.py"]
    assert found.skipped == {"web/node_modules": "installed packages"}
    assert not any("node_modules" in each for each in trees.asked)


def test_one_folder_that_is_cut_short_by_itself_is_no_listing():
    trees = Trees(regular(*(f"m{each}.py" for each in range(40))), limit=12)
    with pytest.raises(Passing, match="only in part"):
        list_files(trees, trees.root)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("a\nb.py", "control characters"),
        ("\x1b[31mred.py", "control characters"),
        ("caf\ufffd.py", "not valid UTF-8"),
        ("caf\udce9.py", "control characters"),
        ("../up.py", "leads elsewhere"),
        ("a/../../up.py", "leads elsewhere"),
        ("/etc/passwd.py", "leads elsewhere"),
        ("a//b.py", "leads elsewhere"),
        (".GIT/hooks/x.py", "leads elsewhere"),
    ],
)
def test_names_that_are_not_worked_on_have_their_reason(path: str, reason: str):
    trees = Trees(regular(path, "good.py", ".github/x.py"))
    found = list_files(trees, trees.root)
    assert [each.path for each in found.files] == ["good.py", ".github/x.py"]
    [(shown, why)] = found.skipped.items()
    assert reason in why
    assert shown.isprintable()


def test_of_very_many_files_only_those_that_matter_are_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listing, "_MANY", 20)
    files = regular(*(f"data/{each}.json" for each in range(50)), "a.py", "pyproject.toml", ".gitignore")
    files |= {"link": "120000", "sub": "160000", "env/pyvenv.cfg": "100644", "z.txt": "100644"}
    trees = Trees(files)
    kept = {each.path for each in list_files(trees, trees.root).files}
    assert kept == {"a.py", "pyproject.toml", ".gitignore", "link", "sub", "env/pyvenv.cfg"}


def test_more_files_than_anyone_has_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listing, "_MOST_FILES", 20)
    trees = Trees(regular(*(f"{each}.py" for each in range(21))))
    with pytest.raises(Refused, match="more than 20 files"):
        list_files(trees, trees.root)


def test_an_endless_number_of_folders_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listing, "_MOST_TREES", 5)
    trees = Trees(regular(*(f"{top}/{each}.py" for top in range(9) for each in range(5))), limit=9)
    with pytest.raises(Refused, match="more than 5 folders"):
        list_files(trees, trees.root)
