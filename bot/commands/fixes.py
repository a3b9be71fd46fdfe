"""What came of the fixes for a pull request, as an answer to a command or a button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.answer import Answer, Ending, done, failed, nothing
from bot.jobs.apply_fixes import Applied, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.github.model import PullInfo

_ENDINGS: dict[Outcome, Callable[..., Answer]] = {
    Outcome.PUSHED: done,
    Outcome.OPENED: done,
    Outcome.NOTHING: nothing,
    Outcome.OFF: nothing,
}


def answer_to(applied: Applied, pull: PullInfo, url: str, ending: Ending | None = None) -> Answer:
    """The answer; ``url`` is the repository's page. ``ending`` in place of the usual one."""
    made = _ENDINGS.get(applied.outcome, failed)
    answer = made(
        "fixes",
        applied.outcome.value,
        sha=applied.sha,
        number=applied.number,
        head=pull.branch,
        rule=applied.rule,
        applied=applied.applied,
        left=applied.left,
        said=applied.said,
        url=url,
        rows=10,
    )
    return answer if ending is None else Answer(ending, answer.text)
