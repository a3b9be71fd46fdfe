"""Where review comments may stand: lines in the hunks of a pull request's diff, and where they are after a push."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tests.github.diffs import Hunk, hunks, patches
from tests.github.review_records import Place, ReviewThread

if TYPE_CHECKING:
    from tests.github.bare import Bare
    from tests.github.diffs import ChangedFile
    from tests.github.records import Pull
    from tests.github.repositories import Repo

_MOVED = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


class NotInDiff(Exception):  # noqa: N818 - what GitHub says is the message
    """A comment cannot stand there; ``field`` and the text are GitHub's."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def diff_of(repo: Repo, pull: Pull, sha: str, path: str) -> tuple[str, list[Hunk] | None]:
    """The commit where a pull request starts as of ``sha``, and a file's hunks; None if it is not changed."""
    start, files, _ = repo.span(pull.base_sha, sha)
    found = [each for each in files if each.path == path]
    return start, _hunks_of(repo.git, start, sha, found[0]) if found else None


@lru_cache(maxsize=1024)
def _hunks_of(git: Bare, start: str, sha: str, file: ChangedFile) -> list[Hunk]:
    return hunks(patches(git, start, sha, [file]).get(file.path))


def _hunk_with(found: list[Hunk], side: str, line: int) -> Hunk | None:
    return next((each for each in found if line in each.side(side)), None)


def position(found: list[Hunk], side: str, line: int) -> int | None:
    """How many lines below the file's first hunk header a line is; None if it is in no hunk."""
    above = 0
    for each in found:
        if line in each.side(side):
            return above + each.side(side)[line]
        above += len(each.lines) + 1
    return None


def start_thread(repo: Repo, pull: Pull, sha: str, given: dict[str, Any]) -> ReviewThread:
    """A thread where a request wants it. Raises NotInDiff.

    ``given`` has ``path``, ``line``, ``side``, ``start_line`` and ``start_side`` as the API takes them, or
    ``subject_type: file``.
    """
    path = given["path"]
    start, found = diff_of(repo, pull, sha, path)
    if found is None:
        raise NotInDiff("path", "Path could not be resolved")
    if given.get("subject_type") == "file":
        return ReviewThread(repo.github.next_id(), pull, Place(path, None), sha, start, "", 1)
    line, side = given.get("line"), given.get("side") or "RIGHT"
    first = given.get("start_line")
    start_side = (given.get("start_side") or side) if first is not None else None
    if first is not None and start_side == side and line is not None and first >= line:
        raise NotInDiff("start_line", "Start line must precede the end line.")
    hunk = None if line is None else _hunk_with(found, side, line)
    if hunk is None or line is None:
        raise NotInDiff("line", "Line could not be resolved")
    if first is not None and first not in hunk.side(start_side or side):
        message = "Pull request review thread start line must be part of the same hunk as the line."
        raise NotInDiff("start_line", message)
    place = Place(path, line, side, first, start_side)
    at = position(found, side, line) or 1
    return ReviewThread(repo.github.next_id(), pull, place, sha, start, hunk.upto(side, line), at)


def follow(repo: Repo, thread: ReviewThread) -> None:
    """Find a thread's lines on the pull request's newest commit; they are lost if one of them was changed."""
    pull, was = thread.pull, thread.original
    start, found = diff_of(repo, pull, pull.head_sha, was.path)
    thread.place = thread.position = None
    if was.line is None:
        thread.place = was if found is not None else None
        return
    old, new = thread.original_commit, pull.head_sha
    if was.side == "LEFT":
        old, new = thread.original_start, start
    first = was.line if was.start_line is None or was.start_side != was.side else was.start_line
    shift = _shift(repo, old, new, was.path, first, was.line)
    at = None if shift is None else position(found or [], was.side, was.line + shift)
    if shift is not None and at is not None:
        moved = None if was.start_line is None else was.start_line + shift
        thread.place = Place(was.path, was.line + shift, was.side, moved, was.start_side)
        thread.position = at


def _shift(repo: Repo, old: str, new: str, path: str, first: int, last: int) -> int | None:
    """By how many lines the lines from ``first`` to ``last`` have moved; None if one of them was changed."""
    if old == new:
        return 0
    if repo.git.info(f"{old}:{path}") is None or repo.git.info(f"{new}:{path}") is None:
        return None
    data = repo.git.run("diff", "-U0", "--text", old, new, "--", f":(top,literal){path}")
    shift = 0
    for match in _MOVED.finditer(data):
        start, taken, added = int(match[1]), int(match[2] or 1), int(match[4] or 1)
        if taken == 0:
            if first <= start < last:
                return None
            shift += added if start < first else 0
        elif start <= last and start + taken - 1 >= first:
            return None
        elif start < first:
            shift += added - taken
    return shift
