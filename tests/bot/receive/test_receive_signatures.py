"""Only what is signed with one of the secrets is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.receive.signature import sign
from tests.bot.receive.conftest import OLD_SECRET, SECRET
from tests.bot.receive.push import PUSH, error

if TYPE_CHECKING:
    from tests.bot.receive.conftest import Web


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (None, "X-Hub-Signature-256 is missing"),
        ("", "is missing"),
        (sign(PUSH, b"another secret"), "does not fit"),
        (sign(PUSH + b" ", SECRET), "does not fit"),
        (sign(PUSH, SECRET)[:-1], "does not fit"),
        (sign(PUSH, SECRET).upper(), "does not fit"),
        (sign(PUSH, SECRET).removeprefix("sha256="), "does not fit"),
        ("sha256=", "does not fit"),
        ("sha1=" + "0" * 40, "does not fit"),
        ("\xe4\xf6\xfc", "does not fit"),
    ],
)
def test_what_is_not_signed_with_the_secret(web: Web, header: str | None, said: str) -> None:
    signature = header.encode("latin-1") if header is not None else None
    response = web.deliver(PUSH, X_Hub_Signature_256=signature)  # type: ignore[arg-type]
    assert response.status_code == 401
    assert said in error(response)
    assert web.kept == []


def test_the_signature_comes_before_anything_else(web: Web) -> None:
    response = web.deliver(
        b"{no json", secret=b"wrong", X_GitHub_Event=None, X_GitHub_Delivery=None, Content_Type="text/plain"
    )
    assert response.status_code == 401


def test_the_old_secret_is_accepted_beside_the_new_one(web: Web) -> None:
    assert web.deliver(PUSH, guid="new").status_code == 202
    assert web.deliver(PUSH, guid="old", secret=OLD_SECRET).status_code == 202
    assert web.deliver(PUSH, guid="older", secret=b"the secret before that").status_code == 401
    assert web.kept == ["new", "old"]
