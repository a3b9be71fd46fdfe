"""The setup page, from the token to GitHub and back."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.app import WEBHOOKS
from bot.pages.rendering import render
from bot.settings import origin
from bot.setup import keeping, manifest, permissions
from bot.setup.guard import TooManyTries
from bot.setup.manifest import CREATED, DONE, Choice, WrongChoice
from bot.setup.stage import Stage
from bot.signin.csrf import FIELD, form_fields

if TYPE_CHECKING:
    from bot.setup.stage import Problem

SETUP = "/setup"
_LONGEST = 2048
router = APIRouter(include_in_schema=False)


class TokenNeeded(Exception):  # noqa: N818 - what is asked for
    """The browser did not show the setup token yet."""


def _stage(request: Request) -> Stage:
    stage: Stage = request.app.state.stage
    return stage


TheStage = Annotated[Stage, Depends(_stage)]


def _session(request: Request) -> str:
    """The session of a browser that showed the token. Raises TokenNeeded."""
    guard = _stage(request).guard
    session = guard.session(request)
    if session is None:
        raise TokenNeeded
    request.state.csrf = guard.csrf(session)
    return session


Session = Annotated[str, Depends(_session)]


async def _form(request: Request, session: Session) -> Mapping[str, str]:
    """The fields of a form of this page, sent by the browser that it was made for."""
    _from_here(request)
    fields = await form_fields(request)
    if not hmac.compare_digest(fields.pop(FIELD, "").encode(), _stage(request).guard.csrf(session).encode()):
        raise HTTPException(403, "The form was too old, or not made for you. Load its page again and repeat.")
    return fields


Form = Annotated[Mapping[str, str], Depends(_form)]


def _from_here(request: Request) -> None:
    """Raises HTTPException 403 if the browser says that another site's page sends this form.

    A proxy may have changed ``Host``: what the browser says of itself counts first.
    """
    site = request.headers.get("sec-fetch-site")
    public = _stage(request).operator.public_url or ""
    own = {"", request.headers.get("host", ""), urlsplit(public).netloc}
    if site is None:
        from_here = _netloc(request.headers.get("origin", "")) in own
    else:
        from_here = site in {"same-origin", "none"}
    if not from_here:
        raise HTTPException(403, "The form was sent by another site's page.")


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc or origin
    except ValueError:
        return origin


async def token_needed(request: Request, error: Exception) -> Response:
    """The answer where the token was not shown: the page that asks for it, and then leads back."""
    return _token_page(request, back=_back(request.query_params) if request.url.path == CREATED else {})


@router.get("/")
async def root() -> Response:
    """There is nothing else yet."""
    return RedirectResponse(SETUP, 303)


@router.get(SETUP)
async def begin(
    request: Request, stage: TheStage, key: str = "", token: str = "", anew: bool = False
) -> Response:
    """The form. A token in the address is exchanged for a cookie at once, and taken out of the address.

    ``anew``: the form again, though a code waits to be tried again.
    """
    if key or token:
        return _shown(request, stage, key or token, {})
    _session(request)
    if stage.done:
        return RedirectResponse(DONE, 303)
    if stage.held or (stage.begun and not anew):
        return _trouble_page(request, stage.problem)
    return _form_page(request, stage, _suggested(request, stage), {})


@router.post(f"{SETUP}/token")
async def show_token(request: Request, stage: TheStage) -> Response:
    """The token, typed into the form."""
    _from_here(request)
    fields = await form_fields(request)
    return _shown(request, stage, fields.get("token", ""), _back(fields))


@router.post(SETUP)
async def confirm(request: Request, stage: TheStage, fields: Form) -> Response:
    """What GitHub will be asked for, and the form that leads there."""
    if stage.done or stage.held:
        return RedirectResponse(SETUP, 303)
    try:
        choice = manifest.read_choice(fields, stage.operator)
    except WrongChoice as wrong:
        return _form_page(request, stage, fields, wrong.mistakes, 422)
    if (trouble := await asyncio.to_thread(keeping.trouble, stage.operator)) is not None:
        return _form_page(request, stage, fields, {"": trouble}, 503)
    return _confirm_page(request, stage, choice)


@router.get(CREATED)
async def created(
    request: Request, stage: TheStage, session: Session, code: str = "", state: str = ""
) -> Response:
    """Where GitHub sends the browser back to."""
    del session
    if stage.done:
        return RedirectResponse(DONE, 303)
    choice = stage.states.take(state[:_LONGEST])
    if choice is None or not code:
        if stage.begun:
            return RedirectResponse(SETUP, 303)
        return render(request, "setup/state.j2", 400)
    return _after(request, stage, await asyncio.to_thread(stage.convert, choice, code[:_LONGEST]))


@router.post(f"{SETUP}/again")
async def again(request: Request, stage: TheStage, fields: Form) -> Response:
    """Another attempt at what failed."""
    del fields
    return _after(request, stage, await asyncio.to_thread(stage.again))


@router.get(DONE)
async def not_done(stage: TheStage) -> Response:
    """The service's own page takes over here as soon as it runs."""
    return RedirectResponse(DONE if stage.done else SETUP, 303)


def _after(request: Request, stage: Stage, problem: Problem | None) -> Response:
    if problem is not None:
        return _trouble_page(request, problem)
    request.app.state.finish()  # the next connection is for the service
    answer = RedirectResponse(DONE, 303)
    stage.guard.forget(request, answer)
    return answer


def _shown(request: Request, stage: Stage, token: str, back: dict[str, str]) -> Response:
    try:
        right = stage.guard.is_token(token[:_LONGEST])
    except TooManyTries:
        return _token_page(request, 429, "Too many wrong tokens. Wait a minute.", back, {"Retry-After": "60"})
    if not right:
        return _token_page(request, 403, "This is not the token.", back)
    answer = RedirectResponse(f"{CREATED}?{urlencode(back)}" if back else SETUP, 303)
    stage.guard.let_in(request, answer)
    return answer


def _back(fields: Mapping[str, str]) -> dict[str, str]:
    """The code and state that GitHub sent, where the browser came back to another name of this service."""
    found = {name: fields.get(name, "")[:_LONGEST] for name in ("code", "state")}
    return found if all(found.values()) else {}


def _suggested(request: Request, stage: Stage) -> dict[str, str]:
    address = stage.operator.public_url
    if address is None:
        try:
            # a proxy before the service has the certificate; this is a suggestion, for a person to look at
            scheme = "https" if request.headers.get("x-forwarded-proto") == "https" else request.url.scheme
            address = origin(f"{scheme}://{request.headers.get('host', '')}")
        except ValueError:
            address = ""
    return {
        "public_url": address,
        "webhook_url": "",
        "name": manifest.suggested_name(address),
        "owner": "person",
        "operators": ", ".join(stage.operator.operators),
    }


def _form_page(
    request: Request, stage: Stage, fields: Mapping[str, str], mistakes: Mapping[str, str], status: int = 200
) -> HTMLResponse:
    return render(
        request,
        "setup/form.j2",
        status,
        github_url=stage.operator.github_url,
        fixed_url=stage.operator.public_url,
        fixed_operators=stage.operator.operators,
        fields=fields,
        mistakes=mistakes,
        webhooks=WEBHOOKS,
        longest_name=manifest.LONGEST_NAME,
        permissions=permissions.PERMISSIONS,
        events=permissions.EVENTS,
        unasked=permissions.UNASKED,
    )


def _confirm_page(request: Request, stage: Stage, choice: Choice) -> HTMLResponse:
    made = manifest.manifest(choice)
    asked = made["default_permissions"]
    github = stage.operator.github_url
    return render(
        request,
        "setup/confirm.j2",
        choice=choice,
        github_url=github,
        action=manifest.form_address(github, choice, stage.states.remember(choice)),
        manifest=manifest.manifest_text(choice),
        made=made,
        permissions=[each for each in permissions.PERMISSIONS if each.key in asked],
        events=[each for each in permissions.EVENTS if each.name in made["default_events"]],
        unreachable=manifest.unreachable(choice.webhook_url, github),
    )


def _trouble_page(request: Request, problem: Problem | None) -> HTMLResponse:
    if problem is None:
        return render(request, "setup/trouble.j2", 409, problem=None)
    return render(request, "setup/trouble.j2", 500 if problem.made else 502, problem=problem)


def _token_page(
    request: Request,
    status: int = 200,
    said: str = "",
    back: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    given = _stage(request).guard.given
    page = render(request, "setup/token.j2", status, said=said, back=back or {}, given=given)
    page.headers.update(headers or {})
    return page
