"""The connection under PyGithub's requester."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, RequestsResponse

if TYPE_CHECKING:
    from urllib3.util import Retry

RENAMED = 308


class _Plain(HTTPRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        return _unfollowed(super().getresponse())


class _Encrypted(HTTPSRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        return _unfollowed(super().getresponse())


def connection(api_url: str, timeout: float, retry: Retry) -> _Plain | _Encrypted:
    """A connection to the API that stays open. ``timeout`` in seconds.

    A 301, GitHub's answer under a repository's old name, comes as a 308: the requester would follow it without
    the query, and a list would silently be another one.
    """
    parts = urlsplit(api_url)
    kind = _Encrypted if parts.scheme == "https" else _Plain
    return kind(
        parts.hostname or "",
        parts.port,
        retry=retry,
        timeout=timeout,  # type: ignore[arg-type] # requests takes parts of a second
    )


def _unfollowed(answer: RequestsResponse) -> RequestsResponse:
    if answer.status == 301:
        answer.status = RENAMED
    return answer
