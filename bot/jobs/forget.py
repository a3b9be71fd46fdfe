"""Drops what is stored for a repository that the App may no longer see."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from bot.jobs.outcome import Done

if TYPE_CHECKING:
    from bot.events.work import ForgetRepository
    from bot.services import Services


def forget(work: ForgetRepository, services: Services) -> Done:
    """Deletes its contents, its cache and its history."""
    services.forget_contents(work.repository.id)
    shutil.rmtree(services.cache(work.repository.id), ignore_errors=True)
    services.history.forget(work.repository.id)
    return Done(summary=f"forgotten: {work.reason}")
