"""Failed deliveries, found at GitHub and asked for again: against the stand-in, on both databases."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.github.signing_in import App
from bot.store import deliveries, redeliveries
from bot.store.redeliveries import Asked
from bot.store.regular_tasks import take_turn
from bot.watching import metrics
from bot.watching.sweep import FIRST_PAUSE, KEPT, MOST_ASKED, MOST_TIMES, Failing, Sweep, due
from tests.github.fixtures import APP_ID, private_key
from tests.github.hooks import again
from tests.service import free_port

if TYPE_CHECKING:
    from bot.store.database import Database
    from tests.github.server import StandIn

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEN = timedelta(minutes=10)


def _asked(github: StandIn) -> list[str]:
    return [each.guid for each in github.deliveries if each.redelivery]


def _sweep(app: App, database: Database) -> Sweep:
    return Sweep(app, database, TEN, settled=timedelta(0))


def _failed_pushes(github: StandIn, count: int) -> list[str]:
    repo = github.create_repository("octo/app", {"a.py": b"a = 1\n"})
    github.install("octo")
    for number in range(count):
        repo.push("main", {"a.py": f"a = {number}\n".encode()})
    github.wait_until_delivered()
    return [each.guid for each in github.deliveries]


def test_what_failed_is_asked_for_once_until_its_time_comes_again(
    app: App, github: StandIn, database: Database
) -> None:
    failed = _failed_pushes(github, 2)
    assert len(failed) == 3, "the installation and two pushes"
    now = datetime.now(UTC) + timedelta(seconds=1)
    sweep = _sweep(app, database)
    before = metrics.REGISTRY.get_sample_value("patchwright_redeliveries_total", {"result": "asked"})
    assert sorted(sweep.look(now)) == sorted(failed)
    github.wait_until_delivered()
    assert sorted(_asked(github)) == sorted(failed)
    assert sweep.look(now + timedelta(minutes=1)) == [], "they were just asked for"
    other = _sweep(app, database)
    assert other.look(now + timedelta(minutes=1)) == [], "another process knows from the database"
    assert sorted(sweep.look(now + FIRST_PAUSE)) == sorted(failed), "they failed again"
    assert sweep.look(now + 2 * FIRST_PAUSE) == [], "each pause is longer than the one before"
    after = metrics.REGISTRY.get_sample_value("patchwright_redeliveries_total", {"result": "asked"})
    assert (before, after) == (before, (before or 0) + 6)


def test_what_is_known_here_or_came_at_last_is_not_asked_for(
    app: App, github: StandIn, database: Database
) -> None:
    made, taken, missing = _failed_pushes(github, 2)
    known = deliveries.Delivery(taken, "push", None, 1, 1, b"{}", NOW)
    with database.write() as connection:
        deliveries.receive(connection, known)
    for each in github.deliveries:
        if each.guid == made:
            each.status_code, each.status = 202, "OK"
    assert _sweep(app, database).look(datetime.now(UTC) + timedelta(seconds=1)) == [missing]


def test_a_delivery_that_a_person_had_repeated_with_success_is_not_asked_for(
    app: App, github: StandIn, database: Database
) -> None:
    failed = _failed_pushes(github, 1)
    for old in list(github.deliveries):
        again(github, old)
    github.wait_until_delivered()
    for each in github.deliveries:
        if each.redelivery:
            each.status_code, each.status = 200, "OK"
    assert failed
    assert _sweep(app, database).look(datetime.now(UTC) + timedelta(seconds=1)) == []


def test_what_is_too_old_for_github_and_what_asks_for_nothing_is_left_alone(
    app: App, github: StandIn, database: Database
) -> None:
    _failed_pushes(github, 1)
    pushed = github.deliveries[1]
    pushed.event = "star"
    asked = _sweep(app, database).look(datetime.now(UTC) + timedelta(seconds=1))
    pushed.event = "push"
    assert asked == [github.deliveries[0].guid]
    assert _sweep(app, database).look(datetime.now(UTC) + KEPT + timedelta(minutes=5)) == []


def test_one_round_asks_for_so_many_and_no_more(app: App, github: StandIn, database: Database) -> None:
    _failed_pushes(github, 1)
    first = github.deliveries[-1]
    for number in range(MOST_ASKED + 10):
        github.deliveries.append(replace(first, id=github.next_id(), guid=f"guid-{number}"))
    sweep = _sweep(app, database)
    now = datetime.now(UTC) + timedelta(seconds=1)
    assert len(sweep.look(now)) == MOST_ASKED
    assert len(sweep.look(now)) == 12, "the rest in the next"


def test_a_round_is_one_process_s_at_a_time(app: App, github: StandIn, database: Database) -> None:
    _failed_pushes(github, 1)
    sweeps = [_sweep(app, database) for _ in range(4)]
    threads = [threading.Thread(target=each.round) for each in sweeps]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    asked = [each for each in github.exchanges if each.method == "GET" and "hook/deliveries" in each.path]
    assert len(asked) == 1
    assert metrics.REGISTRY.get_sample_value("patchwright_last_sweep_timestamp_seconds") > 0


def test_a_turn_comes_round_when_its_time_has_passed(database: Database) -> None:
    with database.write() as connection:
        assert take_turn(connection, "x", TEN, now=NOW)
        assert not take_turn(connection, "x", TEN, now=NOW + timedelta(minutes=9))
        assert take_turn(connection, "y", TEN, now=NOW)
        assert take_turn(connection, "x", TEN, now=NOW + TEN)


def test_github_out_of_reach_is_a_failed_round_and_no_more(database: Database) -> None:
    away = App(APP_ID, private_key(), f"http://127.0.0.1:{free_port()}", write_pause_seconds=0)
    before = metrics.REGISTRY.get_sample_value("patchwright_sweeps_total", {"result": "failed"}) or 0
    assert _sweep(away, database).round() == TEN.total_seconds()
    assert metrics.REGISTRY.get_sample_value("patchwright_sweeps_total", {"result": "failed"}) == before + 1


def test_it_is_asked_ever_more_seldom_and_then_not_any_more() -> None:
    failing = Failing("g", 1, NOW - timedelta(hours=1), "push", "")

    def is_due(times: int, ago: timedelta) -> bool:
        return bool(due([failing], {"g": Asked(times, NOW - ago)}, NOW))

    assert due([failing], {}, NOW) == [failing]
    assert due([Failing("g", 1, NOW, "push", "")], {}, NOW) == [], "it may be under way"
    assert (is_due(1, timedelta(minutes=9)), is_due(1, TEN)) == (False, True)
    assert (is_due(2, timedelta(minutes=29)), is_due(2, timedelta(minutes=30))) == (False, True)
    assert not is_due(MOST_TIMES, timedelta(days=2))


def test_how_often_is_counted_in_the_database(database: Database) -> None:
    with database.write() as connection:
        redeliveries.note(connection, "g", NOW)
        redeliveries.note(connection, "g", NOW + TEN)
        assert redeliveries.asked(connection, ["g", "h"]) == {"g": Asked(2, NOW + TEN)}
