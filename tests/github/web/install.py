"""An App's own pages: what it is, and installing it on an account."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from tests.github.web.page import form, github_of, page, person, problem, sign_in_first, with_query

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

    from tests.github.people import Account
    from tests.github.registry import App
    from tests.github.server import StandIn


def add_routes(app: FastAPI) -> None:
    """Add them to the application."""
    app.add_route("/apps/{slug}", _about, methods=["GET"])
    app.add_route("/apps/{slug}/installations/new", _choose, methods=["GET"])
    app.add_route("/apps/{slug}/installations", _install, methods=["POST"])
    app.add_route("/settings/installations/{installation:int}", _installed, methods=["GET"])
    app.add_route(
        "/organizations/{org}/settings/installations/{installation:int}", _installed, methods=["GET"]
    )


def _app(request: Request) -> App | None:
    slug = request.path_params["slug"]
    return next((each for each in github_of(request).apps.values() if each.slug == slug), None)


async def _about(request: Request) -> Response:
    app = _app(request)
    if app is None:
        return problem("Page not found", "There is no such App.", 404)
    return page(app.name or app.slug, f'<a href="/apps/{app.slug}/installations/new">Install</a>')


def _accounts(github: StandIn, app: App, who: Account) -> list[Account]:
    """On which accounts a person may install an App: their own and organisations, a private one on its owner's only."""
    mine = {who.login: who} | {each.login: each for each in github.organizations()}
    return [each for each in mine.values() if app.public or each == app.owner]


async def _choose(request: Request) -> Response:
    github, app, who = github_of(request), _app(request), person(request)
    if who is None:
        return sign_in_first(request)
    if app is None or not (accounts := _accounts(github, app, who)):
        return problem("Page not found", "There is no such App for you.", 404)
    choices = "".join(
        f'<p><label><input type="radio" name="account" value="{escape(each.login)}"{" checked" * (each == accounts[0])}> '
        f"{escape(each.login)}</label></p>"
        for each in accounts
    )
    name = escape(app.name or app.slug)
    which = (
        '<p><label><input type="radio" name="which" value="all" checked> All repositories</label></p>'
        '<p><label><input type="radio" name="which" value="selected"> Only select repositories</label> '
        '<label>Names <input name="repositories"></label></p>'
    )
    state = {"state": request.query_params["state"]} if "state" in request.query_params else {}
    body = form(f"/apps/{app.slug}/installations", state, f"{choices}{which}<button>Install</button>")
    return page(f"Install {name}", body)


async def _install(request: Request) -> Response:
    github, app, who, sent = github_of(request), _app(request), person(request), await request.form()
    login = str(sent.get("account", ""))
    account = github.known_account(login)
    if app is None or who is None or account not in _accounts(github, app, who):
        return problem("Page not found", "There is no such App for you.", 404)
    old = next(
        (each for each in github.installations.values() if each.app.id == app.id and each.account == account),
        None,
    )
    if old is not None:
        return RedirectResponse(f"/settings/installations/{old.id}", 302)
    names = str(sent.get("repositories", "")).replace(",", " ").split()
    chosen = [each for each in github.repositories.values() if each.owner == account and each.name in names]
    repos = chosen if sent.get("which") == "selected" else None
    number = await run_in_threadpool(
        lambda: github.install(login, repos, app=app, permissions=dict(app.permissions), by=who.login)
    )
    if app.setup_url is None:
        return RedirectResponse(f"/settings/installations/{number}", 302)
    state = {"state": str(sent["state"])} if sent.get("state") else {}
    url = with_query(app.setup_url, installation_id=str(number), setup_action="install", **state)
    return RedirectResponse(url, 302)


async def _installed(request: Request) -> Response:
    found = github_of(request).installations.get(request.path_params["installation"])
    if found is None:
        return problem("Page not found", "There is no such installation.", 404)
    seen = github_of(request).repositories_of(found)
    names = "".join(f"<li>{escape(each.full_name)}</li>" for each in seen)
    return page(f"{found.app.name or found.app.slug} is installed", f"<ul>{names}</ul>")
