"""The service's web application with all its parts: webhooks, health, metrics, pages, signing in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from starlette.middleware import Middleware

from bot import pages, signin
from bot.app import create_app
from bot.github.connect import connect
from bot.pages.context import Pages
from bot.setup import done
from bot.watching import errors, exposition
from bot.watching.exposition import Exposition
from bot.watching.gauges import DatabaseGauges

if TYPE_CHECKING:
    from fastapi import FastAPI

    from bot.queue.port import Queue
    from bot.receive.receive import Receiver
    from bot.settings import Settings
    from bot.store.database import Database


@dataclass(frozen=True)
class Behind:
    """What the application answers from."""

    settings: Settings
    database: Database
    queue: Queue


def web_app(behind: Behind, receiver: Receiver, checks: Mapping[str, Callable[[], str | None]]) -> FastAPI:
    """The application. Raises OSError where the key of sessions cannot be kept."""
    settings, database = behind.settings, behind.database
    shared = Pages(
        settings,
        database,
        behind.queue,
        partial(connect, settings),
        signin.SignIn(settings, database),
    )
    headers = Middleware(signin.SecurityHeaders, https=(settings.public_url or "").startswith("https:"))
    app = create_app(
        receiver,
        checks,
        pages=shared,
        routers=[exposition.router, done.router, signin.router, *pages.routers()],
        middleware=[headers],
        handlers=dict(signin.HANDLERS.items()),
        report=errors.report,
    )
    app.state.exposition = Exposition(DatabaseGauges(database), settings.metrics_token)
    return app
