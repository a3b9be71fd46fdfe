"""Forms: taken from this service's own pages only, and from the person that they were made for."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, HTTPException, Request

from bot.signin.required import SignedIn  # noqa: TC001 - FastAPI reads the annotations
from bot.signin.sign_in import sign_in_of

if TYPE_CHECKING:
    from bot.signin.viewer import Viewer

FIELD = "csrf"
LARGEST = 64 * 1024
"""Bytes of a form."""

_MOST_FIELDS = 100
_SECONDS = 10.0
_FORM = "application/x-www-form-urlencoded"


async def checked_form(request: Request, viewer: SignedIn) -> Mapping[str, str]:
    """The fields of a form, without the token; the last one of each name. Every POST of a page depends on this.

    Raises SignInNeeded, and HTTPException: 403 unless the form comes from a page of this service (what the browser
    says in ``Sec-Fetch-Site`` and ``Origin``) and carries the viewer's token; 408, 413, 415 or 400 for what is no form.
    """
    return await form_of(request, viewer)


Form = Annotated[Mapping[str, str], Depends(checked_form)]
"""The parameter of a POST: its fields, after it was checked that it comes from a page of this service."""


async def form_of(request: Request, viewer: Viewer) -> Mapping[str, str]:
    """The fields of a form that was made for ``viewer``. Raises HTTPException as `checked_form` does."""
    own_origin(request)
    fields = await form_fields(request)
    token = fields.pop(FIELD, "")
    if not hmac.compare_digest(token.encode(), viewer.csrf.encode()):
        raise HTTPException(403, "The form was too old, or not made for you. Load its page again and repeat.")
    return fields


def own_origin(request: Request) -> None:
    """Raises HTTPException 403 if the browser says that another site's page sends this."""
    own = sign_in_of(request).origin(request)
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in {None, "same-origin"} or origin not in {None, own}:
        raise HTTPException(403, f"The form was sent by another site's page. These pages are at {own}.")


async def form_fields(request: Request) -> dict[str, str]:
    """The fields of a form, the last one of each name; nothing else is looked at.

    Raises HTTPException: 408, 413, 415 or 400 for what is no form.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise HTTPException(415, f"Forms are sent as {_FORM}.")
    body = bytearray()
    try:
        async with asyncio.timeout(_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > LARGEST:
                    raise HTTPException(413, "The form is too large.", {"Connection": "close"})
    except TimeoutError:
        raise HTTPException(408, "The form came too slowly.", {"Connection": "close"}) from None
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise HTTPException(400) from None
    return dict(pairs)
