"""``GET /metrics``: what this process counted and what the database knows, for Prometheus."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector, CollectorRegistry

from bot.watching.metrics import REGISTRY
from bot.watching.rate_limit import LIMITS

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric
    from pydantic import SecretStr

    from bot.watching.gauges import DatabaseGauges

OPEN_METRICS = "application/openmetrics-text"


@dataclass(frozen=True)
class Exposition:
    """What ``/metrics`` shows. ``token``: the bearer token that is asked for, None for none."""

    gauges: DatabaseGauges
    token: SecretStr | None = None

    def allows(self, authorization: str) -> bool:
        """Whether a request with this ``Authorization`` header may read; takes the same time for every wrong one."""
        if self.token is None:
            return True
        wanted = f"Bearer {self.token.get_secret_value()}".encode()
        scheme, _, rest = authorization.partition(" ")
        given = f"{scheme.capitalize()} {rest.strip()}".encode("latin-1", "replace")  # as it came
        return hmac.compare_digest(given, wanted)

    def text(self, accept: str) -> tuple[bytes, str]:
        """Body and content type: OpenMetrics where ``Accept`` asks for it, else Prometheus' own format."""
        both = CollectorRegistry(auto_describe=False)
        both.register(_Collected(self))
        if OPEN_METRICS in accept.lower():
            body = openmetrics.generate_latest(both)  # type: ignore[no-untyped-call]
            return body, openmetrics.CONTENT_TYPE_LATEST
        return generate_latest(both), CONTENT_TYPE_PLAIN_0_0_4


class _Collected(Collector):
    def __init__(self, exposition: Exposition) -> None:
        self._exposition = exposition

    def collect(self) -> Iterator[Metric]:
        yield from REGISTRY.collect()
        yield from LIMITS.collect()
        yield from self._exposition.gauges.collect()

    def describe(self) -> Iterator[Metric]:
        """Nothing is known before it is read: registering reads nothing."""
        return iter(())


router = APIRouter()


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {}, "application/openmetrics-text": {}}},
        401: {"description": "Without the bearer token of PATCHWRIGHT_METRICS_TOKEN"},
    },
)
async def metrics(request: Request) -> Response:
    """``app.state.exposition`` says what is shown."""
    exposition: Exposition = request.app.state.exposition
    if not exposition.allows(request.headers.get("authorization", "")):
        said = {"error": "the metrics need the bearer token of PATCHWRIGHT_METRICS_TOKEN"}
        return JSONResponse(said, 401, {"WWW-Authenticate": "Bearer"})
    accept = request.headers.get("accept", "")
    body, content_type = await run_in_threadpool(exposition.text, accept)
    return Response(body, media_type=content_type, headers={"Cache-Control": "no-store"})
