"""Writes of one installation keep apart, and nothing goes while GitHub said to wait."""

from __future__ import annotations

import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from bot.github.errors import RateLimited
from bot.github.pace import Pace


def test_writes_of_several_threads_go_one_after_another_with_a_pause():
    pace = Pace(0.05)
    spans: list[tuple[float, float]] = []

    def write(_: int) -> None:
        with pace.writing():
            began = time.monotonic()
            time.sleep(0.01)
            spans.append((began, time.monotonic()))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    spans.sort()
    gaps = [later[0] - earlier[1] for earlier, later in itertools.pairwise(spans)]
    assert min(gaps) >= 0.045


def test_a_failed_write_counts_too():
    pace = Pace(0.05)
    began = time.monotonic()
    with pytest.raises(ZeroDivisionError), pace.writing():
        _ = 1 / 0
    with pace.writing():
        assert time.monotonic() - began >= 0.045


def test_nothing_goes_before_the_time_that_github_named():
    pace = Pace(0)
    pace.check()
    until = datetime.now(UTC) + timedelta(seconds=60)
    pace.limited(until)
    pace.limited(until - timedelta(seconds=30))
    with pytest.raises(RateLimited) as caught:
        pace.check()
    assert caught.value.until == until


def test_afterwards_it_goes_on():
    pace = Pace(0)
    pace.limited(datetime.now(UTC) - timedelta(seconds=1))
    pace.check()
    assert pace.in_a_row == 1
    pace.answered()
    assert pace.in_a_row == 0
