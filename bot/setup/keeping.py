"""Where a new App's credentials go: into the data folder, or to the operator's own command."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from typing import TYPE_CHECKING

import structlog

from bot.settings.kept import keep, kept_file

if TYPE_CHECKING:
    from bot.settings import AppCredentials, Operator

log = structlog.get_logger(__name__)

HOOK_SECONDS = 60.0
"""How long the command may take."""
_STANDARD_ERROR = 2


class NotKept(Exception):  # noqa: N818 - what did not happen
    """The credentials are nowhere but in memory; ``str(error)`` is a sentence that says why."""


def store(operator: Operator, app: AppCredentials) -> None:
    """Puts the credentials where they outlive the process. Raises NotKept.

    The command of ``credentials_hook`` gets them as JSON on its standard input; what it writes goes to the service's
    standard error. It has done its work when it ends with 0.
    """
    if operator.credentials_hook is None:
        try:
            path = keep(operator.data_dir, app)
        except OSError as error:
            raise NotKept(
                f"{kept_file(operator.data_dir)} cannot be written: {error.strerror or error}."
            ) from None
        log.info("the App's credentials are kept", file=str(path))
        return
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command
            shlex.split(operator.credentials_hook),
            input=app.as_json().encode(),
            stdout=_STANDARD_ERROR,
            timeout=HOOK_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotKept(f"PATCHWRIGHT_CREDENTIALS_HOOK did not end within {HOOK_SECONDS:g} seconds.") from None
    except OSError as error:
        raise NotKept(f"PATCHWRIGHT_CREDENTIALS_HOOK cannot be run: {error.strerror or error}.") from None
    if done.returncode:
        raise NotKept(
            f"PATCHWRIGHT_CREDENTIALS_HOOK ended with {done.returncode}; what it said is in the log."
        )
    log.info("the App's credentials were handed to the credentials hook")


def trouble(operator: Operator) -> str | None:
    """Why credentials could not be kept, asked before GitHub makes any; None if they can."""
    if operator.credentials_hook is not None:
        import shutil

        command = shlex.split(operator.credentials_hook)[0]
        return (
            None if shutil.which(command) else f"PATCHWRIGHT_CREDENTIALS_HOOK: there is no command {command}."
        )
    try:
        operator.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=operator.data_dir):
            return None
    except OSError as error:
        return f"Nothing can be written to the data folder {operator.data_dir}: {error.strerror or error}."
