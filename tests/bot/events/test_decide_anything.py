"""Every recorded payload is understood, and a damaged one is left alone."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.events.decide import HANDLED, asks_nothing, decide
from bot.events.known import Known
from bot.events.work import WORK, Ignored
from tests.bot.events.payloads import KNOWN
from tests.payloads import Example, examples


@pytest.mark.parametrize("known", [Known(), KNOWN], ids=["unknown", "known"])
def test_every_recorded_payload_is_understood(known: Known) -> None:
    for example in examples():
        works = decide(example.event, example.payload, known)
        assert works
        for work in works:
            assert WORK.validate_json(WORK.dump_json(work)) == work
            if isinstance(work, Ignored):
                assert "can't be understood" not in work.reason, str(example)


def test_what_is_not_kept_would_have_asked_for_nothing() -> None:
    dropped = [each for each in examples() if asks_nothing(each.event, each.payload.get("action"))]
    assert {each.event for each in dropped} >= {"star", "check_run", "check_suite", "issue_comment"}
    for each in dropped:
        assert all(isinstance(work, Ignored) for work in decide(each.event, each.payload, Known())), each
    assert asks_nothing("push", None) is None


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([each for each in examples() if each.event in HANDLED]), st.data())
def test_damaged_payloads_are_left_alone(example: Example, data: st.DataObject) -> None:
    damaged = copy.deepcopy(example.payload)
    place = damaged
    key = data.draw(st.sampled_from(sorted(place)))
    while isinstance(place[key], dict) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place)))
    odd = st.none() | st.integers() | st.text(max_size=5) | st.just([]) | st.just({}) | st.floats()
    place[key] = data.draw(odd)
    assert decide(example.event, damaged, KNOWN)
