"""Doing now for a branch what the next push to it would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.events.work import UpdateBranch
from bot.jobs.outcome import Done
from bot.jobs.plan_branch import plan_branch
from bot.jobs.update_branch import carry_out

if TYPE_CHECKING:
    from bot.commands.asked import Asked
    from bot.jobs.plan_branch import Changed


def bring_up_to_date(asked: Asked, branch: str | None, changed: Changed | None = None) -> Done:
    """Plans and publishes for ``branch`` (None: the default branch). Raises what a push's work raises."""
    work = UpdateBranch(
        repository=asked.work.repository,
        branch=branch,
        reason=f"{asked.work.sender} asked for {asked.command.name}",
    )
    planned = plan_branch(asked.client, work, asked.services, *([changed] if changed else []))
    if isinstance(planned, Done):
        return planned
    return carry_out(f"{asked.job}-{asked.key}"[:128], asked.client, planned, asked.services)
