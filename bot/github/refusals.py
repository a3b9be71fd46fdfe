"""What an answer that is no success means, by its status, headers and text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from bot.github.errors import GitHubError, Gone, Passing, RateLimited, Refused, Unrecognized

_RACES = (
    "sha does not exist",
    "reference update failed",
    "object does not exist",
    "no commit found for",
    "could not resolve to a node",
    "something went wrong while executing your query",
)
"""GitHub reads from replicas: what was made a moment ago may not be seen yet."""

_LIMITED = ("rate limit", "abuse detection", "submitted too quickly", "please wait a few minutes")
_OTHER_REASONS = ("archived", "suspended", "blocked", "disabled", "locked")
_SECRET = re.compile(
    r"(?i)\b(gh[a-z]_\w+|github_pat_\w+|v1\.[0-9a-f]{20,}|ey[\w-]{10,}\.[\w.-]+)|(?<=token=)[^&\s]+"
)
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LONGEST_WAIT = timedelta(hours=2)
_SHORTEST = 60.0
_LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer: header names in lower case, ``data`` the parsed JSON, else None."""

    status: int
    headers: Mapping[str, str]
    data: Any


def plain(text: str) -> str:
    """``text`` on one line, without what looks like a credential, cut to 500 characters."""
    line = _SECRET.sub("[hidden]", _UNPRINTED.sub(" ", text)).strip()
    return line if len(line) <= _LONGEST_TEXT else f"{line[:_LONGEST_TEXT]}..."


def said(data: object) -> str:
    """All that an error's body says: its message and those of its parts. Takes any shape."""
    if not isinstance(data, Mapping):
        return ""
    parts = [data.get("message")]
    errors = data.get("errors")
    for error in errors if isinstance(errors, list) else [errors]:
        if isinstance(error, Mapping):
            named = (error.get(key) for key in ("resource", "field", "code"))
            parts.append(error.get("message") or " ".join(each for each in named if isinstance(each, str)))
        else:
            parts.append(error)
    return plain("; ".join(part for part in parts if isinstance(part, str) and part))


def refusal(what: str, answer: Answer, now: datetime, in_a_row: int) -> GitHubError:
    """The error for an answer with a status from 300 on.

    ``what`` is the request in words; ``in_a_row`` is how many times in a row GitHub has said to wait: where it does
    not say how long, the pause doubles with each. The message begins with what it means and ends with the request:
    people read it in lists, where it may be cut.
    """
    error = _meaning(what, answer, now, in_a_row)
    error.status = answer.status
    return error


def _meaning(what: str, answer: Answer, now: datetime, in_a_row: int) -> GitHubError:
    text = said(answer.data)
    told = f"GitHub answered {answer.status} {text}".rstrip() + f" to {what}"
    if (until := wait_until(answer, text, now, in_a_row)) is not None:
        return RateLimited(f"GitHub says to wait until {until:%Y-%m-%d %H:%M:%S} UTC ({told})", until)
    status = answer.status
    if status in (404, 422) and is_race(answer.data, empty=status == 422):
        return Passing(f"one of GitHub's races ({told})")
    if status in (404, 410, 451):
        return Gone(told)
    if status == 401:
        return Unrecognized(
            f"GitHub does not accept the App's credentials: check its id, its key and the clock ({told})"
        )
    if status == 403 and "installation has been suspended" in text.lower():
        return Gone(told)  # once it is not any more, everything in it is looked at again
    if status == 403:
        return Refused(_forbidden(told, text, answer.headers))
    if status >= 500 or status in (307, 308, 408, 409, 425):
        return Passing(told)
    return Refused(told)


def is_race(data: object, *, empty: bool = True) -> bool:
    """Whether a refusal passes by itself: about an object that was made a moment ago, or (``empty``) without words."""
    text = said(data).lower()
    return (empty and text in ("", "validation failed")) or any(race in text for race in _RACES)


def wait_until(answer: Answer, text: str, now: datetime, in_a_row: int) -> datetime | None:
    """When to come back, if the answer is a rate limit; None if it is none.

    ``x-ratelimit-reset`` is on every answer: it is the time to wait for only where nothing is left of the budget.
    """
    headers, status = answer.headers, answer.status
    spent = headers.get("x-ratelimit-remaining", "").strip() == "0"
    worded = any(each in text.lower() for each in _LIMITED)
    if status != 429 and not (status == 403 and ("retry-after" in headers or spent or worded)):
        return None
    until = _after(headers.get("retry-after", ""), now)
    if until is None and (spent or (status == 429 and "x-ratelimit-remaining" not in headers)):
        until = _reset(headers.get("x-ratelimit-reset", ""))
    if until is None:
        until = now + timedelta(seconds=_SHORTEST * 2 ** min(in_a_row, 6))
    return min(max(until, now + timedelta(seconds=1)), now + _LONGEST_WAIT)


def _after(value: str, now: datetime) -> datetime | None:
    """A ``retry-after`` header: seconds, or a date."""
    try:
        return now + timedelta(seconds=min(float(value), _LONGEST_WAIT.total_seconds()))
    except (ValueError, OverflowError):
        pass
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, IndexError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


def _reset(value: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _forbidden(told: str, text: str, headers: Mapping[str, str]) -> str:
    accepted = headers.get("x-accepted-github-permissions", "")
    if not accepted or any(reason in text.lower() for reason in _OTHER_REASONS):
        return told
    return (
        f"the installation lacks the permission {plain(_permissions(accepted))}; ask for it in the App's settings "
        f"and let the owner of the installation accept it ({told})"
    )


def _permissions(accepted: str) -> str:
    """``contents=write,issues=write; contents=write`` as ``contents: write and issues: write, or contents: write``."""
    return ", or ".join(_all_of(each.split(",")) for each in accepted.split(";") if each.strip())


def _all_of(permissions: Iterable[str]) -> str:
    return " and ".join(each.strip().replace("=", ": ") for each in permissions if each.strip())
