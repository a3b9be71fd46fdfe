"""The pytest fixture ``github``: import it in a ``conftest.py``."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.github import description
from tests.github.description import coverage
from tests.github.server import StandIn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.github.exchanges import Exchange

APP_ID = 1
SLUG = "patchwright"
WEBHOOK_SECRET = "the secret of the stand-in"
_BOT_ADDRESS = "[bot]@users.noreply.github.com' is no email"
"""GitHub's own address of a bot user breaks its description, in which addresses are such as RFC 5321 takes."""


@cache
def private_key() -> str:
    """The App's private key (PEM), the same for the whole run."""
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


@pytest.fixture
def github() -> Iterator[StandIn]:
    """A stand-in with one App (``APP_ID``, ``SLUG``, ``private_key()``, ``WEBHOOK_SECRET``), installed nowhere.

    At the end every exchange and every webhook is held against GitHub's description; the test fails if one breaks it.
    """
    with StandIn() as stand_in:
        stand_in.app(APP_ID, private_key(), WEBHOOK_SECRET, SLUG)
        yield stand_in
    for each in list(stand_in.exchanges):
        note(each)
    broken = breaks(stand_in)
    if broken:
        pytest.fail("GitHub's description is broken:\n" + "\n".join(broken), pytrace=False)


def note(exchange: Exchange) -> None:
    """Tell the record of operations seen, once for each kind of address: to look one up takes a millisecond."""
    kind = (
        exchange.method,
        re.sub(r"[0-9a-f]{40}|\d+", "*", exchange.target),
        exchange.request_body[:80] if "graphql" in exchange.target else b"",
    )
    if exchange.status < 400 and not exchange.fault and kind not in _noted:
        _noted.add(kind)
        coverage.saw(exchange)


_noted: set[tuple[str, str, bytes]] = set()


def breaks(github: StandIn) -> list[str]:
    """Each way in which the exchanges and webhooks so far break GitHub's description, once."""
    found: dict[str, None] = {}
    for exchange in list(github.exchanges):
        found.update(dict.fromkeys(description.check(exchange)))
    for delivery in list(github.deliveries):
        found.update(dict.fromkeys(description.check_webhook(delivery.event, delivery.payload)))
    return [each for each in found if not each.endswith(_BOT_ADDRESS)]
