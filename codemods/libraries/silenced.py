"""Whether a line tells other linters to say nothing of what a rule finds: its author has seen it, and means it so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codemods.engine.edits.comments import comments_of

if TYPE_CHECKING:
    from codemods.engine.project import Module

_NOQA = re.compile(r"#\s*noqa\s*:?\s*((?:[A-Z]+\d+[,\s]*)+)", re.IGNORECASE)
_NOSEC = re.compile(r"#\s*nosec\b\s*:?\s*((?:B\d+[,\s]*)*)", re.IGNORECASE)
_PYLINT = re.compile(r"#\s*pylint\s*:\s*disable\s*=\s*([\w,\s-]+)")


def is_silenced(lines: range, module: Module, codes: frozenset[str]) -> bool:
    """Whether a comment on one of the lines (from 1) silences one of ``codes``: ruff's, Bandit's or Pylint's, by number or name.

    A ``# nosec`` without a number silences all of Bandit's, and counts where ``codes`` holds one of those.
    """
    return any(_names_one(each.text, codes) for each in comments_of(module.source) if each.line in lines)


def _names_one(comment: str, codes: frozenset[str]) -> bool:
    for pattern in (_NOQA, _PYLINT):
        if (found := pattern.search(comment)) and codes.intersection(re.split(r"[,\s]+", found[1])):
            return True
    if (found := _NOSEC.search(comment)) is None:
        return False
    said = [each for each in re.split(r"[,\s]+", found[1].upper()) if each]
    return bool(codes.intersection(said)) or (
        not said and any(re.fullmatch(r"B[1-7]\d\d", code) for code in codes)
    )
