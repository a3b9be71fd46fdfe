"""Log lines on their way out: secrets masked, exceptions without their messages, those of a job kept with it."""

from __future__ import annotations

import json
import sys
import traceback
from typing import TYPE_CHECKING

from bot.watching.redaction import all_redacted
from bot.watching.steps import current

if TYPE_CHECKING:
    from types import TracebackType

    from structlog.typing import EventDict, WrappedLogger

LONGEST_LINE = 4_000
"""Characters of one line that is kept with its job."""

_MOST_FRAMES = 40
_BOUND = frozenset({"job", "delivery", "repository"})
"""What every line of a job has in common: not repeated in what is kept of it."""


def without_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Masks what looks like a secret in everything that a line says."""
    return {name: value if name in _INNER else all_redacted(value) for name, value in event.items()}


_INNER = frozenset({"exc_info", "_record", "_from_structlog", "stack_info", "positional_args"})


def without_messages(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """An exception as its type and where it came from.

    What it says may be a piece of the code that was read, or a value that nobody else is to see; only this project's
    own exceptions are worded with care.
    """
    error = exception_of(event)
    event.pop("exc_info", None)
    if error is not None:
        event["exception"] = worded(error)
    return event


def exception_of(event: EventDict) -> BaseException | None:
    """The exception that a line is about, None for none."""
    info = event.get("exc_info")
    if isinstance(info, BaseException):
        return info
    if isinstance(info, tuple):
        return info[1] if isinstance(info[1], BaseException) else None
    return sys.exc_info()[1] if info else None


def worded(error: BaseException) -> str:
    """The chain of exceptions, each with its frames as ``file:line in function``."""
    parts: list[str] = []
    each: BaseException | None = error
    seen: set[int] = set()
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        parts.append("\n".join([*_frames(each.__traceback__), _named(each)]))
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return "\n\nwhich came after\n\n".join(parts)


def _named(error: BaseException) -> str:
    kind = type(error)
    if kind.__module__.partition(".")[0] in {"bot", "codemods"}:
        return f"{kind.__qualname__}: {all_redacted(str(error))}"
    if isinstance(error, OSError) and error.strerror:
        return f"{kind.__qualname__}: {error.strerror}"
    return f"{kind.__module__}.{kind.__qualname__}"


def _frames(found: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(found, limit=-_MOST_FRAMES)
    return [f"{_short(each.filename)}:{each.lineno} in {each.name}" for each in frames]


def _short(path: str) -> str:
    """A file by its place below the folder that modules are found in."""
    parts = path.replace("\\", "/").split("/")
    for root in ("site-packages", "bot", "codemods"):
        if root in parts:
            start = len(parts) - 1 - parts[::-1].index(root)
            return "/".join(parts[start + (root == "site-packages") :])
    return "/".join(parts[-2:])


def kept_with_job(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Adds the line to those of the job that runs in this thread, as JSON."""
    record = current()
    if record is not None:
        said = {
            name: value for name, value in event.items() if name not in _BOUND and not name.startswith("_")
        }
        line = json.dumps(said, default=str, ensure_ascii=False)
        if len(line) > LONGEST_LINE:
            short = {name: said[name] for name in ("timestamp", "level") if name in said}
            line = json.dumps(
                {**short, "event": str(said.get("event", ""))[:500], "cut": f"{len(line)} characters"},
                ensure_ascii=False,
            )
        record.lines.append(line)
    return event
