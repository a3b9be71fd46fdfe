"""Which addresses are gone back to."""

from __future__ import annotations

from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.signin.own_path import LONGEST, own_path

HOST = "https://patchwright.example.com"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/repositories",
        "/repositories/7/pulls/12",
        "/runs/gh-0b989ba4-242f-11e5-81e1.2",
        "/repositories/7?branch=feature%2Fx&page=2",
        "/rules?q=a%20b+c",
        "/deliveries?state=dead,waiting",
        "/repositories/7?to=https%3A%2F%2Felse",
        "/" + "a" * (LONGEST - 1),
    ],
)
def test_own_pages_pass_as_they_are(path):
    assert own_path(path) == path


def test_a_fragment_is_dropped():
    assert own_path("/rules#atomic-redis") == "/rules"


_PIECES = st.sampled_from(
    [
        "/",
        "\\",
        "//",
        "%2f",
        "%5c",
        "%25",
        "..",
        ".",
        "evil.example",
        ":",
        "@",
        "?",
        "#",
        "%0a",
        "\t",
        "\n",
        "a",
        "http:",
    ]
)


@given(st.one_of(st.text(max_size=40), st.lists(_PIECES, max_size=8).map("".join)))
@example("/\\evil.example")
@example("/%252f/evil.example")
def test_whatever_is_asked_for_stays_on_this_host(asked):
    path = own_path(asked)
    assert path.startswith("/")
    there = urlsplit(urljoin(f"{HOST}/sign-in/callback", path))
    assert f"{there.scheme}://{there.netloc}" == HOST
    where = path.partition("?")[0]
    for _ in range(4):
        assert not where.startswith(("//", "/\\"))
        assert "\\" not in where
        assert where.isprintable()
        where = unquote(where)
