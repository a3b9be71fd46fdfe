"""A suggestion, taken, gives the file that the finding's patch gives; what can't be one is none."""

from __future__ import annotations

import random
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.review.diff import FileDiff, file_diff
from bot.review.introduced import Introduced
from bot.review.suggestion import LONGEST, Suggestion, suggestion
from codemods.engine.files.source import Source
from codemods.engine.finding import Applicability, Finding
from codemods.engine.run.diff import unified
from codemods.engine.run.report import Reported
from tests.bot.review.world import diff_of, git, write

FENCES = ["```", "    ````", "~~~", "```suggestion", "", "\t\tx", "  # <!-- c -->", "x  ", "[a](b) *c* &amp;"]


def finding(before: bytes, after: bytes, line: int = 1, path: str = "a.py") -> Reported:
    """A finding whose patch makes ``after`` of a file."""
    found = Finding("toy", path, line, 1, line, "Wrong.", Applicability.SAFE, "Proven.")
    return Reported(found, "0" * 16, unified({path: (before, after)}), {path: Source(path, after)})


def suggested(base: bytes, head: bytes, after: bytes, line: int) -> Suggestion | None:
    """What is suggested where a pull request makes ``head`` of ``base``, and the patch ``after`` of ``head``."""
    file = quick_diff(base, head)
    new = Introduced(finding(head, after, line), line, line, tuple(file.touched(line, line)), "", "")
    return suggestion(new, head, file)


def quick_diff(base: bytes, head: bytes) -> FileDiff:
    """One file's diff by a single call of git."""
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), {"base": base, "head": head})
        text = git(Path(name), "diff", "--no-index", "base", "head").decode("utf-8", "replace")
    at = text.find("\n@@ ")
    return file_diff("a.py", "modified", text[at + 1 :].removesuffix("\n") if at >= 0 else None)


def lines(*numbers: int | str) -> bytes:
    return "".join(f"{number}\n" for number in numbers).encode()


def taken(made: Suggestion, head: bytes) -> bytes:
    """The file with the suggestion as a reader of its Markdown gets it."""
    (block,) = MarkdownIt("commonmark").parse(f"Text.\n\n{made.block()}\n\nMore.")[3:-3]
    assert (block.type, block.info) == ("fence", "suggestion")
    text = head.decode().split("\n")
    return "\n".join([*text[: made.start - 1], *block.content.split("\n")[:-1], *text[made.line :]]).encode()


TEN = lines(*range(1, 11))


def test_one_line():
    made = suggested(TEN, TEN.replace(b"5", b"x"), TEN.replace(b"5", b"y"), 5)
    assert made == Suggestion(5, 5, ("y",))
    assert made.block() == "```suggestion\ny\n```"


def test_several_lines_become_fewer_and_more():
    head = TEN.replace(b"5\n", b"x\nx\n")
    assert suggested(TEN, head, TEN.replace(b"5\n", b"y\n"), 5) == Suggestion(5, 6, ("y",))
    assert suggested(TEN, head, TEN.replace(b"5\n", b"y\ny\ny\n"), 5) == Suggestion(5, 6, ("y", "y", "y"))


def test_a_deletion_has_an_empty_block():
    made = suggested(TEN, TEN.replace(b"5", b"x"), TEN.replace(b"5\n", b""), 5)
    assert made == Suggestion(5, 5, ())
    assert made.block() == "```suggestion\n```"


def test_an_insertion_takes_the_authors_line_in():
    head = TEN.replace(b"5", b"x")
    assert suggested(TEN, head, head.replace(b"x\n", b"x\ny\n"), 5) == Suggestion(5, 5, ("x", "y"))
    assert suggested(TEN, head, head.replace(b"x\n", b"y\nx\n"), 5) == Suggestion(5, 5, ("y", "x"))


def test_a_change_beside_the_authors_line_takes_it_in():
    head = TEN.replace(b"5", b"x")
    assert suggested(TEN, head, head.replace(b"7", b"y"), 5) == Suggestion(5, 7, ("x", "6", "y"))


def test_a_change_outside_of_the_hunk_is_none():
    head = TEN.replace(b"2\n", b"x\n")
    assert suggested(TEN, head, head.replace(b"9", b"y"), 2) is None


def test_a_change_that_spans_two_hunks_is_none():
    base = lines(*range(1, 41))
    head = base.replace(b"\n5\n", b"\nx\n").replace(b"\n35\n", b"\nx\n")
    assert suggested(base, head, head.replace(b"x", b"y"), 5) is None


def test_changes_with_a_few_lines_between_them_are_one_suggestion_and_with_more_none():
    base = lines(*range(1, 21))
    head = base.replace(b"\n5\n", b"\nx\n").replace(b"\n11\n", b"\nx\n")
    near, far = head.replace(b"\n9\n", b"\ny\n"), head.replace(b"\n10\n", b"\ny\n")
    after = near.replace(b"x\n6", b"y\n6")
    assert suggested(base, head, after, 5) == Suggestion(5, 9, ("y", "6", "7", "8", "y"))
    assert suggested(base, head, far.replace(b"x\n6", b"y\n6"), 5) is None
    assert suggested(base, head, near, 5) == Suggestion(5, 9, ("x", "6", "7", "8", "y"))
    assert suggested(base, head, far, 5) is None


def test_a_line_that_the_author_did_not_write_is_none():
    assert suggested(TEN, TEN.replace(b"5", b"x"), TEN.replace(b"7", b"y"), 7) is None


def test_a_change_in_two_files_is_none():
    head = TEN.replace(b"5", b"x")
    both = finding(head, TEN, 5)
    both = replace(both, changed={**both.changed, "b.py": Source("b.py", b"")})
    file = diff_of({"a.py": TEN}, {"a.py": head}).files["a.py"]
    assert suggestion(Introduced(both, 5, 5, (5,), "", ""), head, file) is None


def test_without_a_patch_there_is_none():
    head = TEN.replace(b"5", b"x")
    file = diff_of({"a.py": TEN}, {"a.py": head}).files["a.py"]
    none = finding(head, TEN, 5).without_patch("Cannot be told.")
    assert suggestion(Introduced(none, 5, 5, (5,), "", ""), head, file) is None


def test_a_hunk_that_shows_other_lines_than_the_head_is_none():
    head = TEN.replace(b"5", b"x")
    file = diff_of({"a.py": TEN}, {"a.py": head}).files["a.py"]
    moved = head.replace(b"x", b"z")
    new = Introduced(finding(moved, TEN, 5), 5, 5, (5,), "", "")
    assert suggestion(new, moved, file) is None


@pytest.mark.parametrize(
    "old, new",
    [
        (b"x = 1\r\n", b"x = 0\r\n"),
        (b"y\r\nx = 1\n", b"y\r\nx = 0\n"),
        (b"x = 1", b"x = 0"),
        (b"x = 1", b"x = 0\n"),
        (b"x = 1\n", b"x = 0"),
        (b"\xef\xbb\xbfx = 1\n", b"\xef\xbb\xbfx = 0\n"),
        (b"# coding: latin-1\nx = '\xe9'\n", b"# coding: latin-1\nx = '\xe8'\n"),
        (b"# coding: latin-1\n# \xe9\nx = 1\n", b"# coding: latin-1\n# \xe9\nx = 0\n"),
        (b"x = 1\n", b"x = '\x0c'\n"),
        (b"x = 1\n", "x = '\u202e'\n".encode()),
        (b"x = 1\n", b"\n"),
    ],
    ids=[
        "crlf",
        "mixed",
        "no-end",
        "end-added",
        "end-lost",
        "bom",
        "latin",
        "latin-elsewhere",
        "feed",
        "bidi",
        "blank",
    ],
)
def test_what_would_not_come_through_unchanged_is_none(old, new):
    line = old.count(b"\n") or 1
    assert suggested(b"z\n", old, new, line) is None
    assert suggested(b"", old, new, line) is None


def test_lines_before_the_last_may_change_in_a_file_without_a_final_newline():
    assert suggested(b"a\nb\nc", b"a\nx\nc", b"a\ny\nc", 2) == Suggestion(2, 2, ("y",))


def test_a_long_change_is_none():
    head = TEN.replace(b"5", b"x")
    assert suggested(TEN, head, head.replace(b"x\n", b"y\n" * (LONGEST + 1)), 5) is None


def test_the_fence_is_longer_than_any_inside():
    head = TEN.replace(b"5", b"x")
    after = head.replace(b"x", b"`````\n```suggestion")
    made = suggested(TEN, head, after, 5)
    assert made.block().startswith("``````suggestion\n")
    assert taken(made, head) == after


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), places=st.integers(1, 2))
def test_a_suggestion_taken_gives_what_git_apply_gives(seed, places, tmp_path):
    chance = random.Random(seed)
    pool = [*FENCES, *(f"line {number}" for number in range(6)), "é ∞", "\t", "  y = `a` ``b``"]
    end = chance.choice(["\n", "\n", ""])

    def rows(most: int) -> list[str]:
        return [chance.choice(pool) for _ in range(chance.randint(0, most))]

    def changed(text: list[str], times: int, most: int) -> list[str]:
        text = list(text)
        for _ in range(times):
            at = chance.randint(0, len(text))
            text[at : at + chance.randint(0, most)] = rows(most)
        return text

    base = [*rows(30)]
    near = chance.randint(0, len(base))
    written = [*rows(4), "x", *rows(3)]
    head = [*base[:near], *written, *base[near + chance.randint(0, 4) :]]
    near += chance.randint(1, len(written))
    after = [*head[: near - 1], *changed(head[near - 1 : near + 4], places, 3), *head[near + 4 :]]
    files = [("\n".join(each) + end).encode() for each in (base, head, after)]
    assume(files[0] != files[1] != files[2])
    line = chance.randint(max(1, near - 1), min(len(head), near + 2))
    made = suggested(*files, line)
    assume(made is not None)
    write(tmp_path, {"a.py": files[1]})
    (tmp_path / "patch").write_bytes(finding(files[1], files[2]).patch.encode("utf-8", "surrogateescape"))
    git(tmp_path, "apply", "--whitespace=nowarn", "patch")
    applied = (tmp_path / "a.py").read_bytes()
    assert applied == files[2]
    assert taken(made, files[1]) == applied
    assert made.applied(files[1].decode()).encode() == applied
