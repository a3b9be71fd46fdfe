"""``pause`` and ``resume``: whether anything is written to the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.answer import Answer, done, nothing
from bot.commands.bring_up_to_date import bring_up_to_date

if TYPE_CHECKING:
    from bot.commands.asked import Asked


def pause(asked: Asked) -> Answer:
    """Stops all writing to the repository but answers to commands."""
    if asked.paused:
        return nothing("pause", "was-paused")
    asked.services.history.pause(asked.work.repository.id, paused=True)
    return done("pause", "paused")


def resume(asked: Asked) -> Answer:
    """Goes on, and does at once what was left undone."""
    was = asked.paused
    asked.services.history.pause(asked.work.repository.id, paused=False)
    bases = asked.services.history.base_branches(asked.work.repository.id)
    for branch in (None, *bases):
        bring_up_to_date(asked, branch)
    return done("pause", "resumed") if was else nothing("pause", "was-not-paused")
