"""How an endpoint is declared, and what happens before and after it: signing in, permissions, pages, errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from tests.github import forks
from tests.github.bare import GitError
from tests.github.urls import API_PREFIX, Urls

if TYPE_CHECKING:
    from starlette.requests import Request

    from tests.github.people import Account
    from tests.github.registry import App, Token
    from tests.github.repositories import Repo
    from tests.github.server import StandIn
    from tests.github.sign_ins import UserToken

DOCS = "https://docs.github.com/rest"
JSON = "application/json; charset=utf-8"
USER_TOKEN = "ghu_"


class Problem(Exception):  # noqa: N818 - GitHub speaks of problems; it is raised as an answer
    """An answer that is an error, in GitHub's shape."""

    def __init__(
        self, status: int, message: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.headers, self.more = status, message, headers or {}, more

    @property
    def body(self) -> dict[str, Any]:
        """What is sent."""
        return {"message": self.message, **self.more, "documentation_url": DOCS, "status": str(self.status)}


def not_found() -> Problem:
    """404, as also for what one may not see."""
    return Problem(404, "Not Found")


def invalid(resource: str, **error: str) -> Problem:
    """422 for a field that is wrong: ``field``, ``code`` and perhaps ``message``."""
    return Problem(422, "Validation Failed", errors=[{"resource": resource, **error}])


@dataclass
class Answer:
    """What an endpoint gives: a JSON body (or bytes), its status and headers."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    type: str = JSON


@dataclass
class Call:
    """One request, with who sent it and which repository it is about."""

    github: StandIn
    request: Request
    urls: Urls
    path: dict[str, Any]
    query: dict[str, str]
    data: bytes
    app: App | None = None
    token: Token | None = None
    user: UserToken | None = None
    found: Repo | None = None

    @property
    def repo(self) -> Repo:
        """The repository in the path."""
        assert self.found is not None
        return self.found

    @property
    def actor(self) -> Account:
        """The bot user that acts."""
        assert self.token is not None
        return self.token.installation.app.bot

    @property
    def value(self) -> Any:
        """The body, whatever it is. Raises Problem if it is not JSON."""
        try:
            return json.loads(self.data or b"{}")
        except ValueError:
            raise Problem(400, "Problems parsing JSON") from None

    @property
    def json(self) -> dict[str, Any]:
        """The body. Raises Problem if it is not a JSON object."""
        body = self.value
        if not isinstance(body, dict):
            raise Problem(400, "Body should be a JSON object")
        return body

    def need(self, name: str, kind: type = str) -> Any:
        """A field of the body. Raises Problem (422) if it is missing or of another type."""
        if name not in self.json:
            raise Problem(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        value = self.json[name]
        if not isinstance(value, kind):
            wanted = {str: "a string", int: "an integer", list: "an array"}.get(kind, kind.__name__)
            raise Problem(
                422, f"Invalid request.\n\nFor 'properties/{name}', {json.dumps(value)} is not {wanted}."
            )
        return value

    def number(self, name: str) -> int:
        """A number in the path."""
        text = str(self.path[name])
        if not text.isdigit():
            raise not_found()
        return int(text)

    def page(
        self, items: list[Any], shape: Callable[[Any], Any] | None = None, *, under: str | None = None
    ) -> Answer:
        """One page of ``items`` with its ``Link`` header; ``under`` wraps it with ``total_count``."""
        size = min(max(_integer(self.query.get("per_page"), 30), 1), 100)
        page = max(_integer(self.query.get("page"), 1), 1)
        last = max((len(items) + size - 1) // size, 1)
        shown = items[(page - 1) * size : page * size]
        body: Any = shown if shape is None else [shape(each) for each in shown]
        if under is not None:
            body = {"total_count": len(items), under: body}
        steps: dict[str, int] = {}
        if page > 1:
            steps["prev"] = min(page - 1, last)
        if page < last:
            steps |= {"next": page + 1, "last": last}
        if page > 1:
            steps["first"] = 1
        links = [f'<{self.link(page=number)}>; rel="{name}"' for name, number in steps.items()]
        return Answer(body, headers={"Link": ", ".join(links)} if links else {})

    def link(self, **changed: Any) -> str:
        """This request's own address with other query values."""
        query = dict(parse_qsl(self.request.url.query, keep_blank_values=True))
        query.update({name: str(value) for name, value in changed.items()})
        path = self.request.scope["raw_path"].decode("ascii").split("?")[0]
        return f"{self.urls.root}{path}?{urlencode(query)}"


def _integer(text: str | None, default: int) -> int:
    try:
        return int(text) if text is not None else default
    except ValueError:
        return default


@dataclass(frozen=True)
class Endpoint:
    """An endpoint: what it needs in GitHub's notation, and who may ask (``installation``, ``app``, ``user``,
    ``client``: the App by its client id and secret, or ``any``)."""

    method: str
    path: str
    run: Callable[[Call], Answer | dict[str, Any] | list[Any] | None]
    needs: str
    auth: str
    empty_ok: bool

    async def __call__(self, request: Request) -> Response:
        """Answer a request."""
        data = await request.body()
        return await run_in_threadpool(self.answer, request, data)

    def answer(self, request: Request, data: bytes) -> Response:
        """Sign in, look up, check permissions, run; errors become GitHub's shape."""
        github: StandIn = request.app.state.github
        root = f"{request.url.scheme}://{request.headers.get('host', '')}"
        query = dict(parse_qsl(request.url.query, keep_blank_values=True))
        call = Call(github, request, Urls(root), request.path_params, query, data)
        limits: dict[str, str] = {}
        try:
            _sign_in(call, self.auth)
            limits = github.access.count_request(call.token, "graphql" if "graphql" in self.path else "core")
            if "owner" in call.path and "repo" in call.path:
                _find(call, self)
            with call.found.lock if call.found is not None else nullcontext():
                given = self.run(call)
        except Problem as problem:
            answer = Answer(problem.body, problem.status, problem.headers)
        except GitError as error:
            answer = Answer(
                Problem(422, str(error).splitlines()[-1] if str(error) else "git failed").body, 422
            )
        else:
            answer = given if isinstance(given, Answer) else Answer(given)
        if self.needs and call.token is not None:
            answer.headers.setdefault("X-Accepted-GitHub-Permissions", self.needs)
        return render(answer, limits)


def render(answer: Answer, limits: dict[str, str]) -> Response:
    """An answer as it goes over the wire."""
    if isinstance(answer.body, bytes):
        content = answer.body
    else:
        content = b"" if answer.body is None else json.dumps(answer.body, separators=(",", ":")).encode()
    headers = {**limits, **answer.headers, "X-GitHub-Media-Type": "github.v3; format=json"}
    headers |= {"X-GitHub-Api-Version-Selected": "2022-11-28"}
    if content or answer.status not in {204, 205, 302}:
        headers["Content-Type"] = answer.type
    return Response(content, answer.status, headers)


ENDPOINTS: list[Endpoint] = []
_Handler = Callable[[Call], Answer | dict[str, Any] | list[Any] | None]


def endpoint(
    method: str, path: str, needs: str = "", auth: str = "installation", *, empty_ok: bool = False
) -> Callable[[_Handler], _Handler]:
    """Declare one. ``needs`` as in ``X-Accepted-GitHub-Permissions``; git endpoints refuse empty repositories."""

    def register(run: _Handler) -> _Handler:
        ENDPOINTS.append(Endpoint(method, path, run, needs, auth, empty_ok))
        return run

    return register


def _sign_in(call: Call, auth: str) -> None:
    header = call.request.headers.get("authorization", "")
    scheme, _, value = header.partition(" ")
    value = value.strip()
    if auth == "client":
        call.app = call.github.sign_ins.client(scheme, value)
        return
    if not value or scheme.lower() not in {"bearer", "token"}:
        if auth != "any":
            raise Problem(401, "Requires authentication")
        return
    if value.count(".") == 2:
        call.app = call.github.access.verify_jwt(value)
    elif value.startswith(USER_TOKEN):
        call.user = call.github.sign_ins.verify(value)
    else:
        call.token = call.github.access.verify_token(value)
    if auth == "app" and call.app is None:
        raise Problem(401, "A JSON web token could not be decoded")
    if auth == "user" and call.user is None:
        raise Problem(403, "Resource not accessible by integration")
    if auth == "installation" and call.token is None:
        if "repo" in call.path:
            raise Problem(403, "Resource not accessible by integration")
        raise Problem(401, "Requires authentication")


def _find(call: Call, endpoint: Endpoint) -> None:
    name = f"{call.path['owner']}/{call.path['repo']}"
    repo = call.github.find(name)
    seen = repo is not None and (
        call.token.sees(repo) if call.token is not None else any(
            each.app == call.app and each.sees(repo) for each in call.github.installations.values()
        )
    )  # fmt: skip
    if repo is not None and not seen and call.token is not None and forks.readable(repo):
        _guest(call, call.token, repo, endpoint)
    elif repo is None or not seen:
        raise not_found()
    if repo.full_name.lower() != name.lower():
        _moved(call, repo)
    if repo.disabled:
        raise Problem(
            403, "Repository access blocked", block={"reason": "dmca", "created_at": "", "html_url": ""}
        )
    if call.token is not None and endpoint.needs and not call.token.allows(endpoint.needs):
        raise Problem(
            403,
            "Resource not accessible by integration",
            headers={"X-Accepted-GitHub-Permissions": endpoint.needs},
        )
    if repo.archived and endpoint.method not in {"GET", "HEAD"}:
        raise Problem(403, "Repository was archived so is read-only.")
    if not endpoint.empty_ok and "/git/" in endpoint.path and repo.empty:
        raise Problem(409, "Git Repository is empty.")
    call.found = repo


def _guest(call: Call, token: Token, repo: Repo, endpoint: Endpoint) -> None:
    """Raises Problem unless an App that is not installed on a fork may do this there."""
    ref = call.path.get("ref") if "/git/refs" in endpoint.path else None
    if endpoint.method not in {"GET", "HEAD"} and not forks.may_write(token, repo, endpoint.path, ref):
        raise Problem(403, "Resource not accessible by integration")


def _moved(call: Call, repo: Repo) -> None:
    asked = call.request.scope["raw_path"].decode("ascii").split("?")[0]
    rest = asked.removeprefix(API_PREFIX).split("/", 4)[4:]
    query = f"?{call.request.url.query}" if call.request.url.query else ""
    url = "/".join([f"{call.urls.root}{API_PREFIX}/repositories/{repo.id}", *rest]) + query
    status = 301 if call.request.method in {"GET", "HEAD"} else 307
    word = "Moved Permanently" if status == 301 else "Temporary Redirect"
    raise Problem(status, word, headers={"Location": url}, url=url)
