"""What is answered to who is not signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.responses import RedirectResponse

from bot.signin.own_path import address, asked_for
from bot.signin.paths import PAGE, START
from bot.signin.required import SignInNeeded
from bot.signin.sign_in import SignInUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from typing import Any

    from starlette.requests import Request
    from starlette.responses import Response


async def needed(request: Request, error: Exception) -> Response:
    """To the sign-in, and from there back to the page; a form is answered with a page that says so."""
    assert isinstance(error, SignInNeeded)
    again = error.again is not None
    to = address(START, asked_for(request), again="1") if again else address(PAGE, asked_for(request))
    if request.method not in {"GET", "HEAD"}:
        from bot.pages.rendering import render

        return render(request, "signin/needed.j2", 403, again=again, start=to, notice=None)
    return RedirectResponse(to, 303)


async def unavailable(request: Request, error: Exception) -> Response:
    """A page that says which setting is missing."""
    from bot.pages.rendering import render

    return render(request, "signin/unavailable.j2", 503, missing=str(error), notice=None)


HANDLERS: Mapping[type[Exception], Callable[[Request, Exception], Coroutine[Any, Any, Response]]] = {
    SignInNeeded: needed,
    SignInUnavailable: unavailable,
}
"""For ``create_app(handlers=...)``."""
