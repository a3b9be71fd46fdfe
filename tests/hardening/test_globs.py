"""Gitignore patterns from a repository: none takes longer than its path is long, and all match what git's do."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from codemods.engine.files.bounded_globs import bounded
from codemods.engine.files.ignored import Patterns
from tests.hardening.ending import soon

DEEP = "/".join(["a" * 60] * 40)


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        pytest.param("*a" * 30 + "b", "a" * 250, id="stars in a name"),
        pytest.param("?*" * 40 + "b", "a" * 250, id="stars and question marks"),
        pytest.param("*[ab]" * 30 + "c", "ab" * 120, id="stars and brackets"),
        pytest.param("**/a/" * 20 + "b", "a/" * 59 + "c", id="folders between folders"),
        pytest.param("/a/" + "**/*/" * 15 + "b", "a/" * 59 + "c", id="any folders"),
        pytest.param("/".join(["**", "*a*a*a*"] * 10) + "/b", DEEP, id="both"),
        pytest.param("!" + "*a" * 30 + "b", "a" * 250, id="taken in again"),
        pytest.param("*" * 5_000 + "b", "a" * 250, id="thousands of stars"),
    ],
)
def test_no_glob_tries_every_way(glob, path):
    with soon():
        assert not Patterns([glob]).holds(path)


PIECES = st.sampled_from(["a", "b", "*", "?", "[ab]", "[!a]", "[]a]", "\\*", "."])
SEGMENTS = st.one_of(st.just("**"), st.lists(PIECES, min_size=1, max_size=5).map("".join))
GLOBS = st.builds(
    lambda start, segments, end: f"{start}{'/'.join(segments)}{end}",
    st.sampled_from(["", "/"]),
    st.lists(SEGMENTS, min_size=1, max_size=5),
    st.sampled_from(["", "/"]),
)
PATHS = st.builds(
    lambda names, end: f"{'/'.join(names)}{end}",
    st.lists(st.text("ab.*", min_size=1, max_size=4), min_size=1, max_size=6),
    st.sampled_from(["", "/"]),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(GLOBS, st.lists(PATHS, min_size=5, max_size=20))
def test_the_same_paths_match_as_before(glob, paths):
    regex = GitIgnoreSpecPattern.pattern_to_regex(glob)[0]
    if regex is None:
        return
    # to git, no brackets match a slash
    before, after = re.compile(regex.replace("[^a]", "(?!/)[^a]")), re.compile(bounded(regex))
    for path in paths:
        one, other = before.match(path), after.match(path)
        assert (one and one.groupdict()) == (other and other.groupdict()), (glob, path)
