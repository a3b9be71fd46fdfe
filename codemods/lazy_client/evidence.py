"""What a finding carries from the detector to the rewriter: plain values, so that it can be cached."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spot:
    """Replace ``text[start:end]`` of a file by ``text``."""

    path: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """One definition and the getter that takes its place.

    ``start`` and ``end`` span the statement; ``value`` what is assigned (``branches``: the statement itself, whose
    ``stores`` are the spans of the targets). ``setup`` spans statements that move along. ``type`` is empty where nothing
    names it, ``Any`` where the file is typed all the same. ``fallback``: it may be None. ``optional`` is how
    ``Optional`` is written, empty for ``| None``. ``key``: text of a key to check first, with ``error`` and ``detail``.
    """

    path: str
    name: str
    private: str
    getter: str
    start: int
    end: int
    branches: bool
    value: tuple[int, int]
    stores: tuple[tuple[int, int], ...]
    setup: tuple[tuple[int, int], ...]
    type: str
    fallback: bool
    optional: str
    quoted: bool
    doc: str
    key: str = ""
    error: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Lazy:
    """The whole change: the definitions, the places that follow, and imports as ``(path, module, attribute, alias)``."""

    parts: tuple[Part, ...]
    spots: tuple[Spot, ...]
    imports: tuple[tuple[str, str, str | None, str | None], ...] = ()
