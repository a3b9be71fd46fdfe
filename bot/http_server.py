"""How each of the service's HTTP servers is set up: bounded connections, its own log, nothing said of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

BACKLOG = 2048
"""How many connections wait while none is taken."""


def config(app: ASGIApp, **more: Any) -> uvicorn.Config:
    """Uvicorn's configuration; ``more`` is what differs from server to server. Imports uvicorn, which takes its time."""
    import uvicorn

    from bot.receive.connection import BoundedProtocol

    return uvicorn.Config(
        app,
        loop="auto",
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        **more,
    )
