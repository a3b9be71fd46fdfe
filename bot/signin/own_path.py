"""Where somebody is sent after signing in: a page of this service, whatever the address says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlencode, urlsplit

if TYPE_CHECKING:
    from starlette.requests import Request

LONGEST = 512
"""Characters of an address that is gone back to; longer ones are dropped."""

_OWN = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*")
_DECODINGS = 3


def own_path(asked: str | None) -> str:
    """``asked`` if it is path and query of a page here, without the fragment; otherwise ``/``.

    Nothing passes that a browser or a proxy could read as another host's address (``//host``, a backslash, either of
    them percent-encoded, a control character), and no page of the sign-in itself.
    """
    path = (asked or "").partition("#")[0]
    if len(path) > LONGEST or not _OWN.fullmatch(path):
        return "/"
    where = path.partition("?")[0]
    for _ in range(_DECODINGS):
        if "//" in where or "\\" in where or not where.isprintable() or _dotted(where):
            return "/"
        where = unquote(where)
    if "%" in where or where.startswith(("/sign-in", "/sign-out")):
        return "/"
    return path


def asked_for(request: Request) -> str:
    """The page that a request is for, as `own_path` lets it pass; for a form, the page that it was on."""
    if request.method in {"GET", "HEAD"}:
        raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
        query: bytes = request.scope["query_string"]
        return own_path((raw + (b"?" + query if query else b"")).decode("latin-1"))
    try:
        referer = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return "/"
    return own_path(referer.path + (f"?{referer.query}" if referer.query else ""))


def address(path: str, back_to: str, **also: str) -> str:
    """A page of the sign-in that leads to ``back_to`` afterwards; ``also`` are further parameters of it."""
    query = also if back_to == "/" else {**also, "next": back_to}
    return f"{path}?{urlencode(query)}" if query else path


def _dotted(path: str) -> bool:
    return any(part in {".", ".."} for part in path.split("/"))
