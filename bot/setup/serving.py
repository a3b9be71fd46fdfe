"""Serves the setup page on a socket until there are credentials, and leaves the socket to the service."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog
import uvicorn

from bot import http_server
from bot.setup.app import setup_app
from bot.setup.stage import Stage

if TYPE_CHECKING:
    import socket
    import threading

    from bot.settings import Operator, Settings

log = structlog.get_logger(__name__)

REQUESTS_SECONDS = 10
LAST_SECONDS = 1.0
"""How long connections that were taken, but said nothing yet, may still say something."""
_TICKS_OF_A_LOOK = 10


def set_up(operator: Operator, listening: socket.socket, told: threading.Event) -> Settings | None:
    """The settings with the App that was made, or that came into the data folder; None if ``told`` to end before.

    ``listening`` stays open: who connects while nobody serves it waits in its queue. In the main thread.
    """
    stage = Stage(operator)
    servers: list[_Server] = []
    config = http_server.config(
        setup_app(stage, lambda: servers[0].finish()),  # noqa: PLW0108 - there is none yet
        timeout_graceful_shutdown=REQUESTS_SECONDS,
        # a connection that is kept would end with this server, perhaps under a request
        headers=[("Connection", "close")],
    )
    servers.append(_Server(config, stage, told))
    _invite(stage, listening)
    servers[0].run(sockets=[listening.dup()])
    if stage.settings is None:
        stage.give_up()
        told.set()
    return None if told.is_set() else stage.settings


def _invite(stage: Stage, listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else {"0.0.0.0": "127.0.0.1"}.get(host, host)  # noqa: S104 - compared
    address = f"{stage.operator.public_url or f'http://{shown}:{port}'}/setup"
    if stage.guard.given:
        log.warning(
            "there is no App yet: open the setup page; its token is PATCHWRIGHT_SETUP_TOKEN", page=address
        )
    else:
        log.warning(
            "there is no App yet: open the setup page",
            page=f"{address}?key={stage.guard.token}",
            setup_token=stage.guard.token,
        )


class _Server(uvicorn.Server):
    """Ends when setting up is done, and lets who is connected already have an answer."""

    def __init__(self, config: uvicorn.Config, stage: Stage, told: threading.Event) -> None:
        super().__init__(config)
        self._stage, self._told = stage, told

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second; whether to end."""
        if counter % _TICKS_OF_A_LOOK == 0:
            await asyncio.to_thread(self._stage.look)
        return await super().on_tick(counter) or self._stage.done or self._told.is_set()

    def finish(self) -> None:
        """Takes no more connections, and then ends. In the event loop."""
        self.should_exit = True
        for server in self.servers:
            server.close()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Takes no more connections; those that there are get their answers."""
        self.finish()
        end = time.monotonic() + LAST_SECONDS
        while self.server_state.connections and not self.force_exit and time.monotonic() < end:  # noqa: ASYNC110 - uvicorn tells by this set alone
            await asyncio.sleep(0.02)
        await super().shutdown(sockets)
