"""Whether GitHub knows the App by its id and key; asked in the background, so that nothing waits for GitHub."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.github.app_api import app_info
from bot.github.errors import GitHubError, Refused, Unrecognized

if TYPE_CHECKING:
    from bot.github.signing_in import App

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 600.0
SOON_SECONDS = 15.0


class Credentials:
    """What GitHub last said of the App. `check` asks; the rest only answers."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._trouble: str | None = "GitHub has not been asked yet"

    def check(self) -> float:
        """Ask GitHub; gives after how many seconds to ask again.

        That GitHub cannot be reached says nothing about the credentials: webhooks are taken meanwhile.
        """
        try:
            info = app_info(self._app)
        except (Refused, Unrecognized) as error:
            self._trouble = f"GitHub refuses the App's id or private key: {error}"
            log.error("GitHub refuses the credentials", reason=str(error))  # noqa: TRY400
            return SOON_SECONDS
        except GitHubError as error:
            self._trouble = None
            log.warning("GitHub cannot be asked about the credentials", reason=str(error))
            return SOON_SECONDS
        self._app.slug, self._trouble = info.slug, None
        log.debug("GitHub knows the App", app=info.slug)
        return AGAIN_SECONDS

    def trouble(self) -> str | None:
        """None if GitHub knows the App, or cannot be reached; otherwise what is wrong, for ``/ready``."""
        return self._trouble

    def bot(self) -> str:
        """The login that the App acts under; empty while it is not known."""
        return f"{self._app.slug}[bot]" if self._app.slug else ""
