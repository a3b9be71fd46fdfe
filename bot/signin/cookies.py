"""The two cookies: the session's, and one that ties a sign-in to the browser that began it. Both are signed."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from itsdangerous import BadSignature, Signer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_ID_BYTES = 32


class Cookie:
    """One of them. ``https``: it is bound to this very host and to encrypted connections."""

    def __init__(self, name: str, key: bytes, *, https: bool) -> None:
        self.name = f"__Host-patchwright-{name}" if https else f"patchwright-{name}"
        self._signer = Signer(
            key, salt=f"patchwright.{name}", key_derivation="hmac", digest_method=hashlib.sha256
        )
        self._https = https

    def read(self, request: Request) -> str | None:
        """What it carries; None where there is none, or one that was not signed here."""
        value = request.cookies.get(self.name, "")
        try:
            return self._signer.unsign(value).decode()
        except (BadSignature, UnicodeError):
            return None

    def write(self, response: Response, value: str, seconds: int) -> None:
        """Set it: no script reads it, and no other site's form sends it."""
        response.set_cookie(
            self.name,
            self._signer.sign(value).decode(),
            max_age=seconds,
            secure=self._https,
            httponly=True,
            samesite="lax",
        )

    def delete(self, response: Response) -> None:
        """Take it back."""
        response.delete_cookie(self.name, secure=self._https, httponly=True, samesite="lax")


def new_id() -> str:
    """What nobody can guess."""
    return secrets.token_urlsafe(_ID_BYTES)


def hashed(value: str) -> str:
    """SHA-256, in hexadecimal digits."""
    return hashlib.sha256(value.encode()).hexdigest()


def derived(key: bytes, purpose: str, value: str) -> str:
    """What only this service can make of ``value``, another one for each purpose; 43 characters that URLs may hold."""
    import base64

    digest = hmac.digest(key, f"patchwright.{purpose}\0{value}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
