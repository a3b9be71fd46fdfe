"""Who asks the API: an App by its JWT, or an installation by its token, within the hour's budget of requests."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from tests.github.rest.calls import Problem

if TYPE_CHECKING:
    from tests.github.registry import App, Token
    from tests.github.server import StandIn

LONGEST_JWT = 600


class Access:
    """What is asked of everyone who calls an endpoint, before it runs."""

    def __init__(self, github: StandIn) -> None:
        self._github = github

    def verify_token(self, value: str) -> Token:
        """The token, if it is one that is still good. Raises Problem."""
        token = self._github.tokens.get(value)
        if token is None or token.expires <= self._github.clock.time():
            raise Problem(401, "Bad credentials")
        if token.installation.id not in self._github.installations:
            raise Problem(401, "Bad credentials")
        if token.installation.suspended_at:
            raise Problem(403, "This installation has been suspended")
        return token

    def verify_jwt(self, value: str) -> App:
        """The App that signed it. The machine's own time counts here, not the clock. Raises Problem."""
        try:
            issuer = str(jwt.decode(value, options={"verify_signature": False}).get("iss"))
            found = [each for each in self._github.apps.values() if issuer in {str(each.id), each.client_id}]
            if not found:
                raise Problem(404, "Integration not found")
            claims = jwt.decode(
                value,
                found[0].public_key,
                algorithms=["RS256"],
                options={"require": ["exp", "iat"]},
                leeway=5,
            )
        except jwt.ExpiredSignatureError:
            message = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
            raise Problem(401, message) from None
        except jwt.PyJWTError:
            raise Problem(401, "A JSON web token could not be decoded") from None
        if claims["exp"] - claims["iat"] > LONGEST_JWT + 60:
            raise Problem(401, "'Expiration time' claim ('exp') is too far in the future")
        return found[0]

    def count_request(self, token: Token | None, resource: str) -> dict[str, str]:
        """Count a request against its hour's budget; gives the ``X-RateLimit`` headers. Raises Problem."""
        now = int(self._github.clock.time())
        used, reset = 0, now + 3600
        if token is not None:
            with self._github.lock:
                found = token.installation
                if found.reset <= now:
                    found.reset, found.used = reset, 0
                found.used += 1
                used, reset = found.used, found.reset
        left = max(self._github.hourly_limit - used, 0)
        headers = {
            "X-RateLimit-Limit": str(self._github.hourly_limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Used": str(min(used, self._github.hourly_limit)),
            "X-RateLimit-Reset": str(reset),
            "X-RateLimit-Resource": resource,
        }
        if used > self._github.hourly_limit and token is not None:
            message = f"API rate limit exceeded for installation ID {token.installation.id}."
            raise Problem(403, message, headers=headers)
        return headers


@cache
def public_half(private_key_pem: str) -> str:
    """The public key (PEM) of a private one."""
    key = load_pem_private_key(private_key_pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
