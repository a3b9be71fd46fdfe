"""Comments of statements that are replaced, carried over to the statements that replace them."""

from __future__ import annotations

import tokenize
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codemods.engine.edits.comments import Comment, comments_of, tokens_of
from codemods.engine.files.source import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORDS = {tokenize.NAME, tokenize.NUMBER, tokenize.STRING}
_LONGEST = 100


@dataclass
class LogicalLine:
    """One logical line: where its first and last token lie, its words, and the comments that belong to it.

    ``above`` stand on lines of their own before it or inside its brackets; ``beside`` ends its last line.
    """

    start: int
    end: int = 0
    words: Counter[str] = field(default_factory=Counter)
    above: list[Comment] = field(default_factory=list)
    beside: Comment | None = None


def logical_lines(source: Source, start: int, end: int) -> list[LogicalLine]:
    """The logical lines whose tokens lie between the offsets; statements joined by semicolons are one each."""
    found: list[LogicalLine] = []
    current: LogicalLine | None = None
    waiting: list[Comment] = []
    depth = 0
    skipped = {tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER}
    for token in tokens_of(source):
        if token.type in skipped or token.start[0] > len(source.lines):
            continue
        begin = source.line_start(token.start[0]) + token.start[1]
        if begin < start or begin >= end:
            continue
        if token.type == tokenize.COMMENT:
            own = not source.lines[token.start[0] - 1][: token.start[1]].strip()
            text = token.string.rstrip()
            comment = Comment(text, token.start[0], begin, begin + len(text), own)
            if current is None and found and not own:
                found[-1].beside = comment  # after a closing semicolon
            elif current is None:
                waiting.append(comment)
            elif depth:
                current.above.append(comment)
            else:
                current.beside = comment
            continue
        if token.type == tokenize.NEWLINE or (token.string == ";" and not depth):
            current = None
            continue
        if current is None:
            current = LogicalLine(begin, above=waiting)
            waiting = []
            found.append(current)
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
        current.end = source.line_start(token.end[0]) + token.end[1]
        if token.type in _WORDS:
            current.words[token.string] += 1
    if waiting and found:
        found[-1].above.extend(waiting)
    return found


def carry(source: Source, start: int, end: int, new_text: str) -> str:
    """``new_text`` with the comments that lie between the offsets and that it does not have already.

    A comment goes to the one new line that says the same as its old line; where none does, a tool's directive
    goes to the end of the last new line and any other comment on a line of its own above them all.
    """
    if "#" not in source.text[start:end]:
        return new_text
    old = logical_lines(source, start, end)
    written = Source(source.path, new_text.encode())
    held = Counter(comment.text for comment in comments_of(written))
    new = logical_lines(written, 0, len(new_text))
    matches = _matches([line.words for line in old], [line.words for line in new])
    above: dict[int, list[Comment]] = {}
    beside: dict[int, list[str]] = {}
    ends = new_text.split("\n")
    for line, match in zip(old, matches, strict=True):
        for comment in [*line.above, *([line.beside] if line.beside else [])]:
            if held[comment.text]:
                held[comment.text] -= 1
                continue
            if comment is line.beside or (comment.directive and not comment.own_line):
                number = match if match is not None or not comment.directive else len(new) - 1
                only = match is None and len(old) == len(new) == 1
                number = 0 if only else number
                if number is not None and (
                    comment.directive or _fits(ends, written, new[number], comment, beside)
                ):
                    beside.setdefault(number, []).append(comment.text)
                    continue
            above.setdefault(match or 0, []).append(comment)
    return _written(
        written, new, {key: [each.text for each in value] for key, value in above.items()}, beside
    )


def _fits(
    lines: list[str], written: Source, line: LogicalLine, comment: Comment, beside: dict[int, list[str]]
) -> bool:
    if any(comment.text in texts for texts in beside.values()):
        return True
    last = lines[written.position(line.end)[0] - 1]
    return len(last) + 2 + len(comment.text) <= _LONGEST


def _matches(old: Sequence[Counter[str]], new: Sequence[Counter[str]]) -> list[int | None]:
    """For each old line the new line that shares most words with it, if one does and it shares at least half."""
    found: list[int | None] = []
    for words in old:
        scores = [(words & other).total() / max(1, min(words.total(), other.total() or 1)) for other in new]
        shared = [(words & other).total() for other in new]
        ranked = sorted(range(len(new)), key=lambda number: (shared[number], scores[number]), reverse=True)
        best = ranked[0] if ranked else None
        if (
            best is None
            or 2 * shared[best] < words.total()
            or (len(ranked) > 1 and (shared[ranked[1]], scores[ranked[1]]) == (shared[best], scores[best]))
        ):
            best = None
        found.append(best)
    return found


def _written(
    text: Source, lines: list[LogicalLine], above: dict[int, list[str]], beside: dict[int, list[str]]
) -> str:
    result = text.lines.copy()
    inserted: dict[int, list[str]] = {}
    for number, line in enumerate(lines):
        first = text.position(line.start)[0] - 1
        last = text.position(line.end)[0] - 1
        indent = text.indent(first + 1)
        inserted.setdefault(first, []).extend(indent + comment for comment in above.get(number, ()))
        for comment in beside.get(number, ()):
            result[last] = f"{result[last].rstrip()}  {comment}"
    return "\n".join(part for number, line in enumerate(result) for part in (*inserted.get(number, ()), line))
