"""One request to GitHub's API with its answer, and what the description says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, as they went over the wire.

    `path` is the raw request target: still percent-encoded, with its query, with or without the `/api/v3` of
    GitHub Enterprise Server. Header names may be in any case. Only calls of the API belong here: no git
    transport, no pages for people, no download links that the API redirected to. `fault` names the switched-on
    fault that made the answer: such an answer is not GitHub's word, and only its request is checked.
    """

    method: str
    path: str
    request_headers: Mapping[str, str] = field(default_factory=dict)
    request_body: bytes = b""
    status: int = 200
    response_headers: Mapping[str, str] = field(default_factory=dict)
    response_body: bytes = b""
    fault: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: `errors` break the description, `notes` do too, but GitHub is known to do the same."""

    operation: str | None
    errors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def header(headers: Mapping[str, str], name: str) -> str | None:
    """A header's value, whatever the case of its name."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), None)
