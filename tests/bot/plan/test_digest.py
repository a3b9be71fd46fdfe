"""The digest of a change is the same where it is the same change, and only where git merges it without a conflict."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.plan.digest import patch_digest, path_mark

BEFORE = "a\nb\nc\nd\ne\nf\ng\n"
AFTER = "a\nb\nc\nD\ne\nf\ng\n"


def digest(before, after, path="m.py"):
    return patch_digest({path: (before.encode(), after.encode())})


SAME = digest(BEFORE, AFTER)


def test_where_it_stands_does_not_matter():
    assert digest("new\nnew\n" + BEFORE, "new\nnew\n" + AFTER) == SAME
    assert digest(BEFORE.replace("a\n", "A\n"), AFTER.replace("a\n", "A\n")) == SAME


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BEFORE, AFTER.replace("D", "Δ")),
        (BEFORE.replace("d", "Δ"), AFTER),
        (BEFORE.replace("c", "C"), AFTER.replace("c", "C")),
        (BEFORE.replace("e", "E"), AFTER.replace("e", "E")),
        (BEFORE.replace("c\n", ""), AFTER.replace("c\n", "")),
        (BEFORE, AFTER.replace("g", "G")),
    ],
)
def test_what_it_is_and_what_stands_beside_it_does(before, after):
    assert digest(before, after) != SAME


def test_the_file_does_too():
    assert digest(BEFORE, AFTER, "n.py") != SAME
    assert path_mark("m.py") != path_mark("n.py")


def test_lines_are_not_run_together():
    assert digest("a\nb\n", "a\nb\nc\n") != digest("a\n", "a\nb\nc\n")


lines = st.lists(
    st.sampled_from([f"line {letter}" for letter in "abcdefgh"]), min_size=3, max_size=9, unique=True
)


@settings(max_examples=40, deadline=None)
@given(lines, st.data())
def test_with_the_same_digest_git_merges_the_old_commit(tmp_path_factory, old, data):
    """The branch that is not moved can still be merged into the newer base, and gives what a new one would."""
    at = data.draw(st.integers(0, len(old) - 1))
    where = data.draw(st.integers(0, len(old)))
    kind = data.draw(st.sampled_from(["insert", "replace", "delete"]))
    patched = [*old[:at], "patched", *old[at + 1 :]]
    newer = [*old[:where], *([] if kind == "delete" else ["base"]), *old[where + (kind != "insert") :]]
    if old[at] not in newer:
        return
    wanted = ["patched" if line == old[at] else line for line in newer]
    texts = {
        name: "\n".join(each) + "\n" for name, each in (("old", old), ("ours", patched), ("base", newer))
    }
    goal = "\n".join(wanted) + "\n"
    if digest(texts["old"], texts["ours"]) != digest(texts["base"], goal):
        return
    folder = tmp_path_factory.mktemp("merge")
    for name, text in texts.items():
        (folder / name).write_text(text)
    words = ["git", "merge-file", "-p", "base", "old", "ours"]
    merged = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert (merged.returncode, merged.stdout) == (0, goal)
