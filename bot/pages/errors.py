"""Pages for what did not go well: they say what to do, and nothing of the inside."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from bot.pages.rendering import render

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse
    from starlette.requests import Request


class _Said(NamedTuple):
    title: str
    text: str


_SAID = {
    400: _Said("That could not be read", "The address or the form is not one that these pages make."),
    403: _Said(
        "Not allowed", "You may not do this. If the form was open for long, load its page again and repeat."
    ),
    404: _Said(
        "Nothing here", "There is no such page, or it is about a repository that you don't see on GitHub."
    ),
    405: _Said("Not this way", "This address does not take that kind of request."),
    500: _Said(
        "This went wrong", "It is a mistake in Patchwright; its log says more. Trying again may help."
    ),
    503: _Said("Not available now", "A part of the service does not answer. Try again in a minute."),
}


def error_page(request: Request, status: int, said: str = "") -> HTMLResponse:
    """The page for an error status. ``said`` is shown instead of the usual sentence: plain text, and no secret."""
    usual = _SAID.get(status) or _Said(HTTPStatus(status).phrase, "The request could not be answered.")
    return render(
        request,
        "pages/error.j2",
        status,
        error=status,
        title=usual.title,
        text=said or usual.text,
        notice=None,
    )
