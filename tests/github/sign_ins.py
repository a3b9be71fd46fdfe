"""People who sign in to something with an App: who sits before the browser, what they allowed, and their tokens."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tests.github.rest.calls import USER_TOKEN, Problem

if TYPE_CHECKING:
    from tests.github.people import Account
    from tests.github.registry import App
    from tests.github.repositories import Repo
    from tests.github.server import StandIn

CODE_SECONDS = 600
USER_TOKEN_SECONDS = 8 * 3600


@dataclass(frozen=True)
class Code:
    """What a person's browser brings back: good once, for ten minutes. ``challenge`` is PKCE's, empty without it."""

    app: App
    account: Account
    redirect_uri: str
    challenge: str
    expires: float


@dataclass(frozen=True)
class UserToken:
    """A token that speaks for a person, within what the App may do."""

    value: str
    app: App
    account: Account
    expires: float


class SignIns:
    """``person`` sits before every browser that has no cookie ``dotcom_user``; "" for nobody.

    With ``asks`` GitHub shows its page for consent to those who have not given it yet; without they just come back.
    """

    def __init__(self, github: StandIn) -> None:
        self._github = github
        self.person = "person"
        self.asks = False
        self.allowed: set[tuple[int, str]] = set()
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, UserToken] = {}

    def code(self, app: App, account: Account, redirect_uri: str, challenge: str) -> str:
        """A new code for a person who gave consent."""
        value = secrets.token_hex(10)
        expires = self._github.clock.time() + CODE_SECONDS
        self.allowed.add((app.id, account.login))
        self.codes[value] = Code(app, account, redirect_uri, challenge, expires)
        return value

    def exchange(self, app: App, value: str, redirect_uri: str, verifier: str) -> UserToken | None:
        """A token for a code, which is used up then; None if the code or what comes with it is wrong."""
        code = self.codes.pop(value, None)
        if code is None or code.app.id != app.id or code.expires <= self._github.clock.time():
            return None
        if redirect_uri and redirect_uri != code.redirect_uri:
            return None
        if code.challenge and not secrets.compare_digest(challenge_of(verifier), code.challenge):
            return None
        return self.token(app, code.account.login)

    def token(self, app: App, login: str) -> UserToken:
        """A new token of a person, as after signing in."""
        value = USER_TOKEN + secrets.token_hex(18)
        expires = self._github.clock.time() + USER_TOKEN_SECONDS
        found = self.tokens[value] = UserToken(value, app, self._github.account(login), expires)
        return found

    def verify(self, value: str) -> UserToken:
        """The token, if it is still good. Raises Problem."""
        found = self.tokens.get(value)
        if found is None or found.expires <= self._github.clock.time():
            raise Problem(401, "Bad credentials")
        return found

    def client(self, scheme: str, value: str) -> App:
        """The App whose client id and secret a Basic header holds. Raises Problem."""
        try:
            given = base64.b64decode(value, validate=True).decode() if scheme.lower() == "basic" else ""
        except ValueError:
            given = ""
        client_id, _, secret = given.partition(":")
        app = self.app(unquote(client_id))
        if app is None or not secrets.compare_digest(secret.encode(), app.client_secret.encode()):
            raise Problem(401, "Bad credentials")
        return app

    def app(self, client_id: str) -> App | None:
        """The App with this client id."""
        return next((each for each in self._github.apps.values() if each.client_id == client_id), None)


def challenge_of(verifier: str) -> str:
    """PKCE's S256 of a verifier (RFC 7636)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def explicit_role(repo: Repo, account: Account) -> str:
    """What a person was given in a repository; ``none`` for a public one that they can merely read."""
    if account == repo.owner:
        return "admin"
    given = {name.lower(): level for name, level in repo.collaborators.items()}
    return given.get(account.login.lower(), "none")
