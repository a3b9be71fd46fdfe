"""The list of repositories."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 - FastAPI reads the annotations

from bot.pages.context import Context, scope_of
from bot.pages.rendering import render
from bot.signin.required import SignedIn  # noqa: TC001 - FastAPI reads the annotations
from bot.store import repository_list

router = APIRouter(include_in_schema=False)

LONGEST = 200
"""Characters of the text that the list is filtered by; the rest is not looked at."""


@router.get("/repositories")
def repositories(
    request: Request,
    viewer: SignedIn,
    context: Context,
    q: str = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> HTMLResponse:
    """Those that the viewer sees, with ``q`` in their names."""
    text = q.replace("\0", "").strip()[:LONGEST]
    with context.database.read() as connection:
        listed = repository_list.page(connection, scope_of(viewer), text, page)

    def address(number: int) -> str:
        given = {"q": text, "page": number} if text else {"page": number}
        return f"/repositories?{urlencode(given)}"

    return render(
        request,
        "pages/repositories.j2",
        active="repositories",
        text=text,
        listed=listed,
        before=address(listed.number - 1) if listed.number > 1 else "",
        after=address(listed.number + 1) if listed.number < listed.pages else "",
    )
