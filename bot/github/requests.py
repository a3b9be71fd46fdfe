"""The one place where requests leave: signed in, paced, retried where that is safe, and refusals turned into errors."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from github import Auth
from github.Requester import Requester
from requests.utils import parse_header_links
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from bot.github.answers import moment, text
from bot.github.connection import connection
from bot.github.errors import GitHubError, Gone, Passing, RateLimited, Refused
from bot.github.operations import calls
from bot.github.refusals import Answer, plain, refusal, said
from bot.github.signing_in import App, jwt
from bot.watching import metrics, traces
from bot.watching.rate_limit import LIMITS

logging.getLogger("github.Requester").setLevel(logging.INFO)
"""Its debug lines hold whole bodies, and with them tokens."""

API_VERSION = "2022-11-28"
USER_AGENT = "patchwright"
_PAGE = 100
_MOST_PAGES = 1_000
_QUERIES_AGAIN = 2
_READS_AGAIN = Retry(
    total=2,
    backoff_factor=0.2,
    status_forcelist=[502, 503, 504],
    allowed_methods={"GET", "HEAD"},
    respect_retry_after_header=False,
    raise_on_status=False,
)


class _Bearer(Auth.Auth):
    """Gives the requester the token that ``Requests`` chose for this request."""

    def __init__(self) -> None:
        self.current = ""

    @property
    def token_type(self) -> str:
        return "Bearer"

    @property
    def token(self) -> str:
        return self.current


class Requests:
    """Requests as one installation, or as the App itself where ``installation`` is None. Not thread-safe.

    ``repository`` narrows what the token may touch to that repository.
    """

    def __init__(self, app: App, installation: int | None = None, repository: int | None = None) -> None:
        self.app = app
        self._installation, self._repository = installation, repository
        self.pace = app.pace(installation)
        self._bearer = _Bearer()
        self._left: int | None = None
        self._requester = Requester(
            auth=self._bearer,
            base_url=app.api_url,
            timeout=int(app.timeout_seconds),
            user_agent=USER_AGENT,
            per_page=_PAGE,
            verify=True,
            retry=_READS_AGAIN,
            pool_size=None,
            api_version=API_VERSION,
        )
        self._connection = connection(app.api_url, app.timeout_seconds, _READS_AGAIN)

    @property
    def rate_limit_left(self) -> int | None:
        """What the last answer said of the hourly budget (GraphQL has one of its own)."""
        return self._left

    def close(self) -> None:
        """Closes the connections."""
        self._connection.close()
        self._requester.close()

    def get(self, path: str, /, **parameters: str | int) -> Any:
        """The JSON at ``path``."""
        return self.answer("GET", path, parameters).data

    def pages(self, path: str, items: str | None = None, /, **parameters: str | int) -> Iterator[Any]:
        """The items of all pages, one page at a time as they are asked for; ``items`` names the list in an object."""
        parameters = {"per_page": _PAGE, **parameters}
        for _ in range(_MOST_PAGES):
            answer = self.answer("GET", path, parameters)
            found = answer.data.get(items) if items and isinstance(answer.data, dict) else answer.data
            if not isinstance(found, list):
                raise Passing(f"GET {path}: the answer holds no list")
            yield from found
            following = next_page(answer.headers.get("link", ""))
            if following is None or following == parameters:
                return
            parameters = following
        raise Refused(f"GET {path}: more than {_MOST_PAGES} pages")

    def write(self, verb: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Sends a write once, in its turn; the JSON of the answer."""
        with self.pace.writing():
            return self.answer(verb, path, body=body).data

    def query(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Sends a GraphQL query, up to three times as other reads; its ``data``."""
        for attempt in range(_QUERIES_AGAIN):
            try:
                return self._graphql(query, variables)
            except Passing:
                time.sleep(0.2 * 2**attempt)
        return self._graphql(query, variables)

    def mutate(self, mutation: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Sends a GraphQL mutation once, in its turn; its ``data``."""
        with self.pace.writing():
            return self._graphql(mutation, variables)

    def _graphql(self, text: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        what = "POST graphql"
        body = {"query": text, "variables": dict(variables)}
        answer = self.answer("POST", self._requester.graphql_url, body=body)
        data = answer.data if isinstance(answer.data, dict) else {}
        errors = data.get("errors")
        if not errors:
            found = data.get("data")
            if not isinstance(found, dict):
                raise Passing(f"GitHub's answer holds no data ({what})")
            return found
        raise self._graphql_refusal(what, errors, answer)

    def answer(
        self,
        verb: str,
        path: str,
        parameters: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
        *,
        redirect: bool = False,
    ) -> Answer:
        """Sends one request, once more if the token was out of date. Raises for every status from 300 on.

        ``redirect``: a 302 is an answer, too.
        """
        what = f"{verb} {path if path.startswith('/') else 'graphql'}"
        self.pace.check()
        answer = self._send(verb, path, parameters, body, what)
        if answer.status == 401 and self._installation is not None:
            self._forget_token()
            answer = self._send(verb, path, parameters, body, what)
        if answer.status < 300 or (redirect and answer.status == 302):
            self.pace.answered()
            return answer
        raise self._noted(refusal(what, answer, datetime.now(UTC), self.pace.in_a_row))

    def _noted(self, error: GitHubError) -> GitHubError:
        if isinstance(error, RateLimited):
            metrics.GITHUB_LIMITED.inc()
            self.pace.limited(error.until)
        else:
            self.pace.answered()
        return error

    def _graphql_refusal(self, what: str, errors: object, answer: Answer) -> GitHubError:
        words = said({"errors": errors})
        kinds = (
            {each.get("type") for each in errors if isinstance(each, dict)}
            if isinstance(errors, list)
            else set()
        )
        status = 422
        if "RATE_LIMITED" in kinds:
            status = 429
        elif kinds & {"FORBIDDEN", "INSUFFICIENT_SCOPES"}:
            status = 403
        elif "NOT_FOUND" in kinds:
            status = 404
        elif kinds & {"INTERNAL", "SERVICE_UNAVAILABLE", "TIMEOUT"}:
            status = 502
        told = Answer(status, answer.headers, {"message": words})
        return self._noted(refusal(what, told, datetime.now(UTC), self.pace.in_a_row))

    def _send(
        self,
        verb: str,
        path: str,
        parameters: Mapping[str, str | int] | None,
        body: Mapping[str, Any] | None,
        what: str,
    ) -> Answer:
        self._bearer.current = self._token()
        kind = "read" if verb in {"GET", "HEAD"} else "write" if path.startswith("/") else "graphql"
        started, ended = time.perf_counter(), "failed"
        try:
            with traces.request(verb, path) as traced:
                status, headers, read = self._requester.requestJson(
                    verb,
                    path,
                    parameters=dict(parameters or {}),
                    headers={"Accept": "application/vnd.github+json"},
                    input=body,
                    cnx=self._connection,
                )
                traced.answered(status)
            ended = str(status)
        except requests.exceptions.Timeout:
            raise Passing(f"GitHub gave no answer within {self.app.timeout_seconds:g} s ({what})") from None
        except (requests.exceptions.RequestException, HTTPError, OSError) as error:
            raise Passing(f"the connection failed: {type(error).__name__} ({what})") from None
        except (RuntimeError, ValueError) as error:
            raise Passing(f"GitHub's answer could not be used: {plain(str(error))} ({what})") from None
        finally:
            self._bearer.current = ""
            metrics.GITHUB_REQUESTS.labels(kind, ended).inc()
            metrics.GITHUB_SECONDS.labels(kind).observe(time.perf_counter() - started)
        LIMITS.said(self._installation, headers)
        left = headers.get("x-ratelimit-remaining", "")
        if path.startswith("/") and left.isdecimal():
            self._left = int(left)
        return Answer(status, headers, _parsed(read, status, what))

    def _token(self) -> str:
        if self._installation is None:
            return jwt(self.app)
        kept = self.app.kept_token(self._installation, self._repository)
        with kept.lock:
            if not kept.holds:
                kept.value, kept.expires_at = _new_token(self.app, self._installation, self._repository)
            return kept.value

    def _forget_token(self) -> None:
        assert self._installation is not None
        self.app.kept_token(self._installation, self._repository).value = ""


@calls("apps/create-installation-access-token")
def _new_token(app: App, installation: int, repository: int | None) -> tuple[str, datetime]:
    """A token of an installation, and when it ends. Raises Gone where the installation may not see the repository."""
    as_app = Requests(app)
    try:
        data = as_app.answer(
            "POST",
            f"/app/installations/{installation}/access_tokens",
            body={} if repository is None else {"repository_ids": [repository]},
        ).data
    except Refused as error:
        if repository is not None and "not accessible" in str(error):
            raise Gone(f"the installation may not see repository {repository}: {error}") from None
        raise
    finally:
        as_app.close()
    now = datetime.now(UTC)
    # An end that lies in the past, as this machine's clock has it, would mean a new token for every request.
    return text(data, "token"), max(moment(data, "expires_at"), now + timedelta(minutes=10))


def next_page(link: str) -> dict[str, str | int] | None:
    """The parameters of the page that a ``Link`` header calls next.

    Only they are used: behind a proxy the address may name another host than the one that is asked.
    """
    for each in parse_header_links(link) if link else []:
        if each.get("rel") == "next":
            return dict(parse_qsl(urlsplit(each["url"]).query))
    return None


def _parsed(read: str, status: int, what: str) -> Any:
    if not read:
        return None
    try:
        return json.loads(read)
    except ValueError:
        if status >= 300:
            return None
        raise Passing(f"GitHub's answer is no JSON ({what})") from None
