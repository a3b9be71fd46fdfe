"""Which route a request means that no route serves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.finding import Applicability
from codemods.libraries.fastapi.paths import MANY, ONE, SYMBOL, is_plain, led, segments, settled

if TYPE_CHECKING:
    from codemods.libraries.fastapi import Route

Segments = tuple[str, ...]
_LONG = 20
"""Segments of that many characters are values rather than words."""


@dataclass(frozen=True, slots=True)
class Step:
    """How a request's path becomes a route's: of its segments, ``drop`` from ``start`` on go, and ``put`` comes there."""

    start: int
    drop: int
    put: tuple[str, ...]
    why: str
    applicability: Applicability


@dataclass(frozen=True, slots=True)
class Candidate:
    """A route that may be meant, and the step to it."""

    route: Route
    step: Step


def candidates(path: str, method: str, routes: tuple[Route, ...]) -> list[Candidate]:
    """The routes of this method whose path differs from the request's by one step; one alone may be meant.

    A path that begins with a setting is compared with the routes under that setting, from there on. Where the step is a prefix, every route that ends as the request does counts as one that may be meant, and so does every
    one that goes on where the request ends.
    """
    lead, rest = led(path)
    asked = segments(rest)
    if MANY in asked or SYMBOL in rest:
        return []
    known = [
        (route, segments(settled(led(route.path)[1] if lead else route.path)))
        for route in routes
        if not route.guess and route.takes(method) and route.handler_at is not None
        if not lead or led(route.path)[0] == lead
    ]
    found: dict[str, Candidate] = {}
    for route, served in known:
        step = (
            None
            if MANY in served or not served
            else _step(asked, served, firm=bool(lead) or SYMBOL not in route.path)
        )
        if step is not None:
            found.setdefault(route.shown.rstrip("/"), Candidate(route, step))
    if len(found) == 1:
        (single,) = found.values()
        kept = asked[single.step.start + single.step.drop :]
        if not single.step.put or not single.step.drop:
            for route, served in known:
                if _ends(served, kept) or served[: len(asked)] == asked:
                    other = Step(0, 0, (), "", Applicability.DISPLAY_ONLY)
                    found.setdefault(route.shown.rstrip("/"), Candidate(route, other))
    return list(found.values())


def _ends(served: Segments, kept: Segments) -> bool:
    """Whether a route ends as a request does."""
    return len(served) >= len(kept) > 0 and all(
        _fits(*pair) for pair in zip(served[len(served) - len(kept) :], kept, strict=True)
    )


def _step(asked: Segments, served: Segments, *, firm: bool) -> Step | None:
    """The one change that makes the request's segments the route's; None where more is needed."""
    head = 0
    while head < min(len(asked), len(served)) and asked[head] == served[head] and "{" not in served[head]:
        head += 1
    tail = 0
    while tail < min(len(asked), len(served)) - head and _fits(served[-1 - tail], asked[-1 - tail]):
        tail += 1
    if head + tail < min(len(asked), len(served)):
        return _renamed(asked, served)
    equal = sum(1 for part in served[len(served) - tail :] if "{" not in part)
    dropped = asked[head : len(asked) - tail]
    put = served[head : len(served) - tail]
    if not equal or not _plain(dropped) or not _plain(put):
        return _renamed(asked, served)
    sure = Applicability.SAFE if firm else Applicability.UNSAFE
    if put and not dropped:
        if not (_technical(served[:head]) or _technical(put)):
            sure = Applicability.DISPLAY_ONLY
        return Step(head, 0, put, f"the same path under `/{'/'.join(served[: head + len(put)])}`", sure)
    if dropped and not put:
        if not _technical(dropped):
            sure = Applicability.DISPLAY_ONLY
        return Step(head, len(dropped), (), f"the same path without `{'/'.join(dropped)}`", sure)
    return None


def _technical(parts: Segments) -> bool:
    """Whether all segments are such as APIs are put under: ``api``, ``v1``."""
    return all(re.fullmatch(r"api|rest|v\d+(?:\.\d+)?", part) for part in parts)


def _renamed(asked: Segments, served: Segments) -> Step | None:
    """Paths of one length that differ in one segment, whose spellings are close."""
    if len(asked) != len(served):
        return None
    other = [place for place in range(len(asked)) if not _fits(served[place], asked[place])]
    if len(other) != 1 or len(asked) < 1:
        return None
    place = other[0]
    old, new = asked[place], served[place]
    if not _plain((old,)) or not _plain((new,)):
        return None
    sure = _spelling(old, new)
    if sure is None:
        return None
    return Step(place, 1, (new,), f"`{new}` is how the app spells `{old}`", sure)


def _fits(served: str, asked: str) -> bool:
    """Whether a route's segment takes a request's: equal text, or a parameter for what looks like a value."""
    if "{" not in served:
        return served == asked
    return ONE in asked or len(asked) >= _LONG or any(letter.isdigit() or letter == "@" for letter in asked)


def _plain(parts: Segments) -> bool:
    return all(is_plain(part) and "{" not in part and ONE not in part for part in parts)


def _spelling(old: str, new: str) -> Applicability | None:
    """How sure it is that two words are one: safe for plurals, case and separators, unsafe for a slip of one letter."""
    if _bare(old) == _bare(new):
        return Applicability.SAFE
    if min(len(old), len(new)) >= 5 and _one_slip(old, new):
        return Applicability.UNSAFE
    return None


def _bare(word: str) -> str:
    word = re.sub(r"[-_.]", "", word).lower()
    for end, other in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("s", "")):
        if word.endswith(end) and len(word) > len(end) + 2 and not word.endswith("ss"):
            return word[: -len(end)] + other
    return word


def _one_slip(old: str, new: str) -> bool:
    """One letter more, less, other, or two swapped."""
    if len(old) == len(new):
        differing = [place for place in range(len(old)) if old[place] != new[place]]
        if len(differing) == 2 and differing[1] == differing[0] + 1:
            first, second = differing
            return old[first] == new[second] and old[second] == new[first]
        return len(differing) == 1 and not (old[differing[0]].isdigit() or new[differing[0]].isdigit())
    shorter, longer = sorted((old, new), key=len)
    return len(longer) - len(shorter) == 1 and any(
        longer[:place] + longer[place + 1 :] == shorter and not longer[place].isdigit()
        for place in range(len(longer))
    )
