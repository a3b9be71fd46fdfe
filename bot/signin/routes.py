"""The pages of the sign-in itself: its own, the way to GitHub, the way back, and signing out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.signin.account import AskingAs
from bot.signin.attempts import TooManyAttempts
from bot.signin.begun import SECONDS, BegunElsewhere
from bot.signin.cookies import new_id
from bot.signin.csrf import form_of
from bot.signin.oauth import SECONDS as ANSWER_SECONDS
from bot.signin.oauth import OAuth, SignInFailed, came_back_with
from bot.signin.own_path import address, own_path
from bot.signin.paths import CALLBACK, PAGE, SIGN_OUT, START
from bot.signin.required import SignInNeeded, signed_in
from bot.signin.sign_in import SignIn, sign_in_of

if TYPE_CHECKING:
    from bot.signin.account import Account
    from bot.signin.begun import Begun
    from bot.signin.viewer import Viewer

log = structlog.get_logger(__name__)

router = APIRouter(include_in_schema=False)

_ELSEWHERE = (
    "This was not begun in this browser, or more than ten minutes ago; or the browser keeps no cookies for this "
    "address, which signing in needs."
)

_TOO_MANY = "Too many people sign in, or fail to, just now. Try again in a minute."


@router.get(PAGE)
def page(request: Request) -> Response:
    """What signing in is for, and the way to GitHub; for who is signed in, as whom."""
    from bot.pages.rendering import render

    back_to = own_path(request.query_params.get("next"))
    sign_in = sign_in_of(request)
    viewer: Viewer | None
    try:
        viewer = signed_in(request)
    except SignInNeeded:
        viewer = None
    return render(
        request,
        "signin/page.j2",
        start=sign_in.origin(request) + address(START, back_to),  # whatever name the page was asked for under
        back_to=back_to,
        me=viewer,
        minutes=sign_in.settings.visibility_minutes,
    )


@router.get(START)
def start(request: Request) -> Response:
    """Off to GitHub. Who gave consent before comes straight back.

    With ``again``, somebody who is signed in is to be looked up once more, unless another tab did that meanwhile.
    """
    sign_in = sign_in_of(request)
    oauth = _oauth(sign_in, request)
    back_to = own_path(request.query_params.get("next"))
    session = sign_in.session(request) if "again" in request.query_params else None
    if session is not None and not sign_in.is_stale(session, form=True):
        return RedirectResponse(back_to, 303)
    browser = sign_in.browser.read(request) or new_id()
    state, begun = sign_in.states.make(browser, back_to, again=session is not None)
    answer = RedirectResponse(
        oauth.authorize_url(state, begun.verifier, session.login if session is not None else None), 303
    )
    sign_in.browser.write(answer, browser, SECONDS)
    return answer


@router.get(CALLBACK)
def callback(request: Request) -> Response:
    """Back from GitHub: who it is, what they see, and on to the page that they wanted."""
    sign_in = sign_in_of(request)
    oauth = _oauth(sign_in, request)
    asked = request.query_params
    where = request.client.host if request.client else ""
    try:
        begun = sign_in.states.read(asked.get("state", ""), sign_in.browser.read(request))
    except BegunElsewhere:
        return _failed(request, 400, _ELSEWHERE)
    session = sign_in.session(request)
    if begun.again and session is not None and not sign_in.is_stale(session, form=True):
        return RedirectResponse(begun.back_to, 303)  # another tab was faster
    try:
        with sign_in.attempts.one(where, known=session is not None):
            if "code" not in asked:
                raise came_back_with(asked.get("error", ""))
            account, seen = _read(sign_in, oauth, asked["code"], begun)
    except TooManyAttempts as error:
        answer: Response = _failed(request, 429, _TOO_MANY, begun.back_to)
        answer.headers["Retry-After"] = str(error.seconds)
        return answer
    except SignInFailed as error:
        if error.status != 503:
            sign_in.attempts.failed(where)
        log.warning("signing in failed", why=error.why)
        return _failed(request, error.status, error.said, begun.back_to)
    answer = RedirectResponse(begun.back_to, 303)
    sign_in.begin(request, answer, account.id, account.login, seen, again=begun.again)
    log.info(
        "signed in",
        login=account.login,
        github_id=account.id,
        operator=sign_in.is_operator(account.login, account.id),
        repositories=len(seen),
        again=begun.again,
    )
    return answer


@router.post(SIGN_OUT)
async def sign_out(request: Request) -> Response:
    """Ends the session, whether or not GitHub was to be asked again."""
    from starlette.concurrency import run_in_threadpool

    sign_in = sign_in_of(request)
    session = await run_in_threadpool(sign_in.session, request)
    if session is not None:
        await form_of(request, sign_in.viewer(session))
    answer = RedirectResponse(f"{PAGE}?said=signed-out", 303)
    await run_in_threadpool(sign_in.end, request, answer)
    return answer


def _oauth(sign_in: SignIn, request: Request) -> OAuth:
    origin, settings = sign_in.origin(request), sign_in.settings
    assert settings.client_id is not None and settings.client_secret is not None
    secret = settings.client_secret.get_secret_value()
    return OAuth(settings.github_url, settings.api_url, settings.client_id, secret, origin)


def _read(sign_in: SignIn, oauth: OAuth, code: str, begun: Begun) -> tuple[Account, dict[int, bool]]:
    """Asks GitHub with the person's token, and gives the token back. What operators see is not asked for."""
    with httpx.Client(timeout=ANSWER_SECONDS) as http:
        token = oauth.token(http, code, begun.verifier)
        try:
            asking = AskingAs(http, sign_in.settings.api_url, token)
            account = asking.account()
            if sign_in.is_operator(account.login, account.id):
                return account, {}
            return account, asking.repositories()
        finally:
            oauth.give_back(http, token)


def _failed(request: Request, status: int, said: str, back_to: str = "/") -> Response:
    from bot.pages.rendering import render

    start = sign_in_of(request).origin(request) + address(START, back_to)
    return render(request, "signin/failed.j2", status, said=said, start=start)
