"""Drops what is stored for a repository that the App may no longer see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.jobs.outcome import Done
from bot.store.forgetting import Leaving
from bot.watching.steps import step

if TYPE_CHECKING:
    from bot.events.work import ForgetRepository
    from bot.services import Services


def forget(job: str, work: ForgetRepository, services: Services) -> Done:
    """Deletes its contents, its results and all rows about it; after a crash at any point, again.

    On other machines the files go with the next clean-up there.
    """
    leaving = Leaving(work.repository.id, work.repository.installation, job)
    with step("forget"):
        workflows = services.history.workflows_before(leaving)
        if workflows:
            services.forget_workflows(workflows)
        if services.history.forget(leaving):
            services.forget_files(work.repository.id)
    return Done(summary=f"forgotten: {work.reason}")
