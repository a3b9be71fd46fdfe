"""What went over the wire: every request to the stand-in's API and its answer, and every webhook delivery."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Exchange:
    """One request to the API and the answer to it.

    ``path`` is decoded and without the ``/api/v3`` prefix (``/graphql`` for GraphQL), ``target`` the same as it was
    sent, with its query; a repository by number stands there by name. Header names are lower case; ``query`` keeps
    the last value of each name. ``fault`` names the fault that made or changed the answer: what the
    stand-in sends then is not GitHub's word.
    """

    method: str
    path: str
    query: dict[str, str]
    request_headers: dict[str, str]
    request_body: bytes
    status: int
    response_headers: dict[str, str]
    response_body: bytes
    fault: str = ""
    target: str = ""

    @cached_property
    def request_json(self) -> Any:
        """The request's body as JSON; None where there is none or it is not JSON."""
        return _json(self.request_body)

    @cached_property
    def response_json(self) -> Any:
        """The answer's body as JSON; None where there is none or it is not JSON."""
        return _json(self.response_body)

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status}"


def _json(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return None


@dataclass
class Delivery:
    """One webhook delivery: what is sent, and how it was answered. ``status_code`` is 0 until then."""

    id: int
    guid: str
    event: str
    action: str | None
    payload: dict[str, Any]
    body: bytes
    headers: dict[str, str]
    app_id: int
    installation_id: int | None
    repository_id: int | None
    delivered_at: str = ""
    redelivery: bool = False
    status: str = "pending"
    status_code: int = 0
    duration: float = 0.0
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: str = ""


class Exchanges(list[Exchange]):
    """All exchanges so far, oldest first; safe to add to from the server's threads."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def add(self, exchange: Exchange) -> None:
        """Remember one more."""
        with self._lock:
            self.append(exchange)

    def to(self, method: str, path_part: str = "") -> list[Exchange]:
        """Those with this method whose path contains ``path_part``."""
        return [each for each in list(self) if each.method == method and path_part in each.path]

    def writes(self) -> list[Exchange]:
        """Those that could have changed something and were not refused, without token requests."""
        return [
            each
            for each in list(self)
            if each.method not in {"GET", "HEAD"} and each.status < 400 and "access_tokens" not in each.path
        ]
