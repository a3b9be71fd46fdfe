"""The lines of a comment that a reader sees as plain text at the left margin: only they can hold commands."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator

_LINE_END = re.compile(r"\r\n|\r|\n")
_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<fence>`{3,}(?=[^`]*$)|~{3,})")
_CODE = re.compile(r" {4}| {0,3}\t")
_QUOTE = re.compile(r" {0,3}>(?P<text>.*)")
_LIST = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_RUN = re.compile(r"`+")
_MOST_INDENT = 3
_HIDING = re.compile(r"<(pre|code|script|style|textarea|blockquote)\b[^>]*>", re.IGNORECASE)


def plain_lines(body: str) -> Iterator[str]:
    """These lines in order, without the white space around them.

    Left out are quoted text (with the lines that continue it without a mark of their own, as GitHub shows them),
    fenced and indented code, list items, and lines that begin inside of inline code, an HTML comment or an HTML
    element for code and quotations. Where Markdown is in doubt, a line is left out: doing nothing does no harm.
    """
    for paragraph in _paragraphs(_LINE_END.split(body)):
        yield from (line.strip() for line in paragraph)


def _paragraphs(lines: list[str]) -> Iterator[list[str]]:
    """Groups of lines that belong to one paragraph or stand alone, freed of all that hides commands."""
    fence: re.Match[str] | None = None
    quoted = listed = False
    paragraph: list[str] = []
    hidden = ""
    for line in lines:
        if fence:
            fence = None if _closes(line, fence) else fence
            continue
        if hidden:
            end = re.search(hidden, line, re.IGNORECASE)
            hidden = "" if end else hidden
            continue
        blank = not line.strip()
        mark = _FENCE.match(line)
        quote = _QUOTE.match(line)
        if blank or mark or quote:
            yield _outside_of_code(paragraph)
            paragraph = []
        if mark and (listed or not _CODE.match(line)):
            fence, quoted = mark, False
        elif quote:
            quoted = bool(quote["text"].strip()) and not _FENCE.match(quote["text"].strip())
        elif blank:
            quoted = False
        elif _LIST.match(line):
            listed = True
        elif not quoted and not _CODE.match(line):
            listed = False
            paragraph.append(line)
        if not fence and not quote and (listed or not _CODE.match(line)):
            hidden = _left_open(line)
    yield _outside_of_code(paragraph)


def _closes(line: str, opening: re.Match[str]) -> bool:
    """A closing fence is at least as long, and indented by at most three more columns."""
    text, fence = line.strip(), opening["fence"]
    further = _columns(line[: len(line) - len(line.lstrip())]) - _columns(opening["indent"])
    return len(text) >= len(fence) and not text.strip(fence[0]) and further <= _MOST_INDENT


def _columns(space: str) -> int:
    return len(space.expandtabs(4))


def _left_open(line: str) -> str:
    """A pattern for the end of the HTML comment or element that ``line`` opens and does not close; else empty."""
    text = _without_code(line)
    comment = text.rfind("<!--")
    if comment >= 0 and "-->" not in text[comment:]:
        return "-->"
    opened = [found for found in _HIDING.finditer(text) if comment < 0 or found.start() < comment]
    for found in opened:
        if not re.search(rf"</{found[1]}\s*>", text[found.end() :], re.IGNORECASE):
            return rf"</{found[1]}\s*>"
    return ""


def _without_code(line: str) -> str:
    parts, end = [], 0
    for start, stop in _code_spans(line):
        parts.append(line[end:start])
        end = stop
    return "".join([*parts, line[end:]])


def _outside_of_code(paragraph: list[str]) -> list[str]:
    """The lines of a paragraph that do not begin inside of inline code, which may go over several lines."""
    text = "\n".join(paragraph)
    inside: set[int] = set()
    line, counted = 0, 0
    for start, stop in _code_spans(text):
        first = line + text.count("\n", counted, start)
        line, counted = first + text.count("\n", start, stop), stop
        inside.update(range(first + 1, line + 1))
    return [each for number, each in enumerate(paragraph) if number not in inside]


def _code_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where inline code begins and ends: a run of backquotes up to the next one of the same length.

    An escaped backquote is not part of the run that opens; within code nothing is escaped. [GFM, 6.3]
    """
    ends = defaultdict[int, list[int]](list)
    for run in _RUN.finditer(text):
        ends[len(run[0])].append(run.start())
    position = 0
    while (opening := _RUN.search(text, position)) is not None:
        start, position = opening.span()
        start += _escaped(text, start)
        length = position - start
        later = ends[length]
        index = bisect_left(later, position)
        if length and index < len(later):
            position = later[index] + length
            yield start, position


def _escaped(text: str, at: int) -> bool:
    backslashes = 0
    while backslashes < at and text[at - backslashes - 1] == "\\":
        backslashes += 1
    return backslashes % 2 == 1
