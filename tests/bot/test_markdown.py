"""Text of a repository stays text: it mentions nobody, links nothing, and ends no table or fence."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.markdown import cell, code, fenced, plain, prose

markdown = MarkdownIt("commonmark").enable("table").enable("strikethrough")


def shown(text: str) -> str:
    """What a reader sees of Markdown: its text without marks."""
    tokens = markdown.parse(text)
    return "".join(
        child.content
        for token in tokens
        for child in token.children or []
        if child.type in {"text", "code_inline", "text_special"}
    )


@pytest.mark.parametrize(
    "text",
    [
        "@alice broke it",
        "see #12",
        "org/repo#12",
        "GH-12",
        "fixes #3",
        "https://example.com/o/r/issues/1",
        "www.x.y",
    ],
)
def test_references_are_broken(text):
    assert "\u200b" in prose(text)
    assert "\u200b" in plain(text)


@pytest.mark.parametrize(
    "text", ["<b>x</b>", "a | b", "*x*", "_x_", "[x](y)", "![x](y)", "~~x~~", "&lt;", "\\<b>"]
)
def test_marks_are_shown_as_written(text):
    assert shown(prose(text)) == text


def test_code_spans_stay_code_spans():
    assert prose("`a_b` and c_d") == "`a_b` and c\\_d"
    assert prose("an odd ` backquote_") == "an odd \\` backquote\\_"


def test_nobody_is_mentioned_inside_a_code_span_either_way():
    assert prose("`@property` of @bob") == "`@property` of @\u200bbob"


@given(st.text(alphabet="ab `|\\<@#\n*_", max_size=30))
def test_a_cell_is_one_cell(text):
    table = f"| a | b |\n|---|---|\n| {cell(code(text))} | {cell(prose(text))} |\n"
    tokens = markdown.parse(table)
    assert sum(token.type == "td_open" for token in tokens) == 2
    assert sum(token.type == "tr_open" for token in tokens) == 2
    assert not any(token.type == "html_block" for token in tokens)


@given(st.text(alphabet="`~ab\n", max_size=40))
def test_a_fence_holds_its_text(text):
    tokens = markdown.parse(fenced(text, "diff"))
    assert [token.type for token in tokens] == ["fence"]
    assert tokens[0].content.rstrip("\n") == text.rstrip("\n")


@given(st.text(max_size=40))
def test_one_line_stays_one_line(text):
    for made in (prose(text), code(text), plain(text), cell(prose(text))):
        assert not re.search(r"[\r\n]", made)
