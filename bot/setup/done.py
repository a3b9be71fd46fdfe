"""The last page of setting up, and the one that GitHub leads to after an installation. It tells no secret."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.github.app_api import app_info
from bot.github.connect import app_of
from bot.github.errors import GitHubError
from bot.pages.context import Context  # noqa: TC001 - FastAPI reads the annotations
from bot.pages.rendering import render
from bot.setup.manifest import DONE

if TYPE_CHECKING:
    from bot.github.model import AppInfo
    from bot.settings import Settings

log = structlog.get_logger(__name__)
router = APIRouter(include_in_schema=False)

AGAIN_SECONDS = 30.0
"""After how long GitHub is asked again where it could not be: anybody may open this page."""

_known: dict[tuple[str, int], AppInfo] = {}
_failed: dict[tuple[str, int], float] = {}


@router.get("/setup")
@router.get("/setup/created")
def over() -> Response:
    """There is nothing to set up any more."""
    return RedirectResponse(DONE, 303)


@router.get(DONE)
def done(request: Request, pages: Context, setup_action: str = "") -> HTMLResponse:
    """What comes next: the link to install the App."""
    info = _asked(pages.settings)
    return render(
        request,
        "setup/done.j2",
        installed=setup_action in {"install", "update"},
        install_link=f"{info.html_url}/installations/new" if info is not None else None,
        app_name=info.name if info is not None else "",
        can_sign_in=pages.settings.can_sign_in,
        onboarding=pages.settings.onboarding == "pr",
    )


def _asked(settings: Settings) -> AppInfo | None:
    """The App as GitHub shows it, asked for once in a process; None while it cannot be asked."""
    named = (settings.api_url, settings.app_id)
    if named not in _known:
        if time.monotonic() - _failed.get(named, -AGAIN_SECONDS) < AGAIN_SECONDS:
            return None
        try:
            _known[named] = app_info(app_of(settings))
        except GitHubError as error:
            _failed[named] = time.monotonic()
            log.warning("GitHub cannot be asked for the App's page", reason=str(error))
            return None
    return _known[named]
