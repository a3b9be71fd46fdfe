"""What a worker, which takes no webhooks, serves: ``/metrics`` and ``/health``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from bot import http_server
from bot.version import own_version
from bot.watching.exposition import router

if TYPE_CHECKING:
    import socket

    from bot.watching.exposition import Exposition

END_SECONDS = 5.0


def worker_app(exposition: Exposition, healthy: Callable[[], str | None]) -> FastAPI:
    """The application; ``/health`` answers 503 with the reason where ``healthy`` gives one."""
    app = FastAPI(
        title="Patchwright worker", version=own_version(), docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.exposition = exposition
    app.include_router(router)

    @app.get("/health")
    def health() -> JSONResponse:
        trouble = healthy()
        said = {"status": "unavailable", "error": trouble} if trouble else {"status": "alive"}
        return JSONResponse({**said, "version": own_version()}, 503 if trouble else 200)

    return app


@contextmanager
def served(app: FastAPI, listening: socket.socket) -> Iterator[None]:
    """Answers on the socket in a thread of its own, until the end of the block; the socket is closed then."""
    import uvicorn

    server = uvicorn.Server(http_server.config(app))
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listening]}, name="worker-server", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(END_SECONDS)
        listening.close()
