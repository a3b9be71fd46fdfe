"""Labels and reviewers of a new pull request: GitHub takes them only once it is there.

If the App is stopped in between, the next run must know that they are missing, and must not add again what a person
took away. So a pull request that is to have any is opened with a hidden note of them, which goes when they are there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from bot.github.errors import GitHubError, Gone, Passing, Refused
from bot.publish.lengths import LONGEST_BODY

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient

log = structlog.get_logger(__name__)
_NOTE = re.compile(r"\n?^<!-- patchwright:to-come (\{.*\}) -->[ \t\r]*$\n?", re.MULTILINE)
_SPEAKING = re.compile(r"[<>@#&]|--")
_UNUSABLE = 422


@dataclass(frozen=True, slots=True)
class ToCome:
    """What a new pull request is still to get."""

    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()


def with_note(body: str, to_come: ToCome) -> str:
    """The body with the note at its end; as it is where nothing is to come, or where the note finds no room."""
    if to_come == ToCome():
        return body
    text = json.dumps({"labels": to_come.labels, "reviewers": to_come.reviewers}, separators=(",", ":"))
    safe = _SPEAKING.sub(lambda found: "".join(f"\\u{ord(each):04x}" for each in found[0]), text)
    noted = f"{body.rstrip()}\n\n<!-- patchwright:to-come {safe} -->\n"
    return noted if len(noted) <= LONGEST_BODY else body


def read_note(body: str) -> ToCome | None:
    """The note in the body of a pull request that the App opened; None where there is none."""
    found = _NOTE.findall(body)
    if not found:
        return None
    try:
        data = json.loads(found[-1])
    except ValueError:
        return ToCome()
    return ToCome(_names(data.get("labels")), _names(data.get("reviewers")))


def without_note(body: str) -> str:
    """The body as it is to be in the end."""
    return f"{_NOTE.sub('', body).rstrip()}\n" if _NOTE.search(body) else body


def add(client: RepositoryClient, number: int, to_come: ToCome) -> None:
    """Adds labels and asks for reviews. What GitHub does not take (nobody's name, no collaborator) is left out."""
    if to_come.labels:
        _each(client.add_labels, number, to_come.labels, "label")
    if to_come.reviewers:
        _each(client.request_reviewers, number, to_come.reviewers, "reviewer")


def _each(request: Any, number: int, names: Sequence[str], kind: str) -> None:
    """One name that GitHub does not take loses the whole request: then each goes alone."""
    try:
        request(number, names)
    except (Refused, Passing) as error:
        if not _is_unusable(error):
            raise
        if len(names) == 1:
            log.warning(
                "not taken by GitHub", kind=kind, name=names[0], pull_request=number, reason=str(error)
            )
            return
        for name in names:
            _each(request, number, [name], kind)


def _is_unusable(error: GitHubError) -> bool:
    return error.status == _UNUSABLE or isinstance(error, Gone)


def _names(value: object) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
