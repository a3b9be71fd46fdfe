"""GitHub's own description of its API, and whether an exchange or a webhook keeps to it.

check(exchange) -> list[str]             what breaks the description; empty: nothing
check_webhook(event, payload) -> list[str]
examine(exchange) -> Verdict             the same with notes: what GitHub does although it is not described
seen(exchange) -> str | None             the id of the operation that the exchange belongs to
"""

from __future__ import annotations

from typing import Any

from tests.github.description import graphql_exchange, rest, webhooks
from tests.github.description.exchange import Exchange, Recorded, Verdict, as_sent

__all__ = ["Exchange", "Recorded", "Verdict", "check", "check_webhook", "examine", "seen"]


def examine(exchange: Exchange | Recorded) -> Verdict:
    """Errors, notes and the operation of an exchange."""
    sent = as_sent(exchange)
    return (graphql_exchange if graphql_exchange.is_graphql(sent) else rest).examine(sent)


def check(exchange: Exchange | Recorded) -> list[str]:
    """What of an exchange breaks GitHub's description, each with the exchange it is about."""
    return [f"{as_sent(exchange)}: {error}" for error in examine(exchange).errors]


def check_webhook(event: str, payload: Any) -> list[str]:
    """What of a delivery to the App breaks GitHub's description: `event` as in X-GitHub-Event, the parsed body."""
    action = f".{payload['action']}" if isinstance(payload, dict) and "action" in payload else ""
    return [f"webhook {event}{action}: {error}" for error in webhooks.examine(event, payload).errors]


def seen(exchange: Exchange | Recorded) -> str | None:
    """The id of the exchange's operation, for example `pulls/create`; None if it is not described."""
    return examine(exchange).operation
