"""Suggestions in review comments: reading them, and what GitHub makes of a file when one is applied."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.github.review_records import Place

_OPENING = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*suggestion[ \t]*$")


def suggestion_in(body: str) -> list[str] | None:
    """The lines that a comment suggests, without their ends; None if it suggests nothing.

    A fence ends where one of its own kind stands alone that is at least as long (CommonMark, 4.5).
    """
    lines = body.replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines):
        opening = _OPENING.match(line)
        if opening is None:
            continue
        fence = opening[1]
        closing = re.compile(rf"^ {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*$")
        suggested = []
        for below in lines[number + 1 :]:
            if closing.match(below):
                break
            suggested.append(below)
        return suggested
    return None


def applied(data: bytes, changes: Sequence[tuple[Place, list[str]]]) -> bytes:
    """A file after suggestions: the lines of each place replaced, with the line ends that they have."""
    lines = re.findall(rb"[^\n]*\n|[^\n]+$", data)
    for place, suggested in sorted(changes, key=lambda change: change[0].line or 0, reverse=True):
        last = place.line or 0
        first = place.start_line or last
        end = _end(lines[last - 1]) or _end(lines[0]) or b"\n"
        new = [each.encode() + end for each in suggested]
        if new and last == len(lines) and not _end(lines[-1]):
            new[-1] = new[-1].removesuffix(end)
        lines[first - 1 : last] = new
    return b"".join(lines)


def _end(line: bytes) -> bytes:
    return b"\r\n" if line.endswith(b"\r\n") else b"\n" if line.endswith(b"\n") else b""
