"""Whether a body was signed with the webhook secret."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from bot.receive.rejection import Rejected

HEADER = "X-Hub-Signature-256"
_PREFIX = "sha256="


def sign(body: bytes, secret: bytes) -> str:
    """The header's value for a body, as GitHub makes it: ``sha256=`` and the HMAC in hexadecimal digits."""
    return _PREFIX + hmac.new(secret, body, hashlib.sha256).hexdigest()


def verify(body: bytes, header: str | None, secrets: Sequence[bytes]) -> None:
    """Raise Rejected (401) unless the body was signed with one of the secrets.

    Every secret is compared, in constant time, whichever fits: how long it takes says nothing about them.
    """
    if not header:
        raise Rejected(
            401, f"{HEADER} is missing: set the webhook secret in the App's settings on GitHub as well"
        )
    given = header.encode("utf-8", "replace")
    fits = [hmac.compare_digest(given, sign(body, secret).encode()) for secret in secrets]
    if not any(fits):
        raise Rejected(
            401, f"{HEADER} does not fit the body: the secret here differs from the one in the App's settings"
        )
