"""Signing in as the App, and as one of its installations: tokens, made when they are needed and kept while they hold."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import jwt as pyjwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from github import Auth
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import PyJWTError

from bot.github.errors import Refused
from bot.github.pace import Pace

_RENEWED_BEFORE = timedelta(minutes=5)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass
class _Token:
    """An installation token; ``lock`` keeps a second thread from asking for the same one."""

    value: str = field(default="", repr=False)
    expires_at: datetime = _NEVER
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def holds(self) -> bool:
        return bool(self.value) and datetime.now(UTC) < self.expires_at - _RENEWED_BEFORE


class _Signing:
    """Signs with a key that is read once: reading it, with the checks on its primes, takes a tenth of a second."""

    def __init__(self, private_key: str) -> None:
        self._pem = private_key
        self._algorithm = RSAAlgorithm(RSAAlgorithm.SHA256)

    @cached_property
    def _key(self) -> RSAPrivateKey:
        key = self._algorithm.prepare_key(self._pem)
        if not isinstance(key, RSAPrivateKey):
            raise TypeError("a public key cannot sign")
        return key

    def __call__(self, claims: dict[str, Any]) -> str:
        return pyjwt.encode(claims, self._key, algorithm="RS256")


class App:
    """The App on one GitHub: what its clients share within a process. Safe for several threads.

    ``api_url`` is the root of the REST API (``https://api.github.com``, ``https://HOST/api/v3`` on Enterprise
    Server). ``private_key`` is PEM; it is never part of a text. ``write_pause_seconds`` keeps writes of one
    installation apart.
    """

    def __init__(
        self,
        app_id: int | str,
        private_key: str,
        api_url: str = "https://api.github.com",
        *,
        write_pause_seconds: float = 1.0,
        timeout_seconds: float = 30,
    ) -> None:
        if urlsplit(api_url).scheme not in ("http", "https"):
            raise Refused(f"the address of GitHub's API must begin with https://, not {api_url!r}")
        self.app_id = app_id
        self.api_url = api_url.rstrip("/")
        self.timeout_seconds = timeout_seconds
        self.auth = Auth.AppAuth(app_id, sign_func=_Signing(private_key))
        self.creator_filter_works = False
        """Whether GitHub was once seen to find pull requests by the App's login (it does not everywhere)."""
        self.no_pulls_up_to: dict[int, int] = {}
        """By repository id: the newest pull request when none was found to be the App's."""
        self.slug = ""
        self.created_at = ""
        """When the App was registered, as GitHub writes times; empty while it was not asked."""
        self.bot_id = 0
        self._pause = write_pause_seconds
        self._lock = threading.Lock()
        self._paces: dict[int | None, Pace] = {}
        self._tokens: dict[tuple[int, int | None], _Token] = {}

    def __repr__(self) -> str:
        return f"App({self.app_id!r}, api_url={self.api_url!r})"

    def pace(self, installation: int | None) -> Pace:
        """The pace of one installation; None for calls as the App itself."""
        with self._lock:
            return self._paces.setdefault(installation, Pace(self._pause))

    def kept_token(self, installation: int, repository: int | None) -> _Token:
        """Where the token for one repository of an installation is kept (None: for all its repositories)."""
        with self._lock:
            return self._tokens.setdefault((installation, repository), _Token())


def jwt(app: App) -> str:
    """A token of the App itself, valid for five minutes. Raises Refused for a key that is none."""
    try:
        return app.auth.token
    except (PyJWTError, ValueError, TypeError) as error:
        raise Refused(
            f"the App's private key cannot be used ({type(error).__name__}): give it in PEM, as GitHub gave it"
        ) from None
