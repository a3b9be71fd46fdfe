"""Known lines are judged as ``tests/accuracy.py`` says."""

from __future__ import annotations

import pytest

from codemods.engine.run.diff import unified
from tests.accuracy import Known, changed_lines, judge, read_known, table

BEFORE = b"".join(b"line %d\n" % number for number in range(1, 31))


def patch(path="a.py", old=b"line 10\n", new=b"ten\n"):
    return unified({path: (BEFORE, BEFORE.replace(old, new))})


def known(kind="positive", line=10, path="a.py"):
    return Known("rule", kind, "owner/name", "0123456789", path, line, "why")


def found(line=10, path="a.py", rule="rule", **more):
    return {
        "rule": rule, "path": path, "line": line, "end_line": line, "message": "m", "reason": "r",
        "applicability": "safe", "patch": None, **more,
    }  # fmt: skip


def test_changed_lines_are_those_of_the_one_file():
    assert changed_lines(patch(), "a.py") == {10}
    assert changed_lines(patch(), "b.py") == set()
    assert changed_lines(patch(new=b"ten\n-- eleven\n++ twelve\n"), "a.py") == {10}
    assert changed_lines(patch(old=b"line 10\nline 11\n", new=b""), "a.py") == {10, 11}


def test_lines_that_look_like_headers_are_lines():
    before, after = b"-- a/b.py\nx\n", b"x\n"
    assert changed_lines(unified({"a.py": (before, after)}), "a.py") == {1}


@pytest.mark.parametrize(
    ("row", "finding", "word"),
    [
        (known(), found(patch=patch()), "patched"),
        (known(), found(13), "reported"),
        (known(), found(14), "missed"),
        (known(), found(path="b.py"), "missed"),
        (known(), found(rule="other"), "missed"),
        (known("tricky-negative"), found(patch=patch()), "touched"),
        (known("tricky-negative"), found(), "left"),
        (known("tricky-negative", 12), found(patch=patch()), "left"),
        (known("tricky-negative"), found(1, "b.py", patch=patch()), "touched"),
    ],
)
def test_verdicts(row, finding, word):
    assert judge(row, [finding]).word == word


def test_the_table_counts_by_rule():
    verdicts = [judge(known(), [found(patch=patch())]), judge(known("tricky-negative"), [])]
    lines = list(table({"x": [found(patch=patch()), found()]}, verdicts))
    assert "| rule | 2 | 1 | 0 | 1 |" in lines
    assert "| rule | 1 | 1 | 0 | 0 | 1 | 0 |" in lines


def test_rows_are_read_as_written(tmp_path):
    path = tmp_path / "known.tsv"
    path.write_text(
        'rule\tkind\trepo\tcommit\tpath\tline\texpected\nr\tpositive\to/n\t0123456789ab\ta.py\t3\tsay "x"\n'
    )
    (row,) = read_known(path)
    assert (row.folder, row.line, row.expected) == ("o__n__01234567", 3, 'say "x"')
