"""GitHub's web flow, as the App's OAuth client: there with a challenge, back with a code, the code for a token."""

from __future__ import annotations

import re
from typing import Any

import httpx
import structlog
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.oauth2.client import OAuth2Client  # type: ignore[import-untyped]

from bot.signin.paths import CALLBACK

log = structlog.get_logger(__name__)

SECONDS = 10.0
"""How long GitHub may take for one answer."""

_TOKEN = re.compile(r"[!-~]+")
_USED = {"bad_verification_code", "unverified_user_email"}


class SignInFailed(Exception):  # noqa: N818 - named as its reader thinks of it
    """Signing in came to nothing. ``status`` and ``said`` are for the person, ``why`` for the log; no secret in either."""

    def __init__(self, status: int, said: str, why: str) -> None:
        super().__init__(why)
        self.status, self.said, self.why = status, said, why


class OAuth:
    """The App's client on one GitHub. ``origin`` is where the pages are; the callback's address follows from it."""

    def __init__(
        self, github_url: str, api_url: str, client_id: str, client_secret: str, origin: str
    ) -> None:
        self._github, self._api = github_url, api_url
        self._id, self._secret = client_id, client_secret
        self._callback = origin + CALLBACK

    def authorize_url(self, state: str, verifier: str, login: str | None) -> str:
        """GitHub's page that asks for consent, or comes straight back if it was given. ``login``: who is expected."""
        url, _ = self._client(None).create_authorization_url(
            f"{self._github}/login/oauth/authorize",
            state=state,
            code_verifier=verifier,
            **({"login": login} if login else {}),
        )
        return str(url)

    def token(self, http: httpx.Client, code: str, verifier: str) -> str:
        """The token for a code. Raises SignInFailed."""
        try:
            answer = self._client(http).fetch_token(
                f"{self._github}/login/oauth/access_token",
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                client_id=self._id,
                client_secret=self._secret,
                auth=httpx.Auth(),  # GitHub reads the client's secret from the form
            )
            token = answer["access_token"]
        except AuthlibBaseError as error:
            raise _refused(str(error.error)) from None
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise unanswered(type(error).__name__) from None
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise unanswered("what came for a code is no token")
        return token

    def give_back(self, http: httpx.Client, token: str) -> None:
        """Have a token revoked; that the App was allowed to sign the person in stays. What goes wrong is logged."""
        try:
            answer = http.request(
                "DELETE",
                f"{self._api}/applications/{self._id}/token",
                json={"access_token": token},
                auth=httpx.BasicAuth(self._id, self._secret),
            )
        except httpx.HTTPError as error:
            log.info("a person's token could not be given back; it ends by itself", why=type(error).__name__)
            return
        if answer.status_code not in {204, 404, 422}:
            log.info("a person's token was not taken back; it ends by itself", status=answer.status_code)

    def _client(self, http: httpx.Client | None) -> Any:
        return OAuth2Client(
            http, client_id=self._id, redirect_uri=self._callback, code_challenge_method="S256"
        )


def came_back_with(error: str) -> SignInFailed:
    """What is to be said where GitHub sends somebody back with an error in place of a code."""
    if error == "access_denied":
        return SignInFailed(
            403,
            "GitHub was told not to sign you in. Nothing is shown to who is not signed in.",
            "access_denied",
        )
    return _refused(error)


def unanswered(why: str) -> SignInFailed:
    """What is to be said where GitHub does not answer as it should."""
    return SignInFailed(503, "GitHub does not answer as it should. Try again in a minute.", why)


def _refused(error: str) -> SignInFailed:
    known = error if error.replace("_", "").isalpha() and len(error) <= 60 else "an unknown error"
    if error in _USED:
        return SignInFailed(400, "GitHub's answer was used already, or is too old. Sign in again.", known)
    return SignInFailed(
        502,
        f"GitHub refuses to sign anybody in here ({known}). The service's operator finds what to check in the log.",
        f"{known}: check PATCHWRIGHT_CLIENT_ID, PATCHWRIGHT_CLIENT_SECRET and PATCHWRIGHT_PUBLIC_URL; in the App's "
        f"settings on GitHub, the callback URL is PATCHWRIGHT_PUBLIC_URL{CALLBACK}",
    )
