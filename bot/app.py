"""The web application: webhooks in, health out, and the operator's pages where they are asked for."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Coroutine, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from bot.receive.receive import Receiver, Unavailable, Verdict
from bot.receive.rejection import Rejected
from bot.version import own_version

if TYPE_CHECKING:
    from fastapi import APIRouter
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bot.pages.context import Pages

log = structlog.get_logger(__name__)

WEBHOOKS = "/webhooks/github"
CHECK_SECONDS = 5.0
"""How long one part of the service may take to say whether it is ready."""

MACHINES = ("/webhooks/", "/health", "/ready", "/metrics", "/openapi.json")
"""How addresses begin that programs ask for, not people: their errors are JSON."""

Handler = Callable[[Request, Exception], Coroutine[Any, Any, Response]]
"""Answers a request that ended in an exception."""

Checks = Mapping[str, Callable[[], str | None]]
"""By the part's name: None while it works, otherwise a sentence that says what is wrong. Called in a thread."""


class Taken(BaseModel):
    """What became of a delivery.

    ``accepted``: it is stored and will be worked on. ``known``: it came before, and its work was done. ``ignored``:
    nothing is done about such events. ``pong``: the answer to a ping.
    """

    delivery: str
    result: Verdict


class Trouble(BaseModel):
    """Why a request was not answered as asked."""

    error: str


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"
    version: str


class Readiness(BaseModel):
    """Whether every part works; ``checks`` has ``ok`` or what is wrong for each."""

    status: Literal["ready", "unavailable"]
    checks: dict[str, str] = Field(examples=[{"database": "ok", "queue": "ok", "credentials": "ok"}])


_HEADERS = {
    "X-GitHub-Event": (True, "What happened, for example push."),
    "X-GitHub-Delivery": (True, "The delivery's id; a redelivery has the same."),
    "X-Hub-Signature-256": (True, "sha256= and the HMAC-SHA256 of the body with the webhook secret."),
    "X-GitHub-Hook-Installation-Target-Type": (False, "integration, for an App's webhook."),
    "X-GitHub-Hook-Installation-Target-ID": (False, "The App that the webhook belongs to."),
}
_WEBHOOK_DESCRIPTION: dict[str, Any] = {
    "parameters": [
        {
            "name": name,
            "in": "header",
            "required": required,
            "description": about,
            "schema": {"type": "string"},
        }
        for name, (required, about) in _HEADERS.items()
    ],
    "requestBody": {
        "required": True,
        "description": "GitHub's payload, at most 25 MB.",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["payload"],
                    "properties": {"payload": {"type": "string"}},
                }
            },
        },
    },
}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Trouble, "description": "A header or the body is malformed"},
    401: {"model": Trouble, "description": "Not signed with the webhook secret"},
    403: {"model": Trouble, "description": "The webhook of another App"},
    408: {"model": Trouble, "description": "The body came too slowly"},
    413: {"model": Trouble, "description": "The body is larger than 25 MB"},
    415: {"model": Trouble, "description": "A content type that GitHub does not offer"},
    503: {"model": Trouble, "description": "It could not be stored: deliver it again"},
}


def create_app(
    receiver: Receiver,
    checks: Checks,
    *,
    pages: Pages | None = None,
    routers: Sequence[APIRouter] = (),
    middleware: Sequence[Middleware] = (),
    handlers: Mapping[type[Exception], Handler] | None = None,
    report: Callable[[Exception], None] = lambda error: None,
) -> FastAPI:
    """The application. ``checks`` are asked by ``GET /ready``.

    ``pages`` is what the routers' pages share; without it there are only webhooks, and every error is JSON.
    ``middleware`` is put around everything, errors' pages too, the first one outermost. ``handlers`` answer the
    exceptions that the routers raise on purpose; ``report`` is told of those that nobody foresaw, after the log.
    """
    answers: dict[Any, Handler] = {
        **(handlers or {}),
        Rejected: _rejected,
        Unavailable: _unavailable,
        HTTPException: _not_served,
        RequestValidationError: _not_understood,
    }
    app = FastAPI(
        title="Patchwright",
        version=own_version(),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would redirect to whatever host the request names
        middleware=[*middleware, Middleware(_Failures, report=report)],
        exception_handlers=answers,
    )
    app.state.pages = pages

    @app.post(
        WEBHOOKS,
        status_code=202,
        response_model=Taken,
        responses={200: {"model": Taken, "description": "Nothing is left to be done"}, **_REFUSALS},
        openapi_extra=_WEBHOOK_DESCRIPTION,
        summary="Take a webhook delivery from GitHub",
    )
    async def webhook(request: Request) -> JSONResponse:
        headers, verdict = await receiver.receive(request)
        status = 202 if verdict == "accepted" else 200
        return JSONResponse(Taken(delivery=headers.guid, result=verdict).model_dump(), status)

    @app.get("/health", summary="Whether the process answers")
    async def health() -> Alive:
        return Alive(version=own_version())

    @app.get(
        "/ready",
        response_model=Readiness,
        responses={503: {"model": Readiness, "description": "A part does not work"}},
        summary="Whether webhooks can be taken and worked on",
    )
    async def ready() -> JSONResponse:
        found = await asyncio.gather(*(_asked(check) for check in checks.values()))
        answer = Readiness(
            status="unavailable" if any(found) else "ready",
            checks={name: said or "ok" for name, said in zip(checks, found, strict=True)},
        )
        return JSONResponse(answer.model_dump(), 503 if any(found) else 200)

    for router in routers:
        app.include_router(router)
    return app


async def _asked(check: Callable[[], str | None]) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await asyncio.to_thread(check)
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} seconds"


def _trouble(status: int, error: str, **headers: str) -> JSONResponse:
    return JSONResponse(
        Trouble(error=error).model_dump(),
        status,
        {name.replace("_", "-"): it for name, it in headers.items()},
    )


async def _rejected(request: Request, error: Exception) -> Response:
    assert isinstance(error, Rejected)
    unread = error.status in {408, 413}  # the rest of the body would be taken for the next request
    return _trouble(error.status, error.reason, **({"Connection": "close"} if unread else {}))


async def _unavailable(request: Request, error: Exception) -> Response:
    return _trouble(503, "the delivery could not be stored; deliver it again later", Retry_After="60")


async def _not_served(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    allow = (error.headers or {}).get("Allow") or (error.headers or {}).get("allow")
    more = {"Allow": allow} if allow else {}
    if _for_people(request):
        usual = HTTPStatus(error.status_code).phrase
        return _page(request, error.status_code, "" if error.detail == usual else error.detail, more)
    return _trouble(error.status_code, HTTPStatus(error.status_code).phrase.lower(), **more)


async def _not_understood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    in_path = any(each["loc"][:1] == ("path",) for each in error.errors())
    if _for_people(request):
        return _page(request, 404 if in_path else 400)
    return _trouble(404 if in_path else 400, "the request could not be read")


def _for_people(request: Request) -> bool:
    return request.app.state.pages is not None and not request.url.path.startswith(MACHINES)


def _page(
    request: Request, status: int, said: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    from bot.pages.errors import error_page

    page = error_page(request, status, said)
    page.headers.update(headers or {})
    return page


class _Failures:
    """Answers what nobody foresaw, inside of all other middleware, so that such answers carry its headers too."""

    def __init__(self, app: ASGIApp, report: Callable[[Exception], None]) -> None:
        self._app, self._report = app, report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception as error:
            request = Request(scope, receive)
            _log(request, error)
            self._report(error)
            if begun:
                raise
            await _failed(request, error)(scope, receive, send)


def _log(request: Request, error: Exception) -> None:
    """Says where it happened; not what the error says, which may hold values."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    log.error(
        "a request failed",
        path=request.url.path,
        error=type(error).__name__,
        at=[f"{'/'.join(Path(each.filename).parts[-3:])}:{each.lineno} {each.name}" for each in frames],
    )


def _failed(request: Request, error: Exception) -> Response:
    if not _for_people(request):
        return _trouble(500, "this is a mistake in patchwright; its log says more")
    if isinstance(error, SQLAlchemyError):
        return _page(request, 503, "The service's database does not answer. /ready says what is wrong.")
    return _page(request, 500)
