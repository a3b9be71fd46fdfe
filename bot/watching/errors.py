"""Error reports by Sentry, where it is installed and SENTRY_DSN is set: errors nobody foresaw, and dead jobs.

A report has the exception's type, the frames as file, line and function, and which job or delivery it was. What an
exception says, local variables, lines of code, requests and their bodies, users and addresses are not in it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import structlog

from bot.watching.lines import exception_of
from bot.watching.redaction import all_redacted, redacted

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint
    from structlog.typing import EventDict, WrappedLogger

log = structlog.get_logger(__name__)

_TAGS = ("job", "delivery", "kind", "attempt", "github_event", "task", "error")
_KEPT = frozenset(
    {
        "event_id", "timestamp", "platform", "level", "logger", "release", "environment", "server_name", "sdk",
        "exception", "message", "tags", "fingerprint", "contexts", "dist",
    }
)  # fmt: skip
_CONTEXTS = frozenset({"runtime", "os"})
_FRAME = frozenset({"filename", "function", "lineno", "module", "in_app"})
_CLOSE_SECONDS = 2.0


class _Reporting:
    """Whether errors are reported from this process."""

    on = False


_reporting = _Reporting()


def set_up(version: str) -> None:
    """Begins to report if SENTRY_DSN is set. Says so in the log, also where the package is missing."""
    dsn = os.environ.get("SENTRY_DSN", "").strip()
    if not dsn or _reporting.on:
        return
    try:
        import sentry_sdk
        from sentry_sdk.integrations.dedupe import DedupeIntegration
        from sentry_sdk.utils import BadDsn
    except ImportError:
        log.warning(
            "SENTRY_DSN is set, but sentry-sdk is not installed: pip install 'patchwright[observability]'"
        )
        return
    try:
        sentry_sdk.init(
            dsn=dsn,
            release=os.environ.get("SENTRY_RELEASE") or f"patchwright@{version}",
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[DedupeIntegration()],
            send_default_pii=False,
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            before_send=_before_send,
            auto_session_tracking=False,
            traces_sample_rate=None,
            send_client_reports=False,
        )
    except BadDsn:
        log.warning("SENTRY_DSN is no address that Sentry gives out: errors are not reported")
        return
    _reporting.on = True
    log.info("errors are reported")


def close() -> None:
    """Sends what is left, and reports no more."""
    if _reporting.on:
        import sentry_sdk

        _reporting.on = False
        sentry_sdk.get_client().close(timeout=_CLOSE_SECONDS)


def report(error: BaseException, **tags: object) -> None:
    """Reports an exception."""
    if _reporting.on:
        import sentry_sdk

        with sentry_sdk.new_scope() as scope:
            _tag(tags)
            scope.capture_exception(error)


def reported(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Reports what the log calls an error, and dead jobs. For structlog's chain, before exceptions lose their messages."""
    if not _reporting.on:
        return event
    dead = event.get("kind") == "dead" and "job" in event
    error = exception_of(event) if method in {"error", "exception", "critical"} else None
    if error is None and not dead:
        return event
    import sentry_sdk

    with sentry_sdk.new_scope() as scope:
        _tag(event)
        if error is not None:
            scope.capture_exception(error)
        else:
            scope.fingerprint = ["dead job"]
            scope.capture_message("a job is dead", level="error")
    return event


def _tag(given: Any) -> None:
    import sentry_sdk

    for name in _TAGS:
        if given.get(name) is not None:
            sentry_sdk.get_current_scope().set_tag(name, redacted(str(given[name]))[:200])


def _before_send(event: Event, hint: Hint) -> Event | None:
    """The event with what is known to be harmless, and nothing else."""
    kept: dict[str, Any] = {name: value for name, value in event.items() if name in _KEPT}
    contexts = kept.get("contexts") or {}
    kept["contexts"] = {name: value for name, value in contexts.items() if name in _CONTEXTS}
    for each in (kept.get("exception") or {}).get("values", []):
        each["value"] = ""
        each.pop("mechanism", None)
        stack = each.get("stacktrace") or {}
        stack["frames"] = [
            {name: value for name, value in frame.items() if name in _FRAME}
            for frame in stack.get("frames", [])
        ]
        each["stacktrace"] = stack
    return all_redacted(kept, 12)  # type: ignore[return-value]
