"""A connection that has to say what it wants: its requests arrive whole, in time, and with headers of a sane size.

uvicorn itself waits for a request without end, and keeps headers in memory without end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from asyncio import TimerHandle, Transport

REQUEST_SECONDS = 20.0
"""How long a request may take to arrive, from its first byte (of a new connection: from its start) to its last."""
HEAD_BYTES = 64 * 1024
"""What a request's line and headers may have together, and what may stand beside a body. GitHub's have 2 kB."""

_ANSWERS = {
    408: b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    431: b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
}


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with bounds; for ``uvicorn.Config(http=BoundedProtocol)``."""

    request_seconds = REQUEST_SECONDS
    _clock: TimerHandle | None = None
    _beside = 0
    """Bytes since the last part of a body, or the last end of a head or request."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """A connection without a request ends."""
        super().connection_made(transport)
        self._start()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes what arrives; hangs up on heads, chunk extensions and trailers without end."""
        if self._clock is None and self._is_idle():
            self._start()
        self._beside += len(data)
        super().data_received(data)
        if self._beside > HEAD_BYTES:
            self._refuse(431)

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._beside = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body is there; who reads it counts its bytes."""
        self._beside = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there."""
        self._beside = 0
        self._stop()
        super().on_message_complete()

    def _is_idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _start(self) -> None:
        self._clock = self.loop.call_later(self.request_seconds, self._refuse, 408)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _refuse(self, status: int) -> None:
        """Hangs up; says why, where no answer has begun."""
        self._stop()
        if not self.transport.is_closing():
            if self._is_idle():
                self.transport.write(_ANSWERS[status])
            self.transport.close()
