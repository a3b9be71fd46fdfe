"""The report for people: each finding with its lines, its reason and its patch."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from typer import style

from bot.output.plain import plain
from codemods.engine.finding import Applicability

if TYPE_CHECKING:
    from codemods.engine.files.source import Source
    from codemods.engine.run.report import Combined, Report, Reported

_COLOURS = {Applicability.SAFE: "green", Applicability.UNSAFE: "yellow", Applicability.DISPLAY_ONLY: "blue"}
_MOST_LINES = 12
_MOST_SKIPPED = 10
_OPENING = re.compile(r"(An?|The|It|Its|No|Nothing|Left|This|These|Some|There|Both|What|Where|One|In|Not) ")


@dataclass(frozen=True, slots=True)
class Look:
    """How to show things.

    ``where`` turns a report's path into one to click on; ``source`` gives a file, None where it can't be read.
    """

    colour: bool
    where: Callable[[str], str]
    source: Callable[[str], Source | None]
    unsafe_fixes: bool

    def paint(self, text: str, colour: str | None = None, *, bold: bool = False, dim: bool = False) -> str:
        """``text`` in a colour, where colours are shown."""
        return style(text, fg=colour, bold=bold or None, dim=dim or None) if self.colour else text


def render(report: Report, seconds: float, look: Look) -> str:
    """The whole report."""
    parts = [block for each in report.findings for block in (*_finding(each, look), "")]
    parts += _skipped(report, look)
    parts.append(_summary(report, seconds, look))
    return "\n".join(parts) + "\n"


def _finding(each: Reported, look: Look) -> Iterator[str]:
    place = plain(f"{look.where(each.path)}:{each.line}:{each.column}")
    mark = look.paint(f"[{each.applicability}]", _COLOURS[each.applicability])
    yield f"{look.paint(place, bold=True)} {look.paint(each.rule, 'red', bold=True)} {mark}"
    yield f"  {plain(each.message)}"
    yield from _excerpt(each, look)
    yield f"  {look.paint('because', dim=True)} {plain(_within(each.reason))}"
    for note in each.notes:
        yield f"  {look.paint('note', dim=True)} {plain(note)}"
    if each.patch:
        yield from diff(each.patch, look, indent="  ")
    elif each.applicability is Applicability.UNSAFE and not look.unsafe_fixes:
        yield f"  {look.paint('a patch that a person must look at is shown with --unsafe-fixes', dim=True)}"


def _excerpt(each: Reported, look: Look) -> Iterator[str]:
    source = look.source(each.path)
    lines = source.lines if source is not None else []
    if each.line > len(lines):
        return
    last = min(each.end_line, len(lines), each.line + _MOST_LINES - 1)
    width = len(str(min(last + 1, len(lines))))
    for number in range(max(1, each.line - 1), min(last + 1, len(lines)) + 1):
        text = plain(lines[number - 1][:200]).rstrip()
        inside = each.line <= number <= last
        gutter = f"{'>' if inside else ' '} {number:>{width}} |"
        yield f"  {look.paint(gutter, 'red' if inside else None, dim=not inside)} {text}".rstrip()
        if number == each.line and text:
            yield f"  {' ' * (width + 2)} {look.paint('|', dim=True)} {look.paint(_marker(text, each.column), 'red')}"
    if last < min(each.end_line, len(lines)):
        yield f"  {' ' * (width + 2)} {look.paint('| ...', dim=True)}"


def _marker(text: str, column: int) -> str:
    """Carets under the rest of the line from ``column``, as wide as a terminal shows the characters."""
    before, rest = text[: column - 1], text[column - 1 :]
    return "".join("\t" if char == "\t" else " " * _width(char) for char in before) + "^" * max(
        1, sum(_width(char) for char in rest.rstrip())
    )


def _width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def diff(patch: str, look: Look, indent: str = "") -> Iterator[str]:
    """The lines of a unified diff, in colour."""
    for line in patch.rstrip("\n").split("\n"):
        shown = plain(line.removesuffix("\r"))
        if line.startswith("diff --git"):
            continue
        if line.startswith(("--- ", "+++ ")):
            yield indent + look.paint(shown, bold=True)
        elif line.startswith("@@"):
            yield indent + look.paint(shown, "cyan")
        elif line.startswith("+"):
            yield indent + look.paint(shown, "green")
        elif line.startswith("-"):
            yield indent + look.paint(shown, "red")
        else:
            yield indent + shown


def _within(sentence: str) -> str:
    """A sentence as it goes on behind a word: code and names keep their capitals."""
    return sentence[:1].lower() + sentence[1:] if _OPENING.match(sentence) else sentence


def _skipped(report: Report, look: Look) -> Iterator[str]:
    if not report.skipped:
        return
    reasons = Counter(each.reason for each in report.skipped)
    shown = 0
    for each in report.skipped:
        if reasons[each.reason] <= 3 and shown < _MOST_SKIPPED:
            yield look.paint(f"skipped {plain(look.where(each.path))}: {plain(each.reason)}", dim=True)
            shown += 1
            reasons[each.reason] -= 1
            reasons += Counter()
    for reason, count in sorted(reasons.items()):
        if count > 0:
            yield look.paint(f"skipped {count} more: {plain(reason)}", dim=True)
    yield ""


def counted(number: int, word: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _summary(report: Report, seconds: float, look: Look) -> str:
    took = f"{counted(report.files, 'file')} in {seconds:.1f} s"
    if not report.findings:
        return look.paint(f"Nothing found: {took}.", "green")
    kinds = Counter(each.applicability for each in report.findings)
    words = [f"{kinds[kind]} {kind}" for kind in Applicability if kinds[kind]]
    return look.paint(f"{counted(len(report.findings), 'finding')} ({', '.join(words)}): {took}.", bold=True)


def render_fixed(result: Combined, report: Report, look: Look) -> str:
    """What ``fix`` did, file by file, and what it left, with the reasons."""
    lines = [
        f"{look.paint('fixed', 'green')} {plain(look.where(each.path))}:{each.line} {each.rule}"
        for each in result.applied
    ]
    for each in result.left:
        place = plain(f"{look.where(each.path)}:{each.line}")
        mark = look.paint(f"[{each.applicability}]", _COLOURS[each.applicability])
        lines.append(
            f"{look.paint('left', 'yellow')} {place} {each.rule} {mark} {plain(_why_left(each, look))}"
        )
    lines += list(_skipped(report, look))
    lines.append(
        look.paint(
            f"{counted(len(result.applied), 'finding')} fixed in {counted(len(result.changed), 'file')}, "
            f"{len(result.left)} left.",
            bold=True,
        )
    )
    return "\n".join(lines) + "\n"


def _why_left(each: Reported, look: Look) -> str:
    if each.applicability is Applicability.DISPLAY_ONLY:
        return each.reason
    if each.applicability is Applicability.UNSAFE and not look.unsafe_fixes:
        return "a person must look at its patch: --unsafe-fixes applies it"
    return "its patch does not go together with the others"


def wrapped(head: str, text: str, width: int = 100) -> str:
    """``head`` and ``text``, whose further lines stand below its first."""
    return (
        textwrap.fill(text, width, initial_indent=head, subsequent_indent=" " * len(head))
        if text
        else head.rstrip()
    )
