"""What deliveries say of the App's own pull requests: noted at once, also where nothing else is to be done."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.events.known import PREFIX
from bot.plan.marker import read_marker
from bot.store import history
from bot.store.history import PullRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from bot.store.deliveries import Delivery

ACTIONS = frozenset({"opened", "closed", "reopened"})


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Account(_Read):
    login: str


class _Side(_Read):
    ref: str


class _Pull(_Read):
    number: int
    html_url: str
    title: str
    body: str | None = None
    state: str
    merged: bool | None = False
    user: _Account | None = None
    head: _Side
    base: _Side
    created_at: datetime
    closed_at: datetime | None = None


def note(connection: Connection, delivery: Delivery, payload: Mapping[str, Any], bot: str) -> None:
    """Keeps a pull request of the App's as the delivery shows it. ``bot`` is the App's login; without it, nothing.

    It is for people to look at, and never decides anything: what cannot be read is passed over.
    """
    wanted = delivery.event == "pull_request" and delivery.action in ACTIONS
    if not wanted or not bot or delivery.repository is None:
        return
    try:
        pull = _Pull.model_validate(payload.get("pull_request"))
    except ValidationError:
        return
    marker = read_marker(pull.body or "")
    if marker is None or pull.user is None or pull.user.login != bot or not pull.head.ref.startswith(PREFIX):
        return
    history.record_pull(
        connection,
        PullRow(
            repository_id=delivery.repository,
            number=pull.number,
            rule=marker.rule,
            part=marker.part,
            base=pull.base.ref,
            state=history.pull_state(
                is_open=pull.state == "open", merged=bool(pull.merged), settled=bool(marker.settled)
            ),
            title=pull.title,
            url=pull.html_url,
            findings=marker.findings,
            opened_at=pull.created_at,
            closed_at=pull.closed_at,
        ),
    )
