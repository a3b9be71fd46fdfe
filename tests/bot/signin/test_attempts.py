"""The limit on attempts."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from bot.signin import attempts
from bot.signin.attempts import AT_ONCE, MOST_FAILURES, WINDOW_SECONDS, Attempts, TooManyAttempts


def test_after_the_window_it_may_be_tried_again():
    now = [0.0]
    tries = Attempts(lambda: now[0])
    for _ in range(MOST_FAILURES):
        tries.failed("a")
    with pytest.raises(TooManyAttempts) as refused, tries.one("a"):
        pass
    assert refused.value.seconds == WINDOW_SECONDS + 1
    with tries.one("b"), tries.one("a", known=True):
        pass
    now[0] += WINDOW_SECONDS
    with tries.one("a"):
        pass


def test_no_more_than_so_many_at_once(monkeypatch):
    monkeypatch.setattr(attempts, "WAIT_SECONDS", 0.01)
    tries = Attempts()
    with ExitStack() as busy:
        for _ in range(AT_ONCE):
            busy.enter_context(tries.one("a"))
        with pytest.raises(TooManyAttempts), tries.one("b"):
            pass
    with tries.one("b"):
        pass


def test_addresses_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(attempts, "_MOST_ADDRESSES", 10)
    tries = Attempts()
    for number in range(100):
        tries.failed(str(number))
    assert len(tries._failed) == 10
