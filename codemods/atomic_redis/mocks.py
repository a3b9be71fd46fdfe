"""Tests that stand in for the very commands that a patch takes away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codemods.atomic_redis.places import is_test, read_noted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.engine.project import Project

_SHOWN = 3
_NEEDLES = (b"ock", b"monkeypatch", b"class ", b"SimpleNamespace")


def mocking_tests(commands: Iterable[str], path: str, project: Project) -> tuple[str, ...]:
    """The tests that mock or fake one of ``commands`` on something like a Redis client, with the line, nearest first.

    A class in a test that defines such a command but no ``pipeline`` is a fake that the patched code can't use.
    """
    words = "|".join(sorted(set(commands)))
    if not words:
        return ()
    mocked = re.compile(
        rf"(edis|client|conn|cache|\br|_r|pool|mock\w*|fake\w*|kv|store)\b[\w.()\[\]\"']*\.({words})"
        rf"(\.(return_value|side_effect|assert_\w+|call_\w+|called|await_\w+|awaited\w*|mock_calls)|\s*=[^=])"
        rf"|(Mock|Fake|Namespace)\w*\([^\n]*\b({words})\s*="
        rf"|(patch|setattr)[^\n]*edis[^\n]*[\"'.]({words})[\"']",
    )
    faked = re.compile(rf"^\s+(async )?def ({words})\(self", re.MULTILINE)
    found: list[tuple[int, str]] = []
    for test in sorted(set(_tests(project))):
        text = read_noted(project, test).decode("utf-8", "replace")
        match = mocked.search(text)
        if match is None and not re.search(r"def pipeline\(", text):
            match = faked.search(text)
        if match is not None:
            line = text.count("\n", 0, match.start() + len(match[0]) - len(match[0].lstrip())) + 1
            found.append((-_shared(test, path), f"{test}:{line}"))
    return tuple(place for _, place in sorted(found)[:_SHOWN])


def _tests(project: Project) -> Iterable[str]:
    """Test files that speak of Redis and of some stand-in."""
    for path in project.containing(b"edis"):
        if is_test(path) and any(word in project.read(path) for word in _NEEDLES):
            yield path


def _shared(one: str, other: str) -> int:
    """How many words two paths have in common."""
    words = [set(re.split(r"[/_.]", text.lower())) - {"py", "test", "tests", "src", "app"} for text in (one, other)]
    return len(words[0] & words[1])
