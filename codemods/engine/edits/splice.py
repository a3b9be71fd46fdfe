"""Edits put into a text: bytes outside the edits stay, new text takes the file's encoding and line ends."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codemods.engine.finding import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.engine.files.source import Source
    from codemods.engine.finding import Edit

_LINE_END = re.compile(r"\r\n|\r|\n")


class BadEdit(ValueError):  # noqa: N818 - the rule's mistake, not the file's
    """An edit that lies outside its file, or names a file that is not there."""


def at_line_start(text: str, offset: int) -> bool:
    """Whether a line of ``text`` begins at ``offset``."""
    return (
        offset == 0
        or text[offset - 1] == "\n"
        or (text[offset - 1] == "\r" and text[offset : offset + 1] != "\n")
    )


def at_line_end(text: str, offset: int) -> bool:
    """Whether a line of ``text`` ends at ``offset``."""
    return offset == len(text) or text[offset] in "\r\n"


def snapped(text: str, offset: int) -> int:
    """``offset``, moved before a carriage return and line feed that it would tear apart."""
    inside = 0 < offset < len(text) and text[offset - 1] == "\r" and text[offset] == "\n"
    return offset - 1 if inside else offset


def splice(source: Source, edits: Iterable[Edit]) -> tuple[Source, list[tuple[int, int]]]:
    """``source`` with ``edits`` carried out, and the spans that their texts have in the result.

    The edits do not overlap; those at the same offset are carried out in the order given, insertions first.
    Raises BadEdit for offsets outside the text and Refused for text that the file's encoding does not have.
    """
    text = source.text
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end > edit.start))
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    at = length = 0
    previous: Edit | None = None
    for edit in ordered:
        if edit == previous and edit.start < edit.end:
            continue
        previous = edit
        if not 0 <= edit.start <= edit.end <= len(text):
            raise BadEdit(
                f"{edit.path}: edit of {edit.start} to {edit.end} in a text of {len(text)} characters"
            )
        start, end = snapped(text, edit.start), snapped(text, edit.end)
        if start < at:
            raise BadEdit(f"{edit.path}: edits overlap at {start}")
        new = with_newlines(edit.text, _newline_at(source, start))
        parts += (text[at:start], new)
        length += start - at
        spans.append((length, length + len(new)))
        length += len(new)
        at = end
    parts.append(text[at:])
    try:
        return source.replaced("".join(parts)), spans
    except UnicodeEncodeError as error:
        missing = error.object[error.start : error.end]
        raise Refused(f"{source.path} is {source.encoding}, which does not have {missing!r}") from error


def with_newlines(text: str, newline: str) -> str:
    """``text`` with ``newline`` at every line's end."""
    return _LINE_END.sub(newline, text)


def _newline_at(source: Source, offset: int) -> str:
    """The line end of the line at ``offset``: files that mix two kinds keep both where they are."""
    found = _LINE_END.search(source.text, offset)
    return found.group() if found else source.newline
