"""What the App remembers in the bodies of its pull requests survives people, and nobody else can write it there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.plan.marker import (
    behind_marker,
    comment_key,
    comment_marker,
    pull_marker,
    read_marker,
    visible,
    with_marker,
)
from bot.plan.state import Marker

MARKER = Marker(
    1, "ones", "", "main", "a" * 40, "cafe", ("0123456789abcdef", "fedcba9876543210"), "", ("01234567",)
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
markers = st.builds(
    Marker,
    version=st.just(1),
    rule=texts.filter(bool),
    part=texts,
    base=texts,
    base_sha=texts,
    patch=texts,
    findings=st.lists(st.one_of(texts, st.just("0123456789abcdef"))).map(tuple),
    settled=texts,
    files=st.lists(st.one_of(texts, st.just("01234567"))).map(tuple),
    said=texts,
    title=texts,
    before=st.lists(texts, max_size=3).map(tuple),
    stopped=st.booleans(),
)


@given(markers)
def test_what_is_written_is_read(marker):
    line = pull_marker(marker)
    assert read_marker(f"text\n\n{line}\n") == marker
    assert "\n" not in line
    assert line.count("--") == 2
    assert not set(line[4:-3]) & set("<>@#&")


def test_people_may_write_around_it():
    body = f"More words.\r\n\r\n{pull_marker(MARKER)}\r\n\r\n- [x] seen by Ann\r\n"
    assert read_marker(body) == MARKER
    assert behind_marker(body) == "- [x] seen by Ann"
    assert "patchwright:pull" not in visible(body)


def test_it_is_replaced_in_place():
    body = f"Before\n{pull_marker(MARKER)}\nafter\n"
    settled = replace(MARKER, settled="gone")
    changed = with_marker(body, settled)
    assert (changed.splitlines()[0], changed.splitlines()[2]) == ("Before", "after")
    assert read_marker(changed) == settled
    assert read_marker(with_marker("", MARKER)) == MARKER
    assert read_marker(with_marker("Words.", MARKER)) == MARKER


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<!-- patchwright:pull {} -->",
        '<!-- patchwright:pull {"version":1} -->',
        '<!-- patchwright:pull {"version":2,"rule":"x"} -->',
        '<!-- patchwright:pull {"version":1,"rule":7} -->',
        '<!-- patchwright:pull {"version":1,"rule":"x","findings":"!!"} -->',
        '<!-- patchwright:pull {"version":1,"rule":"x","findings":"AAAA"} -->',
        "<!-- patchwright:pull [1] -->",
        "<!-- patchwright:pull {{{{ -->",
        "x " + pull_marker(MARKER),
        "+" + pull_marker(MARKER),
    ],
)
def test_what_is_no_marker_is_none(text):
    assert read_marker(text) is None


def test_many_findings_fit():
    many = replace(
        MARKER,
        findings=tuple(f"{number:016x}" for number in range(2000)),
        files=tuple(f"{number:08x}" for number in range(2000)),
    )
    line = pull_marker(many)
    assert len(line) < 33_000
    assert read_marker(line) == many


def test_comments_have_keys():
    assert comment_key(f"Said.\r\n\r\n{comment_marker('handed-over')}\r\n") == "handed-over"
    assert comment_key("Said.") is None
    assert comment_key(f"> {comment_marker('quoted')}") is None


def test_the_marker_of_another_version_is_no_marker(one):
    marker = replace(one.pull(1).marker, version=2)
    assert read_marker(pull_marker(marker)) is None
