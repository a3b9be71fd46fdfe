"""Brings the pull requests for one branch up to date with its tip: snapshot, report, plan, publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.jobs.outcome import Done
from bot.jobs.plan_branch import PlannedBranch, plan_branch
from bot.publish.publish import publish
from bot.store.history import MOST_SKIPPED, RunRow
from bot.watching.steps import step

if TYPE_CHECKING:
    from bot.events.work import UpdateBranch
    from bot.github.client import RepositoryClient
    from bot.services import Services


def update_branch(job: str, work: UpdateBranch, services: Services) -> Done:
    """Does it, and says what was done. Raises ``bot.github.errors`` and ``bot.analysis.errors``.

    The branch is looked at as it is now; everything that is written is looked for first, so that a second run after
    a crash at any point ends in the same state. After the default branch come those that its configuration names and
    that were never looked at: no push may ever speak of them.
    """
    with services.connect(work.repository) as client:
        found = plan_branch(client, work, services)
        if isinstance(found, Done):
            return found
        done = carry_out(job, client, found, services)
        if found.name == found.repository.default_branch:
            named = found.rules.config.base_branches
            for count, name in enumerate(services.history.never_looked_at(work.repository.id, named)):
                other = plan_branch(client, work.model_copy(update={"branch": name}), services)
                if not isinstance(other, Done):
                    done = _both(done, carry_out(f"{job}-base{count}", client, other, services))
        return done


def _both(one: Done, other: Done) -> Done:
    return Done(summary=f"{one.summary}; {other.summary}", actions=(*one.actions, *other.actions))


def carry_out(job: str, client: RepositoryClient, planned: PlannedBranch, services: Services) -> Done:
    """Makes the plan for a branch true and keeps the run. Raises ``bot.github.errors``."""
    result = planned.result
    services.history.pulls(planned.repository.id, planned.state.pulls)  # before a delivery says what is new
    with step("publish"):
        lines = publish(client, result.actions, state=planned.state, modes=planned.modes)
    done = Done(summary=_summary(planned), actions=tuple(lines))
    services.history.worked(_row(job, planned, done), result)
    return done


def _row(job: str, planned: PlannedBranch, done: Done) -> RunRow:
    return RunRow(
        job_id=job,
        repository_id=planned.repository.id,
        branch=planned.name,
        sha=planned.tip,
        files=planned.result.files,
        seconds=planned.result.seconds,
        summary=done.summary,
        actions=done.actions,
        skipped=planned.result.skipped[:MOST_SKIPPED],
    )


def _summary(planned: PlannedBranch) -> str:
    count = len(planned.result.findings)
    findings = f"{count} finding{'s' if count != 1 else ''}"
    return f"{planned.name} at {planned.tip[:10]}: {findings} in {planned.result.files} files"
