"""From the service's settings to a client for one repository."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Protocol

from bot.github.client import RepositoryClient
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
    def api_url(self) -> str:
        """The root of GitHub's REST API."""

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
    named = (settings.app_id, digest, settings.api_url, settings.write_pause_seconds)
    with _lock:
        if named not in _apps:
            _apps[named] = App(
                settings.app_id, key, settings.api_url, write_pause_seconds=settings.write_pause_seconds
            )
        return _apps[named]
