"""The service's log: one line for each thing that happened, on standard output, as JSON or for people to read.

What is bound while a delivery or a job is worked on (delivery, repository, job) is in every line of it, also in
those that libraries write. Code, payloads and secrets are in none: exceptions are said by type and place alone, and
what looks like a secret is masked. A job's lines are kept with it, too.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Literal

import structlog

from bot.watching.errors import reported
from bot.watching.lines import kept_with_job, without_messages, without_secrets

if TYPE_CHECKING:
    from structlog.typing import Processor

QUIET = ("httpx", "httpcore", "urllib3", "github", "alembic", "dbos", "asyncio", "uvicorn")
"""Libraries whose every request is not of interest, and whose URLs may carry a token that is valid for a while."""


def set_up(form: Literal["json", "console"], level: str = "info") -> None:
    """Sends structlog's lines and those of `logging` the same way. Called once, before anything is logged."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = [reported, without_messages, without_secrets, kept_with_job]
    structlog.configure(
        processors=[*shared, *last, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), *last],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_written(form)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # a warning for each of its retries: whoever asked says how it ended
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    logging.captureWarnings(capture=True)


def _written(form: Literal["json", "console"]) -> list[Processor]:
    if form == "console":
        return [structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())]
    return [structlog.processors.JSONRenderer(default=str)]
