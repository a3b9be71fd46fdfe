"""The pytest fixture ``github``: import it in a ``conftest.py``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.github.server import StandIn


@pytest.fixture
def github() -> Iterator[StandIn]:
    """A stand-in for GitHub with an App (``patchwright``, id 1, ``KEY``, ``SECRET``) and nothing installed."""
    with StandIn() as stand_in:
        stand_in.app(APP_ID, private_key(), WEBHOOK_SECRET, SLUG)
        yield stand_in


APP_ID = 1
SLUG = "patchwright"
WEBHOOK_SECRET = "the secret of the stand-in"


def private_key() -> str:
    """The App's private key (PEM), the same for the whole run."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    if not _KEY:
        key = rsa.generate_private_key(65537, 2048)
        _KEY.append(
            key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
        )
    return _KEY[0]


_KEY: list[str] = []
