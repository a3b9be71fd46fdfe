"""Signing in with GitHub: consent, the way back with a code, and the code's exchange for a token."""

from __future__ import annotations

import json
import secrets
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from starlette.responses import RedirectResponse, Response

from tests.github.web.page import form, github_of, page, person, problem, sign_in_first, with_query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request

    from tests.github.people import Account
    from tests.github.registry import App
    from tests.github.sign_ins import UserToken

AUTHORIZE = "/login/oauth/authorize"
DOCS = (
    "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors"
)
_ERRORS = {
    "access_denied": "The user has denied your application access.",
    "bad_verification_code": "The code passed is incorrect or expired.",
    "incorrect_client_credentials": "The client_id and/or client_secret passed are incorrect.",
    "redirect_uri_mismatch": "The redirect_uri MUST match the registered callback URL for this application.",
    "unsupported_grant_type": "The grant_type is not supported.",
}


def add_routes(app: FastAPI) -> None:
    """Add them to the application."""
    app.add_route("/login", _login, methods=["GET"])
    app.add_route(AUTHORIZE, _authorize, methods=["GET"])
    app.add_route(AUTHORIZE, _answer_consent, methods=["POST"])
    app.add_route("/login/oauth/access_token", _access_token, methods=["POST"])


async def _login(request: Request) -> Response:
    return problem("Sign in to GitHub", "Nobody is signed in to GitHub in this browser.", 200)


async def _authorize(request: Request) -> Response:
    github, query = github_of(request), request.query_params
    app = github.sign_ins.app(query.get("client_id", ""))
    if app is None:
        return problem("Page not found", "There is no App with this client id.", 404)
    state = query.get("state", "")
    redirect_uri = query.get("redirect_uri") or next(iter(app.callback_urls), "")
    if redirect_uri not in app.callback_urls:
        if not app.callback_urls:
            return problem("Be careful!", "The redirect_uri is not associated with this application.", 400)
        return _back_with_error(app.callback_urls[0], "redirect_uri_mismatch", state)
    challenge, method = query.get("code_challenge", ""), query.get("code_challenge_method", "")
    if challenge and method != "S256":
        return problem("Something is wrong", "The code_challenge_method must be S256.", 400)
    who = person(request)
    if who is None:
        return sign_in_first(request)
    if github.sign_ins.asks and (app.id, who.login) not in github.sign_ins.allowed:
        return _consent_page(app, who, dict(query))
    return _back(request, app, who, redirect_uri, challenge, state)


def _consent_page(app: App, who: Account, query: Mapping[str, str]) -> Response:
    name = app.name or app.slug
    body = (
        f"<p>{escape(name)} would like to verify your GitHub identity ({escape(who.login)}), and to know which "
        "resources you can access.</p>"
    )
    buttons = (
        '<button name="authorize" value="0">Cancel</button> '
        f'<button name="authorize" value="1">Authorize {escape(name)}</button>'
    )
    return page(f"Authorize {name}", body + form(f"{AUTHORIZE}?{urlencode(query)}", {}, buttons))


async def _answer_consent(request: Request) -> Response:
    query = request.query_params
    app = github_of(request).sign_ins.app(query.get("client_id", ""))
    who = person(request)
    redirect_uri = query.get("redirect_uri") or next(iter(app.callback_urls if app else ()), "")
    if app is None or who is None or redirect_uri not in app.callback_urls:
        return problem("Page not found", "There is nothing to authorize.", 404)
    if (await request.form()).get("authorize") != "1":
        return _back_with_error(redirect_uri, "access_denied", query.get("state", ""))
    return _back(request, app, who, redirect_uri, query.get("code_challenge", ""), query.get("state", ""))


def _back(
    request: Request, app: App, who: Account, redirect_uri: str, challenge: str, state: str
) -> Response:
    code = github_of(request).sign_ins.code(app, who, redirect_uri, challenge)
    return RedirectResponse(with_query(redirect_uri, code=code, **_given(state=state)), 302)


def _back_with_error(url: str, error: str, state: str) -> Response:
    more = {"error": error, "error_description": _ERRORS[error], "error_uri": DOCS}
    return RedirectResponse(with_query(url, **more, **_given(state=state)), 302)


def _given(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


async def _access_token(request: Request) -> Response:
    """Errors are answered with 200, too; the answer is a form unless JSON is asked for."""
    asked = await _parameters(request)
    answer = _token_or_error(request, asked)
    if "json" in request.headers.get("accept", ""):
        return Response(json.dumps(answer), 200, media_type="application/json; charset=utf-8")
    return Response(urlencode(answer), 200, media_type="application/x-www-form-urlencoded; charset=utf-8")


async def _parameters(request: Request) -> dict[str, str]:
    data = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        body: Any = json.loads(data or b"{}")
        sent = {name: str(value) for name, value in body.items()}
    else:
        sent = dict(parse_qsl(data.decode()))
    return {**request.query_params, **sent}


def _token_or_error(request: Request, asked: Mapping[str, str]) -> dict[str, Any]:
    sign_ins = github_of(request).sign_ins
    app = sign_ins.app(asked.get("client_id", ""))
    given = asked.get("client_secret", "").encode()
    if app is None or not secrets.compare_digest(given, app.client_secret.encode()):
        return _error("incorrect_client_credentials")
    if asked.get("grant_type", "authorization_code") != "authorization_code":
        return _error("unsupported_grant_type")
    redirect_uri = asked.get("redirect_uri", "")
    if redirect_uri and redirect_uri not in app.callback_urls:
        return _error("redirect_uri_mismatch")
    token = sign_ins.exchange(app, asked.get("code", ""), redirect_uri, asked.get("code_verifier", ""))
    return _error("bad_verification_code") if token is None else _answer(token)


def _error(name: str) -> dict[str, Any]:
    return {"error": name, "error_description": _ERRORS[name], "error_uri": DOCS}


def _answer(token: UserToken) -> dict[str, Any]:
    return {
        "access_token": token.value,
        "expires_in": 28800,
        "refresh_token": f"ghr_{secrets.token_hex(36)}",
        "refresh_token_expires_in": 15897600,
        "scope": "",
        "token_type": "bearer",
    }
