"""Who a person is on GitHub, and which of the App's repositories they reach there."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from bot.signin.oauth import unanswered

log = structlog.get_logger(__name__)

MOST = 10_000
"""Installations, and repositories of one installation, that are asked for; a person with more sees the first ones."""

SECONDS = 45.0
"""How long all of a person's repositories may take."""

_PAGE = 100
_AT_ONCE = 4
_GONE = {403, 404, 410, 451}
_HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": "patchwright",
}


class Account(BaseModel):
    """A person; the login may be another one tomorrow, the id stays."""

    id: int
    login: str


class _Permissions(BaseModel):
    push: bool = False


class _Repository(BaseModel):
    id: int
    permissions: _Permissions = _Permissions()


class _Repositories(BaseModel):
    total_count: int
    repositories: list[_Repository]


class _Installation(BaseModel):
    id: int
    suspended_at: datetime | None = None


class _Installations(BaseModel):
    total_count: int
    installations: list[_Installation]


Answer = TypeVar("Answer", bound=BaseModel)


class AskingAs:
    """GitHub, asked with a person's token. Safe for several threads. Every method raises SignInFailed."""

    def __init__(self, http: httpx.Client, api_url: str, token: str) -> None:
        self._http, self._api = http, api_url
        self._headers = {**_HEADERS, "Authorization": f"Bearer {token}"}
        self._end = time.monotonic() + SECONDS

    def account(self) -> Account:
        """Whose token it is."""
        return self._ask("/user", Account)

    def repositories(self) -> dict[int, bool]:
        """The repositories that both the person and an installation of the App were given, by GitHub's number.

        True where the person may push. Those of suspended installations are left out: nobody vouches for them.
        """
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sign-in") as pool:
            first, rest = self._pages("/user/installations", _Installations, pool)
            installations = [each for page in (first, *rest) for each in page.installations]
            working = [each.id for each in installations if each.suspended_at is None]
            found: dict[int, bool] = {}
            for id_ in working:
                found.update(self._of_installation(id_, pool))
        return found

    def _of_installation(self, id_: int, pool: ThreadPoolExecutor) -> dict[int, bool]:
        try:
            first, rest = self._pages(f"/user/installations/{id_}/repositories", _Repositories, pool)
        except _Gone:
            return {}  # uninstalled, or no longer theirs, since it was listed
        return {each.id: each.permissions.push for page in (first, *rest) for each in page.repositories}

    def _pages(
        self, path: str, kind: type[_Listed], pool: ThreadPoolExecutor
    ) -> tuple[_Listed, list[_Listed]]:
        first = self._ask(f"{path}?per_page={_PAGE}", kind)
        if first.total_count > MOST:
            log.warning(
                "a person reaches more than is asked for", path=path, there=first.total_count, asked=MOST
            )
        pages = -(-min(first.total_count, MOST) // _PAGE)
        others = [f"{path}?per_page={_PAGE}&page={number}" for number in range(2, pages + 1)]
        return first, list(pool.map(partial(self._ask, kind=kind), others))

    def _ask(self, path: str, kind: type[Answer]) -> Answer:
        if time.monotonic() > self._end:
            raise unanswered(f"a person's repositories took more than {SECONDS:g} s")
        try:
            answer: Any = self._http.get(self._api + path, headers=self._headers)
            if answer.status_code in _GONE and "/repositories" in path and not _limited(answer):
                raise _Gone
            answer.raise_for_status()
            return kind.model_validate(answer.json())
        except httpx.HTTPStatusError as error:
            raise unanswered(f"{error.response.status_code} for {path}") from None
        except (httpx.HTTPError, ValidationError, ValueError) as error:
            raise unanswered(f"{type(error).__name__} for {path}") from None


def _limited(answer: httpx.Response) -> bool:
    """Whether a refusal means to wait, not that there is nothing: a secondary limit may say so in its text alone."""
    return (
        "retry-after" in answer.headers
        or answer.headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in answer.text[:1000].lower()
    )


class _Gone(Exception):  # noqa: N818 - what is the case
    """An installation cannot be asked any more."""


_Listed = TypeVar("_Listed", _Installations, _Repositories)
