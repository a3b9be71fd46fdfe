"""What is said about each new finding, and where: a suggestion, a description, or nothing beside its annotation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.review.suggestion import Suggestion, suggestion

if TYPE_CHECKING:
    from bot.plan.found import Found
    from bot.review.diff import Diff
    from bot.review.introduced import Introduced
    from bot.review.model import Thread
    from codemods.engine.run.report import Reported


@dataclass(frozen=True, slots=True)
class Remark:
    """One new finding.

    ``offered``: its patch may be applied. ``lines`` are the first and last line of a comment about it, None where it
    can have none: without a patch, or on no line that the author wrote. ``suggestion`` replaces just these lines; a
    comment without one describes the patch. ``thread`` is the conversation that there is about it already.
    """

    new: Introduced
    offered: bool
    lines: tuple[int, int] | None = None
    suggestion: Suggestion | None = None
    thread: Thread | None = None

    @property
    def finding(self) -> Reported:
        """What was found."""
        return self.new.finding

    @property
    def declined(self) -> bool:
        """Whether a person resolved the conversation about it."""
        return self.thread is not None and self.thread.resolved and not self.thread.resolved_by_bot


def remarks(
    news: Iterable[Introduced], found: Found, diff: Diff, threads: Sequence[Thread]
) -> tuple[Remark, ...]:
    """What could be said of each, in order, with the conversations that there are."""
    return tuple(_with_threads([_remark(new, found, diff) for new in news], threads))


def _remark(new: Introduced, found: Found, diff: Diff) -> Remark:
    finding = new.finding
    offered = found.offered(finding)
    file = diff.files.get(finding.path)
    if finding.patch is None or file is None or not new.touched:
        return Remark(new, offered)
    if offered:
        made = suggestion(new, found.snapshot.read(finding.path), file)
        if made is not None:
            return Remark(new, offered, (made.start, made.line), made)
    line = new.touched[0]
    return Remark(new, offered, (line, line) if file.hunk(line, line) else None)


def _with_threads(found: list[Remark], threads: Sequence[Thread]) -> list[Remark]:
    """Each remark with its conversation. Equal findings share theirs: by line where they fit, then in order."""
    by_mark: dict[str, Thread] = {}
    for thread in threads:
        by_mark.setdefault(thread.fingerprint, thread)
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for at, each in enumerate(found):
        groups[each.new.alike].append(at)
    done = list(found)
    for group in groups.values():
        marks = [found[at].new.mark for at in group]
        spoken = [mark for mark in marks if mark in by_mark]
        silent = [mark for mark in marks if mark not in by_mark]
        left = []
        for at in group:
            here = next((mark for mark in spoken if _is_at(by_mark[mark], found[at])), None)
            if here is None:
                left.append(at)
            else:
                spoken.remove(here)
                done[at] = _marked(found[at], here, by_mark[here])
        for at, mark in zip(left, [*spoken, *silent], strict=True):
            done[at] = _marked(found[at], mark, by_mark.get(mark))
    return done


def _is_at(thread: Thread, remark: Remark) -> bool:
    return thread.line is not None and remark.lines is not None and thread.line == remark.lines[1]


def _marked(remark: Remark, mark: str, thread: Thread | None) -> Remark:
    return replace(remark, new=replace(remark.new, mark=mark), thread=thread)
