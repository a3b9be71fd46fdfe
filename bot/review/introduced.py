"""Which findings a pull request brings, and which of its lines they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codemods.engine.files.source import Source, Unreadable
from codemods.engine.run.fingerprint import fingerprints, likeness

if TYPE_CHECKING:
    from bot.review.diff import Diff
    from codemods.engine.run.report import Report, Reported


@dataclass(frozen=True, slots=True)
class Introduced:
    """A finding that the merge base does not have.

    ``first`` and ``last`` are its lines as git counts them: a lone carriage return ends none. ``touched`` are those
    among them that the pull request wrote. ``alike`` is shared by equal findings of one file. ``mark`` is the
    fingerprint it is spoken of by: its own, or that of one of its equals, so that equals which change places are as
    many as before.
    """

    finding: Reported
    first: int
    last: int
    touched: tuple[int, ...]
    alike: str
    mark: str


def known_before(report: Report, read: Callable[[str], bytes], diff: Diff) -> frozenset[str]:
    """The fingerprints of the merge base's findings, as they would be in the head if nothing but names had changed.

    ``read`` gives the merge base's files.
    """
    moved = [each for each in (*report.findings, *report.suppressed) if each.path in diff.renamed]
    names = {diff.renamed[each.path]: each.path for each in moved}
    there = {each: replace(each.finding, path=diff.renamed[each.path]) for each in moved}
    marks = fingerprints(there.values(), lambda path: read(names[path]))
    return frozenset(marks[there[each]] if each in there else each.fingerprint for each in report.findings)


def introduced(
    findings: Iterable[Reported], base: frozenset[str], diff: Diff, read: Callable[[str], bytes]
) -> tuple[Introduced, ...]:
    """Those that ``base`` does not know (see ``known_before``), by path and line; ``read`` gives the head's files.

    Where one file has several equal findings and the base knew some of them, those on lines that the pull request
    wrote are the new ones: which was first must not matter.
    """
    paths: defaultdict[str, list[Reported]] = defaultdict(list)
    for each in findings:
        paths[each.path].append(each)
    found: list[Introduced] = []
    for path, own in paths.items():
        if all(each.fingerprint in base for each in own):
            continue
        source = Source(path, read(path))
        groups: defaultdict[str, list[Introduced]] = defaultdict(list)
        for each in own:
            placed = _placed(each, source, diff)
            groups[placed.alike].append(placed)
        for group in groups.values():
            marks = [each.mark for each in group if each.mark not in base]
            untouched_first = sorted(group, key=lambda each: bool(each.touched))
            new = untouched_first[len(group) - len(marks) :]
            found += [replace(each, mark=mark) for each, mark in zip(new, marks, strict=True)]
    return tuple(sorted(found, key=lambda each: (each.finding.path, each.finding.line, each.finding.column)))


def lines_of(text: str, source: Source, first: int, last: int) -> tuple[int, int]:
    """Lines as Python counts them in lines as git counts them, both from 1."""
    if text.count("\r") == text.count("\r\n"):
        return first, last
    start, end = source.line_start(first), source.line_start(last)
    return text.count("\n", 0, start) + 1, text.count("\n", 0, end) + 1


def _placed(finding: Reported, source: Source, diff: Diff) -> Introduced:
    try:
        first, last = lines_of(source.text, source, finding.line, finding.end_line)
    except Unreadable:
        first, last = finding.line, finding.end_line
    touched = tuple(diff.touched(finding.path, first, last))
    return Introduced(finding, first, last, touched, likeness(finding.finding, source), finding.fingerprint)
