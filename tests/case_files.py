"""Reads Markdown cases: what a rule finds in a few files, what it writes, and what it leaves alone.

A file begins with ``# rule-name``. Every heading below it that holds files states one case. The info string
of a fenced block says what the block is::

    ```python app/ai.py before          a file as it is, and ...
    ```python app/ai.py after           ... as the rule leaves it (``after unsafe``: with unsafe fixes only)
    ```python app/ai.py                 a file that must stay as it is, to the byte
    ```toml pyproject.toml              any other file of the project
    ```findings                         ``path:line applicability words that message, reason and notes hold``

Longer fences (```` or ~~~~) hold text that itself has fences. Markers in braces at the end of an info string
change the file's bytes: ``{crlf}``, ``{tabs}``, ``{bom}``, ``{latin-1}``, ``{no-final-newline}``,
``{form-feed}`` (a line ``^L`` becomes one). A file's markers hold for its ``after`` too. Without a findings
block every finding must be safe where there is an ``after``, unsafe where there is an ``after unsafe``, one
of each at least; where there is neither, there must be none. All else is prose.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,})\s*(?P<info>[^`]*)$")
_MARKER = re.compile(r"\{([\w-]+)\}")
_FINDING = re.compile(
    r"^(?P<path>\S+):(?P<line>\d+)\s+(?P<applicability>safe|unsafe|display-only)(?:\s+(?P<text>.*))?$"
)
MARKERS = frozenset({"crlf", "tabs", "bom", "latin-1", "no-final-newline", "form-feed"})


class CaseError(Exception):
    """The Markdown does not say what a case must say."""


@dataclass(frozen=True)
class Expected:
    """One line of a findings block."""

    path: str
    line: int
    applicability: str
    text: str


@dataclass(frozen=True)
class Block:
    """One fenced block: where it stands, its info string's words and its text."""

    line: int
    words: tuple[str, ...]
    markers: frozenset[str]
    text: str


@dataclass(frozen=True)
class Case:
    """One heading: the project's files, and the files as they must be after safe and after all fixes."""

    rule: str
    title: str
    line: int
    files: dict[str, bytes]
    safe: dict[str, bytes] = field(default_factory=dict)
    unsafe: dict[str, bytes] = field(default_factory=dict)
    findings: tuple[Expected, ...] | None = None

    @property
    def after_safe(self) -> dict[str, bytes]:
        """All files as safe fixes leave them."""
        return {**self.files, **self.safe}

    @property
    def after_all(self) -> dict[str, bytes]:
        """All files as safe and unsafe fixes leave them."""
        return {**self.files, **self.safe, **self.unsafe}

    @property
    def rewrites(self) -> bool:
        """Whether the case expects any file to change."""
        return bool(self.safe or self.unsafe)


def read_cases(text: str, rule: str | None = None, joined: frozenset[str] = frozenset()) -> list[Case]:
    """The cases of one Markdown file; ``rule`` is taken from its first heading unless given.

    Headings in ``joined`` go on with the case above. Raises CaseError with the line number for whatever
    cannot be read.
    """
    cases: list[Case] = []
    name, title, start = rule, "", 1
    blocks: list[Block] = []
    for part in parts(text):
        if isinstance(part, Block):
            blocks.append(part)
            continue
        line, level, heading = part
        if heading in joined:
            continue
        if any(_is_file(block) for block in blocks):
            cases.append(_case(name, title, start, blocks))
        blocks, title, start = [], heading, line
        if level == 1 and name is None:
            name = heading.split()[0].strip("`:")
    if any(_is_file(block) for block in blocks):
        cases.append(_case(name, title, start, blocks))
    _refuse_repeats(cases)
    return cases


def _refuse_repeats(cases: list[Case]) -> None:
    seen: dict[str, int] = {}
    for case in cases:
        if case.title in seen:
            raise CaseError(f"line {case.line}: the title of line {seen[case.title]} again: {case.title}")
        seen[case.title] = case.line


def parts(text: str) -> Iterator[Block | tuple[int, int, str]]:
    """Headings and fenced blocks in order."""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        opening = _FENCE.match(lines[number])
        heading = _HEADING.match(lines[number])
        number += 1
        if heading:
            yield number, len(heading[1]), heading[2]
        elif opening:
            start = number
            fence = opening["fence"]
            closing = re.compile(rf"^{re.escape(fence[0])}{{{len(fence)},}}\s*$")
            while number < len(lines) and not closing.match(lines[number]):
                number += 1
            if number == len(lines):
                raise CaseError(f"line {start}: the fence is not closed")
            body = "".join(f"{line}\n" for line in lines[start:number])
            number += 1
            info = opening["info"].strip()
            yield Block(start, tuple(_MARKER.sub("", info).split()), frozenset(_MARKER.findall(info)), body)


def _is_file(block: Block) -> bool:
    return len(block.words) > 1


def _case(rule: str | None, title: str, line: int, blocks: list[Block]) -> Case:
    if rule is None:
        raise CaseError(f"line {line}: no rule is named above")
    case = Case(rule, title, line, {}, {}, {}, _expected(blocks))
    waiting: dict[str, Block] = {}
    for block in blocks:
        if not _is_file(block):
            continue
        _, path, *kind = block.words
        _check(block)
        if kind in ([], ["before"]):
            if path in case.files:
                raise CaseError(f"line {block.line}: {path} is given twice")
            case.files[path] = _bytes(block.text, block.markers)
            if kind:
                waiting[path] = block
        elif kind in (["after"], ["after", "unsafe"]):
            before = waiting.get(path)
            if before is None:
                raise CaseError(f"line {block.line}: {path} has no before")
            after = case.safe if kind == ["after"] else case.unsafe
            after[path] = _bytes(block.text, block.markers or before.markers)
        else:
            raise CaseError(f"line {block.line}: unknown word in the info string: {' '.join(kind)}")
    for path, block in waiting.items():
        final = case.after_all[path]
        if final == case.files[path]:
            raise CaseError(f"line {block.line}: {path} has a before, but no after that differs")
    return case


def _check(block: Block) -> None:
    unknown = block.markers - MARKERS
    if unknown:
        raise CaseError(f"line {block.line}: unknown marker: {', '.join(sorted(unknown))}")


def _expected(blocks: list[Block]) -> tuple[Expected, ...] | None:
    found = [block for block in blocks if block.words == ("findings",)]
    if not found:
        return None
    expected = []
    for block in found:
        for offset, line in enumerate(block.text.splitlines(), start=1):
            if not line.strip():
                continue
            match = _FINDING.match(line.strip())
            if match is None:
                raise CaseError(f"line {block.line + offset}: not 'path:line applicability text': {line}")
            expected.append(
                Expected(match["path"], int(match["line"]), match["applicability"], match["text"] or "")
            )
    return tuple(expected)


def _bytes(text: str, markers: frozenset[str]) -> bytes:
    if "tabs" in markers:
        text = re.sub(r"^(?: {4})+", lambda found: "\t" * (len(found[0]) // 4), text, flags=re.MULTILINE)
    if "form-feed" in markers:
        text = re.sub(r"^\^L$", "\f", text, flags=re.MULTILINE)
    if "no-final-newline" in markers:
        text = text.removesuffix("\n")
    if "crlf" in markers:
        text = text.replace("\n", "\r\n")
    data = text.encode("latin-1" if "latin-1" in markers else "utf-8")
    return codecs.BOM_UTF8 + data if "bom" in markers else data
