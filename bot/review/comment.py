"""The text of a review comment: what is wrong, what was proven, what may behave differently, and the change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot import templates
from bot.plan.marker import finding_marker
from bot.plan.wording import shortened
from bot.review.model import ReviewComment
from codemods.engine.finding import Applicability

if TYPE_CHECKING:
    from bot.review.model import Button
    from bot.review.remarks import Remark

_LONGEST_TEXT = 1_500
_MOST_NOTES = 5
_LONGEST_DIFF = 40_000
_SHORT_DIFF = 40  # lines that are shown unfolded


def comment(remark: Remark, buttons: Sequence[Button]) -> ReviewComment:
    """The comment about a finding that can have one (``remark.lines``); ``buttons`` are those of the check run."""
    assert remark.lines is not None
    finding = remark.finding
    first, last = remark.lines
    diff, cut = _diff(finding.patch or "")
    body = templates.render(
        "review/comment.md.j2",
        message=shortened(finding.message, _LONGEST_TEXT),
        reason=shortened(finding.reason, _LONGEST_TEXT),
        notes=[shortened(note, _LONGEST_TEXT) for note in finding.notes[:_MOST_NOTES]],
        suggestion=remark.suggestion.block() if remark.suggestion else "",
        diff=diff,
        cut=cut,
        folded=diff.count("\n") >= _SHORT_DIFF,
        offered=remark.offered,
        unsafe=finding.applicability is Applicability.UNSAFE,
        button=buttons[0].label if buttons else "",
        rule=finding.rule,
        path=finding.path,
        marker=finding_marker(remark.new.mark),
    )
    return ReviewComment(finding.path, last, first if first < last else None, body, remark.new.mark)


def _diff(patch: str) -> tuple[str, bool]:
    """The patch without the lines that only git needs, and whether its end had to be left out."""
    lines = patch.replace("\r\n", "\n").rstrip("\n").split("\n")
    text = "\n".join(line for line in lines if not line.startswith("diff --git "))
    if len(text) <= _LONGEST_DIFF:
        return text, False
    return text[:_LONGEST_DIFF].rpartition("\n")[0], True
