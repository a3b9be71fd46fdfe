"""What the pages of one process share, and what one viewer may see of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from bot.store.scope import EVERYTHING, Scope

if TYPE_CHECKING:
    from bot.events.work import Repository
    from bot.github.client import RepositoryClient
    from bot.queue.port import Queue
    from bot.settings import Settings
    from bot.signin.viewer import Viewer
    from bot.store.database import Database


@dataclass(frozen=True)
class Pages:
    """The parts behind the pages, kept in ``app.state.pages``.

    ``connect`` gives a client that asks GitHub as the App's installation, to be closed after use. ``sign_in`` is what
    the sign-in keeps for itself.
    """

    settings: Settings
    database: Database
    queue: Queue
    connect: Callable[[Repository], RepositoryClient]
    sign_in: object | None = None


def pages_of(request: Request) -> Pages:
    """The parts behind the pages that this request is for."""
    found: Pages = request.app.state.pages
    return found


Context = Annotated[Pages, Depends(pages_of)]
"""As a parameter of a page: the parts behind it."""


def scope_of(viewer: Viewer) -> Scope:
    """What the viewer may see: operators everything, others the repositories that they see on GitHub."""
    return EVERYTHING if viewer.operator else Scope(frozenset(viewer.repositories))
