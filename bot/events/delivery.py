"""From a delivery in the store to its work, with what the store knows beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic_core import from_json

from bot.events import own_pulls
from bot.events.authorization import sign_out
from bot.events.decide import decide
from bot.events.known import Known
from bot.events.payload import Installation, InstallationEvent, Repository
from bot.events.repository import addressed
from bot.events.work import Ignored, Work
from bot.store import deliveries, repositories

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from bot.events import work
    from bot.store.deliveries import Delivery


@dataclass(frozen=True)
class Understanding:
    """What the queue calls with a delivery's id; ``bot`` gives the App's login, empty while it is not known."""

    bot: Callable[[], str]

    def __call__(self, connection: Connection, guid: str) -> list[Work]:
        """The delivery's work. Keeps the repository's current name and installation, by its number."""
        delivery = deliveries.read(connection, guid)
        if delivery is None:
            return [Ignored(reason="the delivery is not kept any more")]
        payload: dict[str, Any] = from_json(delivery.payload)
        _remember(connection, delivery, payload)
        own_pulls.note(connection, delivery, payload, self.bot())
        return decide(delivery.event, payload, self.known(connection, delivery))

    def known(self, connection: Connection, delivery: Delivery) -> Known:
        """What is known before the delivery's payload is read; only reads."""
        stored = None
        if delivery.repository is not None:
            stored = repositories.read(connection, delivery.repository)
        installed: tuple[work.Repository, ...] = ()
        if delivery.installation is not None and delivery.event == "installation":
            found = repositories.of_installation(connection, delivery.installation)
            installed = tuple(each.repository for each in found if each.repository is not None)
        return Known(
            bot=self.bot(),
            repository=stored.repository if stored else None,
            base_branches=stored.base_branches if stored else None,
            installed=installed,
        )


def _remember(connection: Connection, delivery: Delivery, payload: dict[str, Any]) -> None:
    """Keep what the delivery says of repositories and people, unless a later one was heard already.

    Only from deliveries that name an installation: others can't be acted on. What can't be read is passed over
    here; deciding says what is wrong with it.
    """
    if payload.get("action") in {"deleted", "removed"}:
        return
    try:
        if delivery.event == "github_app_authorization":
            sign_out(connection, payload)
        elif delivery.event in {"installation", "installation_repositories"}:
            event = InstallationEvent.model_validate(payload)
            for each in (*event.repositories, *event.repositories_added):
                current = addressed(each, event.installation.id)
                repositories.remember(connection, current, seen_at=delivery.received_at)
        elif delivery.repository is not None:
            installation = Installation.model_validate(payload.get("installation"))
            repository = Repository.model_validate(payload.get("repository"))
            repositories.remember(
                connection,
                addressed(repository, installation.id),
                repository.default_branch,
                seen_at=delivery.received_at,
            )
    except ValidationError:
        return
