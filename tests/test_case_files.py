"""The reader of Markdown cases reads what its docstring promises and refuses the rest."""

from __future__ import annotations

import textwrap

import pytest

from tests.case_files import CaseError, Expected, read_cases


def read(text: str, rule: str | None = None):
    return read_cases(textwrap.dedent(text), rule)


def test_headings_with_files_are_cases_and_others_are_not():
    cases = read(
        """
        # some-rule: what it does
        Prose.
        ## A group
        ### one file
        ```python app.py before
        a = 1
        ```
        ```python app.py after
        a = 2
        ```
        ## left alone
        ```python app.py
        a = 3
        ```
        ```toml pyproject.toml
        [project]
        ```
        """
    )
    assert [(case.rule, case.title, case.rewrites) for case in cases] == [
        ("some-rule", "one file", True),
        ("some-rule", "left alone", False),
    ]
    assert cases[0].files == {"app.py": b"a = 1\n"}
    assert cases[0].after_safe == {"app.py": b"a = 2\n"}
    assert cases[1].files == {"app.py": b"a = 3\n", "pyproject.toml": b"[project]\n"}
    assert cases[1].findings is None


def test_unsafe_afters_come_on_top_of_safe_ones():
    (case,) = read(
        """
        ## both
        ```python a.py before
        1
        ```
        ```python a.py after
        2
        ```
        ```python a.py after unsafe
        3
        ```
        """,
        "r",
    )
    assert case.after_safe == {"a.py": b"2\n"}
    assert case.after_all == {"a.py": b"3\n"}


def test_findings_lines():
    (case,) = read(
        """
        ## found
        ```python a.py
        1
        ```
        ```findings
        a.py:1 display-only no proof of: the type

        a.py:2 safe
        ```
        """,
        "r",
    )
    assert case.findings == (
        Expected("a.py", 1, "display-only", "no proof of: the type"),
        Expected("a.py", 2, "safe", ""),
    )


def test_an_empty_findings_block_expects_none():
    (case,) = read("## none\n```python a.py\n1\n```\n```findings\n```\n", "r")
    assert case.findings == ()


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("{crlf}", b"if a:\r\n    b\r\n"),
        ("{tabs}", b"if a:\n\tb\n"),
        ("{bom}", b"\xef\xbb\xbfif a:\n    b\n"),
        ("{no-final-newline}", b"if a:\n    b"),
        ("{crlf} {tabs} {no-final-newline}", b"if a:\r\n\tb"),
    ],
)
def test_markers_change_the_bytes(marker, expected):
    (case,) = read(f"## m\n```python a.py {marker}\nif a:\n    b\n```\n", "r")
    assert case.files["a.py"] == expected


def test_markers_hold_for_the_after_too():
    (case,) = read("## m\n```python a.py before {crlf}\n1\n```\n```python a.py after\n2\n```\n", "r")
    assert case.after_safe["a.py"] == b"2\r\n"


def test_longer_fences_hold_fences():
    (case,) = read("## nested\n~~~~python a.py\n'''\n```\n'''\n~~~~\n", "r")
    assert case.files["a.py"] == b"'''\n```\n'''\n"


def test_headings_inside_a_fence_are_code():
    (case,) = read("## c\n```python a.py\n# not a heading\n```\n", "r")
    assert case.files["a.py"] == b"# not a heading\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("## c\n```python a.py before\n1\n```\n", "no after that differs"),
        ("## c\n```python a.py before\n1\n```\n```python a.py after\n1\n```\n", "no after that differs"),
        ("## c\n```python a.py after\n1\n```\n", "has no before"),
        ("## c\n```python a.py\n1\n```\n```python a.py\n1\n```\n", "given twice"),
        ("## c\n```python a.py befroe\n1\n```\n", "unknown word"),
        ("## c\n```python a.py {clrf}\n1\n```\n", "unknown marker: clrf"),
        ("## c\n```python a.py\n1\n", "not closed"),
        ("## c\n```python a.py\n1\n```\n```findings\na.py safe\n```\n", "line 6"),
        ("## c\n```python a.py\n1\n```\n## c\n```python a.py\n1\n```\n", "title of line 1 again"),
    ],
)
def test_mistakes_are_refused_with_their_line(text, message):
    with pytest.raises(CaseError, match=message):
        read_cases(text, "r")
