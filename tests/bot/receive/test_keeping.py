"""Deliveries stored together."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.receive.keeping import Keeping
from bot.store.deliveries import Delivery
from tests.bot.receive.push import PUSH

if TYPE_CHECKING:
    from tests.bot.receive.conftest import Web


def delivery(guid: str) -> Delivery:
    return Delivery(guid, "push", None, 3, 7, PUSH, datetime.now(UTC))


def test_one_that_cannot_be_stored_does_not_take_others_with_it(web_on_both: Web) -> None:
    store = web_on_both.database
    keeping = Keeping(store, web_on_both.receiver.queue, web_on_both.receiver.understanding)
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        with store.write() as connection:
            if store.engine.dialect.name == "postgresql":
                connection.execute(sa.text("LOCK TABLE deliveries"))
            held.set()
            go.wait(30)

    holding = threading.Thread(target=hold)
    holding.start()
    held.wait(30)
    # the first waits for the table, the others gather behind it and come in one transaction
    handed = [keeping.keep(delivery(guid)) for guid in ("first", "a", "b")]
    bad = keeping.keep(Delivery("c", "push", None, 3, 7, "no bytes", datetime.now(UTC)))  # type: ignore[arg-type]
    handed.append(keeping.keep(delivery("d")))
    go.set()
    holding.join()
    assert [each.result(30).verdict for each in handed] == ["accepted"] * 4
    with pytest.raises(sa.exc.StatementError):
        bad.result(30)
    keeping.close()
    assert web_on_both.kept == ["a", "b", "d", "first"]


def test_what_was_handed_over_is_stored_before_the_end(web_on_both: Web) -> None:
    keeping = Keeping(web_on_both.database, web_on_both.receiver.queue, web_on_both.receiver.understanding)
    handed = [keeping.keep(delivery(f"d-{number:03}")) for number in range(120)]
    keeping.close()
    assert all(each.done() for each in handed)
    assert len(web_on_both.kept) == 120
