"""Gitignore patterns whose matching takes time proportional to the path, whatever is in them.

A regular expression with many wildcards tries every way to spread a name over them: ``*a*a*a*a*b`` against a name of
200 letters takes years. For a glob the first place that fits is as good as any other one, for all wildcards but the
last; what has been matched up to there need not be tried again. Atomic groups say so.
"""

from __future__ import annotations

import re

from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

_LEADING = "^(?:.+/)?"
_BETWEEN = "(?:/.+)?"
_STAR = "[^/]*"
_ENDS = ("(?:(?P<ps_d>/)|$)", "(?P<ps_d>/)", "/")
_PIECE = re.compile(r"\[\^/\]\*|\[\^/\]\+?|\\.|\[\^?(?:\\.|[^\\])(?:\\.|[^\]\\])*\]|.", re.DOTALL)


class BoundedPattern(GitIgnoreSpecPattern):
    """One line of a ``.gitignore``. It matches what ``GitIgnoreSpecPattern`` does, but for a slash by ``[!a]``.

    To git, no brackets match a slash [gitignore, git-scm.com/docs].
    """

    __slots__ = ()

    @classmethod
    def pattern_to_regex(cls, pattern: str) -> tuple[str | None, bool | None]:  # type: ignore[override]
        """The expression, and whether what it matches is left out (None: the line says nothing)."""
        regex, include = super().pattern_to_regex(pattern)
        return (None if regex is None else bounded(regex)), include


def bounded(regex: str) -> str:
    """The same expression of a gitignore pattern, without backtracking over more than one wildcard."""
    end = next((each for each in _ENDS if regex.endswith(each)), "")
    body = regex.removesuffix(end)
    leading = _LEADING if body.startswith(_LEADING) else ""
    first, *between = body.removeprefix(leading).split(_BETWEEN)
    if not between:
        return f"{leading}{_segments(first)}{end}"
    *inner, last = between
    # the first part stands where the pattern is anchored, or where it fits first
    parts = [f"^(?>(?:.+?/)??{_segments(first)}(?=/))" if leading else _segments(first)]
    parts += [f"(?>(?:/.+?)??{_segments(part)}(?=/))" for part in inner]
    return f"{''.join(parts)}{_BETWEEN}{_segments(last)}{end}"


def _segments(part: str) -> str:
    return "/".join(_stars(segment) for segment in _split(part))


def _split(part: str) -> list[list[str]]:
    """The pieces of each segment of a path; a slash inside brackets is none between segments."""
    found: list[list[str]] = [[]]
    for piece in _PIECE.findall(part):
        if piece == "/":
            found.append([])
        else:
            found[-1].append(piece)
    return found


def _stars(pieces: list[str]) -> str:
    """One segment, with every wildcard but the last one matched once and for all."""
    last = max((place for place, piece in enumerate(pieces) if piece == _STAR), default=-1)
    out: list[str] = []
    is_open = False
    for place, piece in enumerate(pieces):
        if piece != _STAR:
            negated = piece.startswith("[^") and piece != "[^/]"
            out.append(f"(?!/){piece}" if negated else piece)
            continue
        if is_open:
            out.append(")")
        is_open = place != last
        out.append(f"(?>{_STAR}?" if is_open else piece)
    return "".join(out)
