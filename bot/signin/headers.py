"""What browsers are told about every page: no script, no frame, no copy kept, nothing for search engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MACHINES = "/webhooks/"
"""How the addresses begin whose answers no browser reads; they go by untouched."""

_YEAR = 365 * 24 * 60 * 60


class SecurityHeaders:
    """ASGI middleware, to be the outermost. Headers that an answer has already are left.

    ``https``: people reach the pages at an https address. ``forms_to``: origins beside the own that forms may be sent
    to (GitHub's, for the form that makes the App).
    """

    def __init__(self, app: ASGIApp, *, https: bool, forms_to: Iterable[str] = ()) -> None:
        self._app = app
        self._headers = security_headers(https=https, forms_to=forms_to)
        self._names = frozenset(name for name, _ in self._headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, with the headers put to it."""
        if scope["type"] != "http" or scope["path"].startswith(MACHINES):
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                there = {name.lower() for name, _ in given} & self._names
                message = {
                    **message,
                    "headers": given + [each for each in self._headers if each[0] not in there],
                }
            await send(message)

        await self._app(scope, receive, sent)


def security_headers(*, https: bool, forms_to: Iterable[str] = ()) -> list[tuple[bytes, bytes]]:
    """The headers, their names in lower case.

    The referrer policy is not ``no-referrer``: with that, browsers send forms with the origin ``null``, which is
    refused.
    """
    policy = [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        " ".join(("form-action 'self'", *forms_to)),
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    headers = {
        "content-security-policy": "; ".join(policy),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-robots-tag": "noindex, nofollow",
        "referrer-policy": "same-origin",
        "cache-control": "no-store",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
        **({"strict-transport-security": f"max-age={_YEAR}"} if https else {}),
    }
    return [(name.encode(), value.encode()) for name, value in headers.items()]
