"""What the pages have in common: who looks at them, forms, and how they are written."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.responses import HTMLResponse, RedirectResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from tests.github.people import Account
    from tests.github.server import StandIn

COOKIE = "dotcom_user"


def github_of(request: Request) -> StandIn:
    """The stand-in that is asked."""
    github: StandIn = request.app.state.github
    return github


def person(request: Request) -> Account | None:
    """Who is signed in at GitHub in this browser; None for nobody."""
    github = github_of(request)
    login = request.cookies.get(COOKIE, github.sign_ins.person)
    return github.account(login) if login else None


def page(title: str, body: str, status: int = 200) -> HTMLResponse:
    """A page; ``body`` is HTML."""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><link rel="icon" href="data:,">'
    view = '<meta name="viewport" content="width=device-width">'
    text = f'<!doctype html><html lang="en"><head>{head}{view}</head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>'
    return HTMLResponse(text, status)


def form(action: str, fields: Mapping[str, str], body: str) -> str:
    """A form that posts hidden ``fields`` and what is in ``body`` (HTML)."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )
    return f'<form method="post" action="{escape(action)}">{hidden}{body}</form>'


def problem(title: str, text: str, status: int = 422) -> HTMLResponse:
    """A page that says what is wrong."""
    return page(title, "".join(f"<p>{escape(line)}</p>" for line in text.splitlines()), status)


def sign_in_first(request: Request) -> RedirectResponse:
    """To GitHub's own sign-in, for a browser in which nobody is signed in."""
    back = str(request.url.path) + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?{urlencode({'return_to': back})}", 302)


def with_query(url: str, **more: str) -> str:
    """An address with more in its query."""
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *more.items()]
    return urlunsplit(parts._replace(query=urlencode(query)))
