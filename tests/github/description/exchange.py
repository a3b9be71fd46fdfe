"""One request to GitHub's API with its answer, and what the description says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


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


class Recorded(Protocol):
    """An exchange as the stand-in records it; `target` is what `Exchange` calls path."""

    @property
    def method(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def request_headers(self) -> Mapping[str, str]: ...
    @property
    def request_body(self) -> bytes: ...
    @property
    def status(self) -> int: ...
    @property
    def response_headers(self) -> Mapping[str, str]: ...
    @property
    def response_body(self) -> bytes: ...
    @property
    def fault(self) -> str: ...


def as_sent(exchange: Exchange | Recorded) -> Exchange:
    """A record with its raw target, so that queries and encoded slashes are checked as they were sent."""
    if isinstance(exchange, Exchange):
        return exchange
    return Exchange(
        exchange.method,
        exchange.target,
        exchange.request_headers,
        exchange.request_body,
        exchange.status,
        exchange.response_headers,
        exchange.response_body,
        exchange.fault,
    )


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
