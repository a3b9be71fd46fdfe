"""Numbers, times and names as pages show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

_STEPS = ((86400 * 365, "year"), (86400 * 30, "month"), (86400, "day"), (3600, "hour"), (60, "minute"))


def number(value: float) -> str:
    """A count with its thousands apart: ``12,345``."""
    return f"{value:,}"


def counted(value: int, one: str, many: str = "") -> str:
    """A count with its noun: ``1 finding``, ``1,204 findings``."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def day(at: datetime) -> str:
    """``21 Nov 2026``, in UTC."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y}"


def stamp(at: datetime) -> str:
    """``21 Nov 2026, 14:03 UTC``."""
    return f"{day(at)}, {at.astimezone(UTC):%H:%M} UTC"


def ago(at: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that fits: ``3 hours ago``; ``in 3 hours`` for what is to come."""
    passed = now - at
    seconds = abs(passed.total_seconds())
    for size, unit in _STEPS:
        if seconds >= size:
            many = int(seconds // size)
            said = f"{many} {unit}{'s' if many != 1 else ''}"
            return f"{said} ago" if passed > timedelta(0) else f"in {said}"
    return "just now"


def seconds(value: float) -> str:
    """A duration: ``340 ms``, ``2.4 s``, ``3 min 20 s``, ``1 h 5 min``."""
    if value < 1:
        return f"{round(value * 1000)} ms"
    if value < 60:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def pull_word(kept: str) -> str:
    """What pages call the state of a pull request that is kept as in ``bot.store.history.PullRow``."""
    return {"closed": "declined", "settled": "closed"}.get(kept, kept)


def web_address(url: str) -> str:
    """The address where it is one of the web, empty for any other: a link must not run anything."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""
