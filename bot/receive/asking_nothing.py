"""Deliveries that ask for nothing, told apart before a job is made for them.

Most are of that kind: what the App itself pushes and opens comes back as deliveries, and so do tags and all branches.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog
from pydantic_core import from_json
from sqlalchemy.exc import SQLAlchemyError

from bot.events.decide import decide
from bot.events.work import Ignored
from bot.store.tables import JobState, jobs

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.events.delivery import Understanding
    from bot.store.deliveries import Delivery

log = structlog.get_logger(__name__)

LARGEST = 1_000_000
"""Bytes of payload. Larger ones would hold up the deliveries that are stored with them."""

_KEPT_BY_JOBS = frozenset({"installation", "installation_repositories", "repository"})
"""Events whose jobs note what they say of repositories, even where there is nothing else to do."""
_OPEN = (JobState.WAITING, JobState.RUNNING, JobState.LATER)


def why_nothing(connection: Connection, delivery: Delivery, understanding: Understanding) -> str | None:
    """Why a delivery needs no job; None if it may need one, or has one. Only reads.

    Whatever cannot be decided here is left to a job. Raises what the database raises.
    """
    if delivery.event in _KEPT_BY_JOBS or len(delivery.payload) > LARGEST:
        return None
    try:
        works = _ignored(connection, delivery, understanding)
        # what cannot be printed cannot be stored everywhere
        if not works or not works[0].reason.isprintable() or _has_job(connection, delivery):
            return None
        return works[0].reason
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 - a job will say what is wrong with it
        log.warning("a delivery was left to its job", delivery=delivery.guid, error=type(error).__name__)
        return None


def _ignored(connection: Connection, delivery: Delivery, understanding: Understanding) -> list[Ignored]:
    payload: dict[str, Any] = from_json(delivery.payload)
    known = understanding.known(connection, delivery)
    works = _all_ignored(decide(delivery.event, payload, known))
    if works and known.base_branches is not None and _is_busy(connection, delivery):
        # a job that comes before this delivery's may be about to read another configuration
        works = _all_ignored(decide(delivery.event, payload, replace(known, base_branches=None)))
    return works


def _all_ignored(works: list[Any]) -> list[Ignored]:
    ignored = [work for work in works if isinstance(work, Ignored)]
    return ignored if len(ignored) == len(works) else []


def _is_busy(connection: Connection, delivery: Delivery) -> bool:
    """Whether jobs of its repository have not come to an end."""
    chosen = sa.select(jobs.c.id).where(jobs.c.repository_id == delivery.repository, jobs.c.state.in_(_OPEN))
    return connection.execute(chosen.limit(1)).first() is not None


def _has_job(connection: Connection, delivery: Delivery) -> bool:
    """Whether it came before, and was given one then."""
    chosen = sa.select(jobs.c.id).where(jobs.c.delivery == delivery.guid)
    return connection.execute(chosen.limit(1)).first() is not None
