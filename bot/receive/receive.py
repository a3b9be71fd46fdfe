"""The way of one delivery: read, verified, kept together with its job, answered. Nothing else happens in the request."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.events.decide import asks_nothing
from bot.receive.body import READ_SECONDS, read_body
from bot.receive.envelope import Envelope, Headers, read_envelope, read_headers
from bot.receive.keeping import Keeping, Kept
from bot.receive.rejection import Rejected
from bot.receive.signature import HEADER, verify
from bot.store.database import reason as said
from bot.store.deliveries import Delivery
from bot.watching import metrics, traces

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.events.delivery import Understanding
    from bot.queue.port import Queue
    from bot.settings import Settings
    from bot.store.database import Database

log = structlog.get_logger(__name__)


STORE_SECONDS = 8.0
"""After this long the sender is told to try again; GitHub waits for 10 seconds."""

Verdict = Literal["accepted", "known", "ignored", "pong"]


class Unavailable(Exception):  # noqa: N818 - named for what it means to the sender
    """The delivery could not be kept; the sender is to try again (503)."""


@dataclass
class Receiver:
    """Takes deliveries for one App.

    ``read_seconds`` is how long a body may take to arrive. ``counts`` is how many deliveries of which event had
    which end since the start: accepted, known, ignored, pong, or a status for those that were refused.
    """

    settings: Settings
    database: Database
    queue: Queue
    understanding: Understanding
    read_seconds: float = READ_SECONDS
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._trouble: str | None = None
        self._keeping = Keeping(self.database, self.queue, self.understanding)

    async def receive(self, request: Request) -> tuple[Headers, Verdict]:
        """Take one delivery. Raises Rejected for what is none, Unavailable if it cannot be kept.

        When this returns ``accepted``, the delivery and its job are in the database.
        """
        started, result = time.perf_counter(), "taken"
        try:
            return await self._receive(request)
        except Rejected as rejected:
            result = "refused"
            self._count("", str(rejected.status))
            log.warning("webhook rejected", status=rejected.status, reason=rejected.reason)
            raise
        except BaseException:
            result = "unavailable"
            raise
        finally:
            metrics.WEBHOOK_SECONDS.labels(result).observe(time.perf_counter() - started)

    async def _receive(self, request: Request) -> tuple[Headers, Verdict]:
        body = await read_body(request, self.read_seconds)
        verify(body, request.headers.get(HEADER), self.settings.webhook_secrets)
        headers = read_headers(request.headers)
        if headers.app not in {None, self.settings.app_id}:
            raise Rejected(
                403,
                f"this webhook belongs to App {headers.app}, the service here is App {self.settings.app_id}: "
                "each App needs an address and a secret of its own",
            )
        with (
            structlog.contextvars.bound_contextvars(delivery=headers.guid, github_event=headers.event),
            traces.webhook(headers.guid, headers.event) as traced,
        ):
            envelope = read_envelope(headers, request.headers.get("content-type", ""), body)
            try:
                verdict, reason = await self._take(envelope)
            except Unavailable:
                self._count(headers.event, "unavailable")
                raise
            self._count(headers.event, verdict)
            traced.note("patchwright.result", verdict)
            log.info(
                "webhook taken",
                result=verdict,
                **({"reason": reason} if reason else {}),
                action=envelope.action,
                installation=envelope.installation,
                repository=envelope.repository,
                bytes=len(body),
            )
        return headers, verdict

    async def _take(self, envelope: Envelope) -> tuple[Verdict, str | None]:
        """The verdict, and the reason for ignoring a delivery."""
        if envelope.event == "ping":
            return "pong", None
        if (reason := asks_nothing(envelope.event, envelope.action)) is not None:
            return "ignored", reason
        delivery = Delivery(
            envelope.guid,
            envelope.event,
            envelope.action,
            envelope.installation,
            envelope.repository,
            envelope.payload,
            datetime.now(UTC),
        )
        try:
            async with asyncio.timeout(STORE_SECONDS):
                kept: Kept = await asyncio.wrap_future(self._keeping.keep(delivery))
        except TimeoutError:
            raise self._not_stored("the database took too long") from None
        except (SQLAlchemyError, OSError) as error:
            raise self._not_stored(said(error)) from None
        self._trouble = None
        return kept.verdict, kept.reason

    def _count(self, event: str, result: str) -> None:
        self.counts[event, result] += 1
        metrics.delivery(event, result)

    def _not_stored(self, why: str) -> Unavailable:
        log.error("webhook not stored", reason=why)
        self._trouble = f"the last webhook could not be stored: {why}"
        return Unavailable()

    def trouble(self) -> str | None:
        """None if the last delivery was stored; otherwise why it was not, for ``/ready``."""
        return self._trouble

    def close(self) -> None:
        """Ends the thread that stores; deliveries that wait for it are stored before."""
        self._keeping.close()
