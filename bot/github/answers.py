"""Taking values out of GitHub's answers: what is missing or of another kind is said, and never an AttributeError."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.github.errors import Passing


def within(data: object, *keys: str) -> Any:
    """The value under ``keys``; None where one of them is missing."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def text(data: object, *keys: str) -> str:
    """A text that must be there. Raises Passing."""
    found = within(data, *keys)
    if not isinstance(found, str):
        raise Passing(f"GitHub's answer holds no text under {'.'.join(keys)}")
    return found


def text_or_empty(data: object, *keys: str) -> str:
    """A text that may be missing or null."""
    found = within(data, *keys)
    return found if isinstance(found, str) else ""


def number(data: object, *keys: str) -> int:
    """A whole number that must be there. Raises Passing."""
    found = within(data, *keys)
    if not isinstance(found, int):
        raise Passing(f"GitHub's answer holds no number under {'.'.join(keys)}")
    return found


def items(data: object, *keys: str) -> list[Any]:
    """A list that must be there. Raises Passing."""
    found = within(data, *keys)
    if not isinstance(found, list):
        raise Passing(f"GitHub's answer holds no list under {'.'.join(keys) or 'its root'}")
    return found


def moment(data: object, *keys: str) -> datetime:
    """A time with its zone that must be there. Raises Passing."""
    try:
        found = datetime.fromisoformat(text(data, *keys))
    except ValueError:
        raise Passing(f"GitHub's answer holds no time under {'.'.join(keys)}") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def moment_or_none(data: object, *keys: str) -> datetime | None:
    """A time with its zone that may be missing or null; None too for what is no time."""
    return moment(data, *keys) if _is_moment(text_or_empty(data, *keys)) else None


def _is_moment(found: str) -> bool:
    try:
        datetime.fromisoformat(found)
    except ValueError:
        return False
    return True
