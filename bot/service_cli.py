"""The service's commands: ``serve``, ``worker`` and ``redeliver``. Imported only when one of them runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from bot.settings import Operator, Settings, SettingsError

FAILED = 2


def serve(*, jobs: bool) -> None:
    """Takes webhooks, and works on them; without an App yet, serves the page that has GitHub make one."""
    settings = _settings_or_operator()
    from bot.serve import serve as run

    _exit(lambda: run(settings, jobs=jobs))


def worker() -> None:
    """Works on jobs; without an App yet, waits for one."""
    settings = _settings_or_operator()
    from bot.serve import work

    _exit(lambda: work(settings))


def redeliver(guids: list[str]) -> None:
    """Puts dead deliveries back into the queue, or lists them."""
    settings = _settings()
    from bot.redeliver import redeliver as run

    _exit(lambda: run(settings, guids))


def validate() -> None:
    """Says what is wrong with the service's settings, without the network; ends with 2 if anything is."""
    from bot.settings import Settings, credentials_given
    from bot.settings.kept import kept_file

    settings = _settings_or_operator()
    if not isinstance(settings, Settings):
        typer.echo(
            "The service's settings are right. There is no App yet: `patchwright serve` begins with the setup page."
        )
    elif credentials_given():
        typer.echo("The service's settings are right.")
    else:
        typer.echo(f"The service's settings are right; the App is the one in {kept_file(settings.data_dir)}.")


def _settings() -> Settings:
    """The settings, read before anything is imported that takes its time."""
    from bot.settings import SettingsError, load

    try:
        return load()
    except SettingsError as error:
        _refuse(error)


def _settings_or_operator() -> Settings | Operator:
    """The settings, without credentials where there is no App yet."""
    from bot.settings import NoCredentials, SettingsError, load

    try:
        return load()
    except NoCredentials as none:
        return none.operator
    except SettingsError as error:
        _refuse(error)


def _refuse(error: SettingsError) -> NoReturn:
    mistakes = "\n".join(f"  {mistake}" for mistake in error.mistakes)
    typer.echo(f"patchwright: the settings can't be used:\n{mistakes}", err=True)
    raise typer.Exit(FAILED) from None


def _exit(command: Callable[[], int]) -> NoReturn:
    """Runs the command and ends with its exit code. What the operator can put right is said without a traceback."""
    from bot.queue.port import QueueUnusable
    from bot.serve import AddressTaken
    from bot.settings import SettingsError
    from bot.store.database import DatabaseUnusable

    try:
        raise typer.Exit(command())
    except SettingsError as error:
        _refuse(error)
    except (AddressTaken, DatabaseUnusable, QueueUnusable) as error:
        typer.echo(f"patchwright: {error}", err=True)
        raise typer.Exit(FAILED) from None
