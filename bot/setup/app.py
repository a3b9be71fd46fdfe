"""The web application before there is an App: the setup page, and a clear no to webhooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn, cast
from urllib.parse import urlsplit

from starlette.middleware import Middleware

from bot.app import create_app
from bot.pages import static
from bot.receive.receive import Unavailable
from bot.setup import pages
from bot.signin.headers import SecurityHeaders

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

    from bot.receive.receive import Receiver
    from bot.setup.stage import Stage

NOT_YET = "there is no App yet: open /setup; the log has the token"


class _NoReceiver:
    """Takes no delivery: without the secret nobody can tell whose it is. GitHub shows it as failed."""

    async def receive(self, request: Request) -> NoReturn:
        raise Unavailable


def setup_app(stage: Stage, finish: Callable[[], None]) -> FastAPI:
    """The application that sets up; ``/ready`` says that it is not. ``finish`` is called before the last answer."""
    operator = stage.operator
    parts = urlsplit(operator.github_url)
    headers = Middleware(
        SecurityHeaders,
        https=(operator.public_url or "").startswith("https:"),
        forms_to=(f"{parts.scheme}://{parts.netloc}",),
    )
    app = create_app(
        cast("Receiver", _NoReceiver()),
        {"credentials": lambda: NOT_YET},
        routers=[static.router, pages.router],
        middleware=[headers],
        handlers={pages.TokenNeeded: pages.token_needed},
    )
    app.state.pages = stage  # errors are pages
    app.state.stage = stage
    app.state.finish = finish
    return app
