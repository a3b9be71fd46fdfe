"""Unified diffs as git writes them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence

_CONTEXT = 3
_QUOTED = re.compile(rb'[\x00-\x1f"\\\x7f]')
_ESCAPES = {b"\t": rb"\t", b"\n": rb"\n", b"\r": rb"\r", b'"': rb"\"", b"\\": rb"\\"}


def unified(changed: Mapping[str, tuple[bytes, bytes]]) -> str:
    """One diff over files given as ``{path: (before, after)}``, which ``git apply`` takes.

    Bytes that are not UTF-8 become surrogate escapes: encode with ``surrogateescape`` to get them back.
    """
    return "".join(part for path in sorted(changed) for part in _file(path, *changed[path]))


def _file(path: str, before: bytes, after: bytes) -> Iterator[str]:
    if before == after:
        return
    old, new = _quoted("a/", path), _quoted("b/", path)
    yield f"diff --git {old} {new}\n"
    tail = "\t" if " " in path and not old.startswith('"') else ""
    yield f"--- {old}{tail}\n+++ {new}{tail}\n"
    yield from _hunks(_lines(before), _lines(after))


def _quoted(side: str, path: str) -> str:
    """The path as git writes it: in C's quotes where it holds control characters, quotes or backslashes."""
    data = (side + path).encode("utf-8", "surrogateescape")
    if not _QUOTED.search(data):
        return side + path
    quoted = _QUOTED.sub(lambda found: _ESCAPES.get(found[0]) or b"\\%03o" % found[0][0], data)
    return f'"{quoted.decode("utf-8", "surrogateescape")}"'


def _lines(data: bytes) -> list[str]:
    """The lines with their ends; only a line feed ends one, as in git."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])


Span = tuple[int, int, int, int]


def line_changes(before: Sequence[str], after: Sequence[str]) -> list[Span]:
    """What differs, in order: lines ``before[a1:a2]`` became ``after[b1:b2]``, as ``(a1, a2, b1, b2)`` from 0."""
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if not old or not new:
        return [(start, start + len(old), start, start + len(new))] if old or new else []
    codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [
        (a1 + start, a2 + start, b1 + start, b2 + start) for tag, a1, a2, b1, b2 in codes if tag != "equal"
    ]


def _hunks(before: list[str], after: list[str]) -> Iterator[str]:
    changes = line_changes(before, after)
    while changes:
        hunk = [changes.pop(0)]
        while changes and changes[0][0] - hunk[-1][1] <= 2 * _CONTEXT:
            hunk.append(changes.pop(0))
        yield from _hunk(before, after, hunk)


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _hunk(before: list[str], after: list[str], changes: list[Span]) -> Iterator[str]:
    first, last = changes[0], changes[-1]
    a1, b1 = max(0, first[0] - _CONTEXT), max(0, first[2] - _CONTEXT)
    a2, b2 = min(len(before), last[1] + _CONTEXT), min(len(after), last[3] + _CONTEXT)
    yield f"@@ -{_range(a1, a2)} +{_range(b1, b2)} @@\n"
    at = a1
    for old1, old2, new1, new2 in changes:
        yield from _marked(" ", before[at:old1])
        yield from _marked("-", before[old1:old2])
        yield from _marked("+", after[new1:new2])
        at = old2
    yield from _marked(" ", before[at:a2])


def _range(start: int, end: int) -> str:
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _marked(mark: str, lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"
