"""Signing in that is taken back at GitHub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.events.payload import AuthorizationEvent
from bot.events.work import Ignored, Work
from bot.store import sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from bot.events.known import Known


def decide_authorization(payload: Mapping[str, Any], known: Known) -> list[Work]:
    """Nothing is left to be done once `sign_out` has read the delivery."""
    AuthorizationEvent.model_validate(payload)
    return [Ignored(reason="the person's authorization was taken back: they are signed out everywhere")]


def sign_out(connection: Connection, payload: Mapping[str, Any]) -> None:
    """End the sessions of whoever took back their authorization. Raises ValidationError."""
    sessions.end_all(connection, AuthorizationEvent.model_validate(payload).sender.id)
