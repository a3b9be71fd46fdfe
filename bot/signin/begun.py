"""A sign-in that was begun: what GitHub brings back as ``state``. Nothing is stored for it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.signin.cookies import derived, hashed
from bot.signin.own_path import own_path

SECONDS = 600
"""How long signing in may take, from leaving to coming back."""

_NONCE_BYTES = 16


@dataclass(frozen=True)
class Begun:
    """Where to go afterwards, whether a session only asks ``again`` what its person sees, and PKCE's secret."""

    back_to: str
    again: bool
    verifier: str


class BegunElsewhere(Exception):  # noqa: N818 - what is the case
    """The state was not made here for this browser, or too long ago."""


class States:
    """Makes and reads them. ``browser`` is what the cookie of the browser that signs in carries."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._serializer = URLSafeTimedSerializer(
            key,
            salt="patchwright.state",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def make(self, browser: str, back_to: str, *, again: bool) -> tuple[str, Begun]:
        """A new state, good in this browser for ten minutes, and what it stands for."""
        nonce = secrets.token_urlsafe(_NONCE_BYTES)
        state = self._serializer.dumps([nonce, hashed(browser), back_to, again])
        return str(state), self._begun(nonce, browser, back_to, again=again)

    def read(self, state: str, browser: str | None) -> Begun:
        """What a state that came back stands for. Raises BegunElsewhere."""
        try:
            nonce, owner, back_to, again = self._serializer.loads(state, max_age=SECONDS)
        except (BadSignature, ValueError, TypeError):
            raise BegunElsewhere from None
        if browser is None or not hmac.compare_digest(str(owner), hashed(browser)):
            raise BegunElsewhere
        return self._begun(nonce, browser, own_path(back_to), again=bool(again))

    def _begun(self, nonce: Any, browser: str, back_to: str, *, again: bool) -> Begun:
        # an address that leaks does not give it away: it takes the cookie and the key, too (RFC 7636: 43 to 128 characters)
        return Begun(back_to, again, derived(self._key, "pkce", f"{nonce}\0{browser}"))
