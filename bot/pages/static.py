"""What pages need beside their text: the style sheet and the icon, under addresses that change with their contents."""

from __future__ import annotations

import hashlib
from functools import cache

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from bot.templates import FOLDER

router = APIRouter(include_in_schema=False)

_STYLES = FOLDER / "pages" / "styles"
_FIRST = "base.css"
_FILES = {"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
_FOR_GOOD = "public, max-age=31536000, immutable"


@cache
def contents(name: str) -> bytes:
    """One file: ``style.css`` is ``base.css`` and then the other sheets in ``templates/pages/styles``, by name."""
    if name == "icon.svg":
        return (FOLDER / "pages" / name).read_bytes()
    sheets = sorted(_STYLES.glob("*.css"), key=lambda each: (each.name != _FIRST, each.name))
    return b"\n".join(each.read_bytes() for each in sheets)


@cache
def address(name: str) -> str:
    """Where the file is served: another address as soon as it says something else."""
    return f"/static/{hashlib.sha256(contents(name)).hexdigest()[:16]}/{name}"


@router.get("/static/{version}/{name}")
def static(version: str, name: str) -> Response:
    """The file; kept by browsers for good under its own address, not at all under an older or newer one."""
    if name not in _FILES:
        from starlette.exceptions import HTTPException

        raise HTTPException(404)
    own = address(name) == f"/static/{version}/{name}"
    headers = {"Cache-Control": _FOR_GOOD if own else "no-cache", "X-Content-Type-Options": "nosniff"}
    return Response(contents(name), media_type=_FILES[name], headers=headers)


@router.get("/robots.txt")
def robots() -> PlainTextResponse:
    """Nothing here is for search engines."""
    return PlainTextResponse("User-agent: *\nDisallow: /\n")
