"""From the service's settings to a client for one repository."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit, urlunsplit

from bot.github.client import RepositoryClient
from bot.github.errors import Refused
from bot.github.signing_in import App

if TYPE_CHECKING:
    from pydantic import SecretStr

    from bot.events import work


class Credentials(Protocol):
    """What signing in needs of the service's settings."""

    @property
    def app_id(self) -> int | str:
        """The App's id, or its client id."""

    @property
    def private_key(self) -> SecretStr:
        """The App's private key in PEM."""

    @property
    def github_url(self) -> str:
        """The address of GitHub or of its API (``api_url``)."""

    @property
    def write_pause_seconds(self) -> float:
        """How far writes of one installation are kept apart."""


_apps: dict[tuple[object, ...], App] = {}
_lock = threading.Lock()


def connect(settings: Credentials, repository: work.Repository) -> RepositoryClient:
    """A client for one repository: for one job in one thread. No request is made yet. Raises Refused."""
    return RepositoryClient(app_of(settings), repository)


def app_of(settings: Credentials) -> App:
    """The App with these credentials; the same one for all of a process, so that its clients share tokens and pace."""
    key = settings.private_key.get_secret_value()
    digest = hashlib.sha256(key.encode()).digest()
    address, pause = api_url(settings.github_url), settings.write_pause_seconds
    named = (settings.app_id, digest, address, pause)
    with _lock:
        if named not in _apps:
            _apps[named] = App(settings.app_id, key, address, write_pause_seconds=pause)
        return _apps[named]


def api_url(address: str) -> str:
    """The root of the REST API for the address of a GitHub, or of its API, as an operator gives it.

    ``https://github.com`` is ``https://api.github.com``; ``https://OCTO.ghe.com`` is ``https://api.OCTO.ghe.com``;
    any other host without a path is an Enterprise Server: ``https://HOST/api/v3``. Raises Refused.
    """
    parts = urlsplit(address.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused(f"the address of GitHub must look like https://github.com, not {address!r}")
    path = parts.path.rstrip("/")
    host = parts.netloc
    if parts.hostname in ("github.com", "www.github.com"):
        host, path = "api.github.com", ""
    elif parts.hostname.endswith(".ghe.com") and not parts.hostname.startswith("api."):
        host = f"api.{host}"
    elif not path and not parts.hostname.startswith("api."):
        path = "/api/v3"
    return urlunsplit((parts.scheme, host, path, "", ""))
