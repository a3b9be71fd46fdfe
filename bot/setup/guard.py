"""Who may use the setup page: whoever has the token from the log; and the proof that they began what GitHub ends."""

from __future__ import annotations

import hmac
import secrets
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.signin.cookies import Cookie, derived, new_id

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from bot.settings import Operator

TRIES = 10
"""So many wrong tokens are looked at in `TRIES_SECONDS`."""
TRIES_SECONDS = 60.0
SESSION_SECONDS = 2 * 3600
STATE_SECONDS = 3600
"""As long as GitHub's code holds."""
_MOST_STATES = 200

Kept = TypeVar("Kept")


class TooManyTries(Exception):  # noqa: N818 - what there were
    """So many wrong tokens came lately that no more are looked at for a while."""


class Guard:
    """The setup token of one process, and the browsers that showed it."""

    def __init__(self, operator: Operator) -> None:
        given = operator.setup_token
        self.given = given is not None
        self.token = given.get_secret_value().strip() if given is not None else secrets.token_urlsafe(24)
        self._public_url = operator.public_url or ""
        self._key = secrets.token_bytes(32)
        self._wrong: deque[float] = deque(maxlen=TRIES)

    def is_token(self, shown: str) -> bool:
        """Whether this is the token. Raises TooManyTries."""
        now = time.monotonic()
        if len(self._wrong) == TRIES and now - self._wrong[0] < TRIES_SECONDS:
            raise TooManyTries
        right = hmac.compare_digest(shown.strip().encode(), self.token.encode())
        if not right:
            self._wrong.append(now)
        return right

    def let_in(self, request: Request, response: Response) -> None:
        """Have the browser remember that it showed the token."""
        value = f"{int(time.time()) + SESSION_SECONDS}.{new_id()}"
        self._cookie(request).write(response, value, SESSION_SECONDS)

    def forget(self, request: Request, response: Response) -> None:
        """Have the browser forget it."""
        self._cookie(request).delete(response)

    def session(self, request: Request) -> str | None:
        """What tells this browser's session from others; None unless it showed the token."""
        value = self._cookie(request).read(request)
        if value is None or int(value.partition(".")[0]) < time.time():
            return None
        return value

    def csrf(self, session: str) -> str:
        """What every form of this session carries."""
        return derived(self._key, "setup.csrf", session)

    def _cookie(self, request: Request) -> Cookie:
        """Encrypted connections only, where the request came to the https address that the settings name.

        The page may also be reached at another one: on the machine itself, before there is a proxy.
        """
        public = urlsplit(self._public_url)
        https = public.scheme == "https" and request.headers.get("host", "") == public.netloc
        return Cookie("setup", self._key, https=https)


@dataclass(frozen=True)
class _Until(Generic[Kept]):
    kept: Kept
    end: float


class States(Generic[Kept]):
    """What is remembered while the browser is at GitHub: each under a signed name that is good once, for an hour."""

    def __init__(self) -> None:
        self._signed = URLSafeTimedSerializer(secrets.token_bytes(32), salt="patchwright.setup.state")
        self._there: dict[str, _Until[Kept]] = {}

    def remember(self, kept: Kept) -> str:
        """The name to find it again by."""
        now = time.monotonic()
        self._there = {name: each for name, each in self._there.items() if each.end > now}
        while len(self._there) >= _MOST_STATES:
            del self._there[next(iter(self._there))]
        name = new_id()
        self._there[name] = _Until(kept, now + STATE_SECONDS)
        return str(self._signed.dumps(name))

    def take(self, state: str) -> Kept | None:
        """What was remembered under this name, which it is not any more; None where it was not, or too long ago."""
        try:
            name = self._signed.loads(state, max_age=STATE_SECONDS)
        except BadSignature:
            return None
        found = self._there.pop(name, None)
        return found.kept if found is not None and found.end > time.monotonic() else None
