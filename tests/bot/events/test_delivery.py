"""From a stored delivery to its work, with what the store knows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.events.delivery import Understanding
from bot.events.work import Ignored, UpdateBranch, Work
from bot.store import deliveries, repositories, sessions
from tests.bot.events.payloads import BOT, LISTED, SHOP, TILL, installation, of_repository, push, repository
from tests.bot.store.conftest import database  # noqa: F401

if TYPE_CHECKING:
    from bot.store.database import Database

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
understood = Understanding(lambda: BOT)


def works(store: Database, event: str, payload: dict[str, Any], at: datetime = NOON) -> list[Work]:
    """What is understood of a delivery that was received at that time."""
    guid = f"{event}-{at:%H%M%S}"
    numbers = [payload.get(name, {}).get("id") for name in ("installation", "repository")]
    delivery = deliveries.Delivery(
        guid, event, payload.get("action"), *numbers, json.dumps(payload).encode(), at
    )
    with store.write() as connection:
        deliveries.receive(connection, delivery)
        return understood(connection, guid)


def test_a_repository_is_remembered_by_its_first_push(database: Database) -> None:  # noqa: F811
    (work,) = works(database, "push", push())
    assert isinstance(work, UpdateBranch)
    with database.read() as connection:
        stored = repositories.read(connection, 7)
    assert stored is not None
    assert (stored.repository, stored.default_branch, stored.base_branches) == (SHOP, "main", None)


def test_who_takes_back_their_authorization_is_signed_out_everywhere(database: Database) -> None:  # noqa: F811
    def signed_in(name: str, person: int) -> sessions.Session:
        return sessions.Session(name * 64, person, "ada", {}, NOON, NOON, NOON + timedelta(days=1))

    with database.write() as connection:
        for each in (signed_in("a", 5), signed_in("b", 5), signed_in("c", 6)):
            sessions.keep(connection, each)
    revoked = {"action": "revoked", "sender": {"id": 5, "login": "ada", "type": "User"}}
    (work,) = works(database, "github_app_authorization", revoked)
    assert isinstance(work, Ignored)
    with database.read() as connection:
        left = [name for name in "abc" if sessions.read(connection, name * 64, NOON) is not None]
    assert left == ["c"]


def test_the_branches_of_the_configuration_count(database: Database) -> None:  # noqa: F811
    works(database, "push", push())
    with database.write() as connection:
        repositories.configure(connection, 7, "main", ["release"])
    later = NOON + timedelta(minutes=1)
    (work,) = works(database, "push", push("refs/heads/release"), later)
    assert isinstance(work, UpdateBranch)
    (work,) = works(database, "push", push("refs/heads/other"), later + timedelta(minutes=1))
    assert isinstance(work, Ignored)


def test_a_push_from_before_the_renaming_goes_to_the_new_name(database: Database) -> None:  # noqa: F811
    later = NOON + timedelta(minutes=1)
    works(database, "repository", of_repository("renamed", repository(full_name="octo/store")), later)
    (work,) = works(database, "push", push(), NOON)
    assert isinstance(work, UpdateBranch)
    assert work.repository.full_name == "octo/store"


def test_what_an_installation_was_given_is_known_when_it_is_unsuspended(database: Database) -> None:  # noqa: F811
    works(database, "installation", installation("created", repositories=LISTED))
    works(database, "installation", installation("suspend"), NOON + timedelta(minutes=1))
    found = works(database, "installation", installation("unsuspend"), NOON + timedelta(minutes=2))
    assert [work.repository for work in found if isinstance(work, UpdateBranch)] == [SHOP, TILL]


def test_a_delivery_that_is_not_kept_any_more(database: Database) -> None:  # noqa: F811
    with database.write() as connection:
        (work,) = understood(connection, "long-gone")
    assert isinstance(work, Ignored)
