"""Traces by OpenTelemetry, where it is installed and its standard variables ask for it; else nothing happens.

A delivery and the jobs that it asks for are one trace. Its ids follow from the delivery's, so that nothing has to be
stored for it and any process goes on with the same one (W3C trace context: trace-id and parent-id). A trace holds
times, kinds, ids, the repository's name and statuses: no code, no payload, no message of an exception.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

    from bot.queue.port import Job

log = structlog.get_logger(__name__)

_ASKED_BY = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PARTS_OF_REPOSITORY = 4
"""``/repos/OWNER/NAME/what``: what comes after says of which branch, file or number, and is left out."""


def wanted() -> bool:
    """Whether OpenTelemetry's variables ask for traces: an address to send them to, and nothing that forbids it."""
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    if "none" in os.environ.get("OTEL_TRACES_EXPORTER", "").lower().split(","):
        return False
    return any(os.environ.get(name, "").strip() for name in _ASKED_BY)


class _Tracing:
    """What is set up in this process; nothing as long as ``tracer`` is None."""

    tracer: Tracer | None = None
    provider: TracerProvider | None = None


_tracing = _Tracing()


def set_up(version: str) -> None:
    """Begins to trace if that is asked for. Says so in the log, also where the packages for it are missing."""
    if _tracing.tracer is not None or not wanted():
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import SpanLimits, TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        from bot.watching.trace_ids import Ids
    except ImportError:
        log.warning(
            "traces are asked for, but OpenTelemetry is not installed: pip install 'patchwright[observability]'"
        )
        return
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or os.environ.get(
        "OTEL_EXPORTER_OTLP_PROTOCOL"
    )
    if protocol not in {None, "", "http/protobuf"}:
        log.warning("traces are sent as http/protobuf, the only protocol that is there", asked=protocol)
    own = {"service.version": version}
    if not os.environ.get("OTEL_SERVICE_NAME"):
        own["service.name"] = "patchwright"
    provider = TracerProvider(
        resource=Resource.create(own),
        id_generator=Ids(),
        span_limits=SpanLimits(max_span_attribute_length=256, max_events=0),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _tracing.provider, _tracing.tracer = provider, provider.get_tracer("patchwright", version)
    log.info("traces are sent")


def close() -> None:
    """Sends what is left, and traces no more."""
    provider, _tracing.provider, _tracing.tracer = _tracing.provider, None, None
    if provider is not None:
        provider.shutdown()


class Traced:
    """A span, or nothing where nothing is traced."""

    def __init__(self, current: Span | None = None) -> None:
        self._span = current

    def ended(self, outcome: str) -> None:
        """Notes how a job ended."""
        self.note("patchwright.outcome", outcome)
        if outcome in {"dead", "retry"}:
            self.failed(outcome)

    def answered(self, status: int) -> None:
        """Notes the status of an answer."""
        self.note("http.response.status_code", status)
        if status >= 400:
            self.failed(str(status))

    def note(self, name: str, value: str | int) -> None:
        """Adds an attribute."""
        if self._span is not None:
            self._span.set_attribute(name, value)

    def failed(self, kind: str) -> None:
        """Marks it as an error of this kind: one word, never a message."""
        if self._span is not None:
            from opentelemetry.trace import Status, StatusCode

            self._span.set_status(Status(StatusCode.ERROR))
            self._span.set_attribute("error.type", kind)


@contextmanager
def _span(
    name: str, kind: str = "INTERNAL", context: Context | None = None, **attributes: Any
) -> Iterator[Traced]:
    tracer = _tracing.tracer
    if tracer is None:
        yield Traced()
        return
    from opentelemetry.trace import SpanKind

    given = {key.replace("__", "."): value for key, value in attributes.items() if value is not None}
    with tracer.start_as_current_span(
        name,
        context=context,
        kind=SpanKind[kind],
        attributes=given,
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        traced = Traced(current)
        try:
            yield traced
        except BaseException as error:
            traced.failed(type(error).__name__)
            raise


def span(name: str) -> AbstractContextManager[object]:
    """A part of what is traced in this thread."""
    return _span(name) if _tracing.tracer is not None else nullcontext()


def webhook(delivery: str, event: str) -> AbstractContextManager[Traced]:
    """The span that a delivery's trace begins with."""
    if _tracing.tracer is None:
        return nullcontext(Traced())
    return _rooted(delivery, event)


@contextmanager
def _rooted(delivery: str, event: str) -> Iterator[Traced]:
    from opentelemetry.context import Context

    from bot.watching.trace_ids import begins

    attributes = {"patchwright__delivery": delivery, "patchwright__event": event}
    with begins(*ids_of(delivery)), _span("webhook", "SERVER", Context(), **attributes) as traced:
        yield traced


def job(job: Job, repository: str | None) -> AbstractContextManager[Traced]:
    """The span of one attempt of a job, in the trace of its delivery."""
    if _tracing.tracer is None:
        return nullcontext(Traced())
    return _span(
        f"job {job.work.kind}",
        "CONSUMER",
        _after(job.delivery),
        patchwright__job=job.id,
        patchwright__delivery=job.delivery,
        patchwright__kind=job.work.kind,
        patchwright__attempt=job.attempt,
        patchwright__repository=repository,
    )


def request(method: str, path: str) -> AbstractContextManager[Traced]:
    """The span of a request to GitHub."""
    if _tracing.tracer is None:
        return nullcontext(Traced())
    return _span(
        f"{method} {template(path)}", "CLIENT", http__request__method=method, url__template=template(path)
    )


def template(path: str) -> str:
    """What kind of thing is asked for, without its name: ``/repos/*/*/pulls``."""
    if not path.startswith("/"):
        return "graphql"
    parts = path.partition("?")[0].strip("/").split("/")
    if parts[0] == "repos":
        return "/".join(["/repos/*/*", *parts[3:_PARTS_OF_REPOSITORY]])
    return "/" + "/".join("*" if part.isdecimal() else part for part in parts[:3])


def ids_of(delivery: str) -> tuple[int, int]:
    """Trace-id and the first span's id for a delivery: the same in every process."""
    digest = blake2b(delivery.encode(), digest_size=24, person=b"patchwright").digest()
    return int.from_bytes(digest[:16], "big") or 1, int.from_bytes(digest[16:], "big") or 1


def _after(delivery: str | None) -> Context:
    """The context that follows a delivery's webhook, sampled if that was."""
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.sampling import Decision
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    assert _tracing.provider is not None
    if delivery is None:
        return Context()
    trace_id, span_id = ids_of(delivery)
    decided = _tracing.provider.sampler.should_sample(Context(), trace_id, "webhook").decision
    flags = TraceFlags.SAMPLED if decided is Decision.RECORD_AND_SAMPLE else TraceFlags.DEFAULT
    parent = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
    return set_span_in_context(NonRecordingSpan(parent), Context())
