"""Tests that stand in for the very commands that a patch takes away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.atomic_redis.places import read_noted
from codemods.atomic_redis.reach import reaches
from codemods.engine.files.testing import is_test

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.engine.project import Project

_SHOWN = 3
_NEEDLES = (b"ock", b"monkeypatch", b"class ", b"SimpleNamespace", b"ake")
_COMMON = {"get", "set", "delete", "exists", "append", "unlink"}
_USES = r"(\.(return_value|side_effect|assert_\w+|call_\w+|called|await_\w+|awaited\w*|mock_calls)|\s*=[^=])"
_ASKED = r"\.(assert_\w+|call_args\w*|mock_calls|await_args\w*|side_effect)"


@dataclass(frozen=True, slots=True)
class Holders:
    """How a test would put another client in the place of one.

    ``names``: what holds it in its module. ``called``: the function or class that it is passed to, empty for none.
    """

    names: tuple[str, ...] = ()
    called: str = ""


def mocking_tests(
    gone: Iterable[str], changed: Iterable[str], holders: Holders, path: str, project: Project
) -> tuple[str, ...]:
    """The tests that stand in for what a patch needs of the client, with the line, nearest first.

    ``gone``: commands that the client no longer gets. ``changed``: commands that get other arguments. A class in a
    test that defines one of them but no ``pipeline`` is a fake that the patched code can't use. ``path``: the file
    in which ``holders`` hold the client; a test that patches or passes one of them puts a mock in its place.
    """
    patterns = [*_mocked(set(gone), _USES), *_mocked(set(changed), _ASKED), *_replaced(path, holders)]
    fakes = _faked(set(gone), set(changed))
    found: list[tuple[int, str]] = []
    for test in sorted(set(_tests(set(gone) - _COMMON, holders, project))):
        text = read_noted(project, test).decode("utf-8", "replace")
        match = next((hit for pattern in patterns if (hit := pattern.search(text))), None)
        if (
            match is None
            and not re.search(r"def pipeline\(", text)
            and _comes_near(test, text, path, holders)
        ):
            match = next((hit for pattern in fakes if (hit := pattern.search(text))), None)
        if match is not None and reaches(test, path, project):
            at = match.start() + len(match[0]) - len(match[0].lstrip())
            found.append((-_shared(test, path), f"{test}:{text.count(chr(10), 0, at) + 1}"))
    return tuple(place for _, place in sorted(found)[:_SHOWN])


def _comes_near(test: str, text: str, path: str, holders: Holders) -> bool:
    """Whether a fake that a test defines may take the place of this very client.

    It may be passed in, or the test names the module or what holds the client. Files beside the tests serve them all.
    """
    name = test.rpartition("/")[2]
    if holders.called or not (name.startswith("test") or name.endswith(("_test.py", "_tests.py"))):
        return True
    words = path.removesuffix(".py").removesuffix("/__init__").split("/")
    if re.search(rf"\b{re.escape(words[-1])}\b", text):
        return True
    held = "|".join(re.escape(word) for word in holders.names if word)
    return bool(held) and bool(
        re.search(rf"[\"'.]({held})[\"']|dependency_overrides\[[\w.]*\b({held})\b", text)
    )


def _mocked(words: set[str], uses: str) -> Iterable[re.Pattern[str]]:
    """``redis.incr.return_value = 1``, ``MagicMock(incr=...)``, ``patch("app.redis.incr")``."""
    for names, who in (
        (words - _COMMON, r"\b(?!db\b|\w*session\b)\w+"),
        (words & _COMMON, r"(edis|alkey)\w*"),
    ):
        if names:
            any_of = "|".join(sorted(names))
            yield re.compile(rf"{who}\b[\w.()\[\]\"']*\.({any_of}){uses}")
            yield re.compile(
                rf"(edis|alkey|client|conn)\w*\s*=\s*\w*(Mock|Fake|Namespace)\w*\([^\n]*\b({any_of})\s*="
            )
            yield re.compile(rf"(patch|setattr)[^\n]*edis[^\n]*[\"'.]({any_of})[\"']")
            yield re.compile(rf"patch\.multiple\([^\n]*edis[^\n]*(\n[^\n]*){{0,4}}?\b({any_of})\s*=")


def _replaced(path: str, holders: Holders) -> Iterable[re.Pattern[str]]:
    """``patch("app.limits.get_redis")``, ``monkeypatch.setattr(limits, "redis_client", fake)``, ``Limiter(AsyncMock())``."""
    stem = path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
    names = "|".join(re.escape(name) for name in holders.names if name)
    if names:
        yield re.compile(rf"(patch|setattr)[^\n]*\s*[^\n]*\b{re.escape(stem)}\w*\b[^\n]*\b({names})\b")
    if holders.called:
        yield re.compile(
            rf"\b{re.escape(holders.called)}\([^\n]*(Mock\(|\bmock_?\w*|\b[Ff]ake_?(?!redis\.)\w*|\b[Ss]tub\w*)"
        )


def _faked(gone: set[str], changed: set[str]) -> list[re.Pattern[str]]:
    """``def incr(self, key):`` of a class written for tests; ``def set`` only where it knows no ``ex`` or ``nx``."""
    found = []
    if gone - _COMMON:
        found.append(rf"^\s+(async )?def ({'|'.join(sorted(gone - _COMMON))})\(self")
    if gone & _COMMON:
        found.append(
            rf"^class \w*([Rr]edis|[Cc]ache|KV)\w*(?:(?!^class )[\s\S])*?def ({'|'.join(sorted(gone & _COMMON))})\(self"
        )
    if changed:
        found.append(
            rf"^\s+(async )?def ({'|'.join(sorted(changed))})\(self, (?![^\n]*(\bex\b|\bnx\b|\*\*))[^\n]*\)"
        )
    return [re.compile(each, re.MULTILINE) for each in found]


def _tests(words: set[str], holders: Holders, project: Project) -> Iterable[str]:
    """Test files that hold some stand-in, and speak of Redis, of the commands, or of the holders."""
    needles = [b"edis", b"alkey", *(f".{word}.".encode() for word in words)]
    needles += [f"{quote}{name}{quote}".encode() for name in holders.names for quote in ("'", '"')]
    if holders.called:
        needles.append(f"{holders.called}(".encode())
    for path in {path for needle in needles for path in project.containing(needle)}:
        if is_test(path) and any(word in project.read(path) for word in _NEEDLES):
            yield path


def _shared(one: str, other: str) -> int:
    """How many words two paths have in common."""
    words = [
        set(re.split(r"[/_.]", text.lower())) - {"py", "test", "tests", "src", "app"} for text in (one, other)
    ]
    return len(words[0] & words[1])
