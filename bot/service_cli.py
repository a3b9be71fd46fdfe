"""The service's commands: ``serve``, ``worker`` and ``redeliver``. Imported only when one of them runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from bot.settings import Settings

FAILED = 2


def serve(*, jobs: bool) -> None:
    """Takes webhooks, and works on them."""
    from bot.serve import serve as run

    raise typer.Exit(_run(lambda settings: run(settings, jobs=jobs)))


def worker() -> None:
    """Works on jobs."""
    from bot.serve import work

    raise typer.Exit(_run(work))


def redeliver(guids: list[str]) -> None:
    """Puts dead deliveries back into the queue, or lists them."""
    from bot.redeliver import redeliver as run

    raise typer.Exit(_run(lambda settings: run(settings, guids)))


def _run(command: Callable[[Settings], int]) -> int:
    """The command's exit code. Mistakes of the operator's are said in a few lines, without a traceback."""
    from bot.queue.port import QueueUnusable
    from bot.serve import AddressTaken
    from bot.settings import SettingsError, load
    from bot.store.database import DatabaseUnusable

    try:
        return command(load())
    except SettingsError as error:
        mistakes = "\n".join(f"  {mistake}" for mistake in error.mistakes)
        typer.echo(f"patchwright: the settings can't be used:\n{mistakes}", err=True)
    except (AddressTaken, DatabaseUnusable, QueueUnusable) as error:
        typer.echo(f"patchwright: {error}", err=True)
    return FAILED
