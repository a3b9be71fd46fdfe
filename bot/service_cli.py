"""The service's commands: ``serve``, ``worker`` and ``redeliver``. Imported only when one of them runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from bot.settings import Settings

FAILED = 2


def serve(*, jobs: bool) -> None:
    """Takes webhooks, and works on them."""
    settings = _settings()
    from bot.serve import serve as run

    _exit(lambda: run(settings, jobs=jobs))


def worker() -> None:
    """Works on jobs."""
    settings = _settings()
    from bot.serve import work

    _exit(lambda: work(settings))


def redeliver(guids: list[str]) -> None:
    """Puts dead deliveries back into the queue, or lists them."""
    settings = _settings()
    from bot.redeliver import redeliver as run

    _exit(lambda: run(settings, guids))


def _settings() -> Settings:
    """The settings, read before anything is imported that takes its time."""
    from bot.settings import SettingsError, load

    try:
        return load()
    except SettingsError as error:
        mistakes = "\n".join(f"  {mistake}" for mistake in error.mistakes)
        typer.echo(f"patchwright: the settings can't be used:\n{mistakes}", err=True)
        raise typer.Exit(FAILED) from None


def _exit(command: Callable[[], int]) -> NoReturn:
    """Runs the command and ends with its exit code. What the operator can put right is said without a traceback."""
    from bot.queue.port import QueueUnusable
    from bot.serve import AddressTaken
    from bot.store.database import DatabaseUnusable

    try:
        raise typer.Exit(command())
    except (AddressTaken, DatabaseUnusable, QueueUnusable) as error:
        typer.echo(f"patchwright: {error}", err=True)
        raise typer.Exit(FAILED) from None
