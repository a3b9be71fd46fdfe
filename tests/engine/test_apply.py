from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemods.engine.edits.apply import Conflict, apply, compatible
from codemods.engine.edits.splice import BadEdit
from codemods.engine.files.source import Source
from codemods.engine.finding import Change, Edit, ImportNeed, Refused


def source(text: str | bytes, path: str = "app/a.py") -> Source:
    return Source(path, text.encode() if isinstance(text, str) else text)


def swap(text: str | bytes, old: str, new: str, *imports: ImportNeed, path: str = "app/a.py") -> Change:
    """A change that replaces the only ``old`` in ``text``."""
    decoded = source(text).text
    assert decoded.count(old) == 1
    start = decoded.index(old)
    return Change((Edit(path, start, start + len(old), new),), imports)


def applied(text: str | bytes, *changes: Change) -> bytes:
    return apply(changes, {"app/a.py": source(text)})["app/a.py"].data


def insertion(offset: int, text: str) -> Change:
    return Change((Edit("app/a.py", offset, offset, text),))


def test_what_only_patches_need_is_not_loaded_with_the_engine() -> None:
    names = (
        "edits.apply",
        "edits.imports",
        "edits.orphans",
        "edits.statements",
        "checks.suppress",
        "checks.verify",
    )
    code = "import sys; " + "".join(f"import codemods.engine.{name}; " for name in names)
    code += "print([name for name in ('libcst', 'ruff') if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert run.stdout == "[]\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"x = old\r\ny = 1\r\n", b"x = a\r\nb = 2\r\ny = 1\r\n", id="crlf"),
        pytest.param(b"\xef\xbb\xbfx = old\n", b"\xef\xbb\xbfx = a\nb = 2\n", id="byte order mark"),
        pytest.param(
            b"# coding: latin-1\nu = '\xe9'\nx = old\n",
            b"# coding: latin-1\nu = '\xe9'\nx = a\nb = 2\n",
            id="latin-1",
        ),
        pytest.param(
            b"\x0c\nif 1:\n\tu = 1 ;\n\x0c\nx = old",
            b"\x0c\nif 1:\n\tu = 1 ;\n\x0c\nx = a\nb = 2",
            id="form feed, no newline",
        ),
        pytest.param(b"u = 1\nx = old\r\n", b"u = 1\nx = a\r\nb = 2\r\n", id="both kinds of line ends"),
        pytest.param(
            "u = '🎉'; x = old\n".encode(), "u = '🎉'; x = a\nb = 2\n".encode(), id="wide characters"
        ),
    ],
)
def test_untouched_bytes_stay_and_new_lines_end_as_the_file_does(before: bytes, after: bytes) -> None:
    assert applied(before, swap(before, "old", "a\nb = 2")) == after


def test_an_edit_never_tears_carriage_return_and_line_feed_apart() -> None:
    assert applied(b"x = 1\r\ny = 2\r\n", insertion(6, "\nz = 3")) == b"x = 1\r\nz = 3\r\ny = 2\r\n"


def test_text_that_the_encoding_does_not_have_is_refused() -> None:
    text = b"# coding: latin-1\nx = old\n"
    with pytest.raises(Refused, match="iso-8859-1"):
        applied(text, swap(text, "old", "'€'"))


def test_identical_edits_of_two_changes_are_carried_out_once() -> None:
    text = "import os\nx = old\n"
    definition = Edit("app/a.py", len(text), len(text), "def get():\n    pass\n")
    changes = [Change((definition, *swap(text, "old", "get()").edits)), Change((definition,))]
    assert applied(text, *changes) == b"import os\nx = get()\ndef get():\n    pass\n"


def test_overlapping_changes_conflict_and_the_later_is_held_back_whole() -> None:
    text = "x = one + two\ny = three\n"
    first = swap(text, "one + two", "1")
    second = Change((*swap(text, "two", "2").edits, *swap(text, "three", "3").edits))
    third = swap(text, "three", "4")
    with pytest.raises(Conflict):
        applied(text, first, second)
    selection = compatible([first, second, third], {"app/a.py": source(text)})
    assert selection.accepted == (first, third)
    assert [change for change, _ in selection.held] == [second]
    assert applied(text, *selection.accepted) == b"x = 1\ny = 4\n"


def test_a_change_whose_own_edits_overlap_conflicts() -> None:
    text = "x = one\n"
    with pytest.raises(Conflict):
        applied(text, Change((Edit("app/a.py", 4, 7, "a"), Edit("app/a.py", 5, 6, "b"))))


def test_insertions_at_one_place_keep_the_order_given() -> None:
    assert applied("f()\n", insertion(2, "a=1, "), insertion(2, "b=2")) == b"f(a=1, b=2)\n"
    assert applied("f()\n", insertion(4, "g()\n"), insertion(4, "h()\n")) == b"f()\ng()\nh()\n"


def test_brackets_of_two_changes_at_one_place_conflict() -> None:
    inner = Change((Edit("app/a.py", 4, 4, "int("), Edit("app/a.py", 5, 5, ")")))
    outer = Change((Edit("app/a.py", 0, 0, "str("), Edit("app/a.py", 5, 5, ")")))
    assert compatible([outer, inner], {"app/a.py": source("a + b\n")}).accepted == (outer,)


def test_an_insertion_that_touches_anothers_replacement_inside_a_line_conflicts() -> None:
    text = "x = a\n"
    changes = [swap(text, "a", "a or b"), insertion(5, ".c")]
    assert compatible(changes, {"app/a.py": source(text)}).accepted == (changes[0],)


def test_whole_lines_may_be_added_beside_a_replaced_line() -> None:
    text = "x = a\ny = 1\n"
    assert applied(
        text, Change((Edit("app/a.py", 0, 6, "x = b\n"),)), insertion(6, "z = 1\n"), insertion(0, "w = 1\n")
    ) == (b"w = 1\nx = b\nz = 1\ny = 1\n")


def test_imports_are_ensured_and_orphans_removed_over_several_files() -> None:
    a, b = "import os\n\nx = os.environ['A']\n", "from app.a import x\n\nprint(x)\n"
    change = Change(
        (*swap(a, "os.environ['A']", "load()").edits, *swap(b, "print(x)", "log(x)", path="app/b.py").edits),
        (ImportNeed("app/a.py", "app.loading", "load"), ImportNeed("app/b.py", "app.logs", "log")),
    )
    after = apply(
        [change], {"app/a.py": source(a), "app/b.py": source(b, "app/b.py"), "c.py": source("", "c.py")}
    )
    assert {path: each.text for path, each in after.items()} == {
        "app/a.py": "from app.loading import load\n\nx = load()\n",
        "app/b.py": "from app.a import x\nfrom app.logs import log\n\nlog(x)\n",
    }


def test_an_orphan_that_another_file_imports_stays() -> None:
    text = "import os\nx = os.sep\n"
    change = swap(text, "os.sep", "'/'")
    after = apply([change], {"app/a.py": source(text)}, lambda path, name: (path, name) == ("app/a.py", "os"))
    assert after["app/a.py"].text == "import os\nx = '/'\n"


def test_a_needed_name_that_is_local_where_it_is_written_is_refused() -> None:
    text = "def f(text):\n    run('a')\n"
    need = ImportNeed("app/a.py", "sqlalchemy", "text")
    change = swap(text, "'a'", "text('a')", need)
    with pytest.raises(Refused, match="local name"):
        applied(text, change)
    assert (
        compatible([change], {"app/a.py": source(text)})
        .held[0][1]
        .startswith("app/a.py: text is a local name")
    )


def test_two_changes_that_want_one_name_to_mean_two_things_conflict() -> None:
    text = "run('a')\nrun('b')\n"
    first = swap(text, "'a'", "text('a')", ImportNeed("app/a.py", "sqlalchemy", "text"))
    second = swap(text, "'b'", "text('b')", ImportNeed("app/a.py", "other", "text"))
    selection = compatible([first, second], {"app/a.py": source(text)})
    assert selection.accepted == (first,)
    assert "would mean both" in selection.held[0][1]


def test_a_result_that_does_not_parse_is_refused() -> None:
    with pytest.raises(Refused, match="does not parse"):
        applied("x = old\n", swap("x = old\n", "old", "("))


def test_an_edit_outside_its_file_or_of_no_file_is_the_rules_mistake() -> None:
    with pytest.raises(BadEdit):
        applied("x\n", Change((Edit("app/a.py", 1, 9, ""),)))
    with pytest.raises(BadEdit):
        applied("x\n", Change((Edit("app/b.py", 0, 0, ""),)))


_LINE = st.text(alphabet="ab é#\t", max_size=6)


@st.composite
def edited_texts(draw: st.DrawFn) -> tuple[str, str, list[tuple[int, int, str]]]:
    """A text of comment lines, its line end, and edits that do not overlap."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = newline.join("#" + line for line in draw(st.lists(_LINE, min_size=1, max_size=8)))
    text += draw(st.sampled_from(["", newline]))
    points = [point for point in range(len(text) + 1) if text[point - 1 : point + 1] != "\r\n"]
    chosen = sorted(draw(st.sets(st.sampled_from(points), max_size=6)))
    pairs = zip(chosen[::2], chosen[1::2], strict=False)
    return (
        text,
        newline,
        [(start, end, draw(st.sampled_from(["#", "# x", "#\n#", "##"]))) for start, end in pairs],
    )


@given(edited_texts())
def test_applying_is_splicing(case: tuple[str, str, list[tuple[int, int, str]]]) -> None:
    text, newline, edits = case
    expected, at = "", 0
    for start, end, new in edits:
        expected += text[at:start] + new.replace("\n", newline if newline in text else "\n")
        at = end
    expected += text[at:]
    before = Source("a.py", text.encode())
    change = Change(tuple(Edit("a.py", start, end, new) for start, end, new in reversed(edits)))
    try:
        after = apply([change], {"a.py": before}).get("a.py", before)
    except Refused:  # the lines that are left no longer are comments
        return
    assert after.text == expected
