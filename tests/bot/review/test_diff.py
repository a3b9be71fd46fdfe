"""Which lines of the head a comment may stand on, and which of them the author wrote."""

from __future__ import annotations

import pytest

from bot.review.diff import Diff, file_diff
from tests.bot.review.world import diff_of

TWENTY = "".join(f"line {number}\n" for number in range(1, 21)).encode()


def one(before: bytes, after: bytes):
    return diff_of({"a.py": before}, {"a.py": after}).files["a.py"]


def test_hunks_hold_three_lines_around_what_changed():
    file = one(TWENTY, TWENTY.replace(b"line 10\n", b"ten\nand more\n"))
    (hunk,) = file.hunks
    assert (hunk.start, hunk.end) == (7, 14)
    assert hunk.lines[3:5] == ("ten", "and more")
    assert file.touched(1, 30) == [10, 11]
    assert file.touched(11, 13) == [11]
    assert file.hunk(7, 14)
    assert not file.hunk(6, 8)
    assert not file.hunk(14, 15)


def test_places_far_apart_are_two_hunks():
    file = one(TWENTY, TWENTY.replace(b"line 2\n", b"two\n").replace(b"line 18\n", b""))
    assert [(hunk.start, hunk.end) for hunk in file.hunks] == [(1, 5), (15, 19)]
    assert not file.hunk(5, 15)
    assert file.touched(1, 20) == [2]


def test_a_file_of_one_line():
    assert one(b"a\n", b"b\n").touched(1, 1) == [1]


def test_an_added_file_is_all_its_authors():
    file = diff_of({}, {"a.py": TWENTY}).files["a.py"]
    assert file.status == "added"
    assert file.touched(1, 99) == list(range(1, 21))


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_no_newline_at_the_end(end):
    file = one(b"a\nb" + end, b"a\nc")
    assert file.touched(1, 9) == [2]
    assert file.hunks[0].lines == ("a", "c")


def test_a_file_that_becomes_empty_has_no_line_to_comment_on():
    file = one(b"a\n", b"")
    assert file.touched(0, 9) == []
    assert not file.hunk(1, 1)


def test_carriage_returns_stay_and_other_separators_end_no_line():
    file = one(b"a\r\nb\n", b"a\r\nx\x0cy\xe2\x80\xa8z\n")
    assert file.hunks[0].lines == ("a\r", "x\x0cy\u2028z")


def test_lines_that_look_like_a_diff_are_content():
    text = b'D = """\n@@ -1,3 +1,3 @@\n-- a\n++ b\n+++ c\n"""\n'
    file = one(b"", text)
    assert file.hunks[0].lines == tuple(text.decode().split("\n")[:-1])
    assert len(file.hunks) == 1


def test_renames_are_known_by_both_names_and_removed_files_take_nothing():
    diff = diff_of({"a.py": TWENTY, "b.py": b"x\n"}, {"c.py": TWENTY.replace(b"line 3\n", b"three\n")})
    assert diff.renamed == {"a.py": "c.py"}
    assert diff.touched("c.py", 1, 20) == [3]
    assert diff.touched("b.py", 1, 20) == []
    assert diff.files["b.py"].status == "removed"


def test_binary_files_and_merely_renamed_ones_have_no_hunks():
    diff = diff_of({"a.bin": b"\0one", "b.py": TWENTY}, {"a.bin": b"\0two", "c.py": TWENTY})
    assert diff.files["a.bin"].hunks == ()
    assert diff.files["c.py"].hunks == ()
    assert diff.touched("c.py", 1, 20) == []


@pytest.mark.parametrize("patch", [None, "", "Binary files differ", "@@ nonsense @@\n+a", "+a\n+b"])
def test_what_is_no_hunk_takes_no_comment(patch):
    file = file_diff("a.py", "modified", patch)
    assert not file.hunk(1, 1)


def test_a_patch_that_is_cut_off_counts_as_far_as_it_goes():
    file = file_diff("a.py", "modified", "@@ -1,9 +1,9 @@\n a\n-b\n+c\n")
    assert file.hunk(1, 2)
    assert not file.hunk(1, 3)
    assert file.touched(1, 9) == [2]


def test_unknown_files_are_untouched():
    assert Diff().touched("a.py", 1, 5) == []
