"""A worker before there is an App: it waits until setting up has kept one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog

from bot.settings import with_kept_app
from bot.settings.kept import kept_file

if TYPE_CHECKING:
    import threading

    from bot.settings import Operator, Settings

log = structlog.get_logger(__name__)

LOOK_SECONDS = 2.0
SAY_SECONDS = 60.0


def wait_for_app(operator: Operator, told: threading.Event) -> Settings | None:
    """The settings as soon as there are credentials; None if ``told`` to end before. Raises SettingsError."""
    said = -SAY_SECONDS
    while not told.is_set():
        found = with_kept_app(operator)
        if found is not None:
            return found
        if time.monotonic() - said >= SAY_SECONDS:
            said = time.monotonic()
            log.warning(
                "waiting for an App: set one up at the setup page of `patchwright serve`, or set "
                "PATCHWRIGHT_APP_ID, PATCHWRIGHT_PRIVATE_KEY and PATCHWRIGHT_WEBHOOK_SECRET and start again",
                file=str(kept_file(operator.data_dir)),
            )
        told.wait(LOOK_SECONDS)
    return None
