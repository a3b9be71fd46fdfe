"""Check runs that hang come to an end; those that are at work, or are others', are left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.publish.watchdog import end_hanging_checks
from tests.github.records import CheckRun

if TYPE_CHECKING:
    from tests.bot.publish.situation import Situation

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


def hanging(situation: Situation, status: str, since: timedelta, app: int | None = None) -> CheckRun:
    """A run as an older version, or one that crashed, left it."""
    github, repo = situation.github, situation.repo
    run = CheckRun(
        id=github.next_id(),
        suite=github.next_id(),
        app=app if app is not None else next(iter(github.apps)),
        name="Patchwright",
        head_sha=repo.tip,
        external_id="older",
        details_url=None,
        status=status,
        conclusion=None,
        started_at=f"{NOW - since:%Y-%m-%dT%H:%M:%SZ}",
        completed_at=None,
    )
    repo.checks.append(run)
    return run


def test_what_hangs_is_ended_as_neutral_with_the_reason(situation: Situation) -> None:
    old = [hanging(situation, status, timedelta(hours=3)) for status in ("queued", "in_progress")]
    young = hanging(situation, "in_progress", timedelta(minutes=5))
    with situation.client() as client:
        lines = end_hanging_checks(client, situation.repo.tip, now=NOW)
        again = end_hanging_checks(client, situation.repo.tip, now=NOW)
    assert [(each.status, each.conclusion, each.title) for each in old] == [
        ("completed", "neutral", "No result")
    ] * 2
    assert "in progress since 2030-01-01 09:00 UTC" in (old[1].summary or "")
    assert young.status == "in_progress"
    assert (len(lines), again) == (2, [])


def test_another_apps_run_is_not_touched(situation: Situation) -> None:
    if 77 not in situation.github.apps:
        from tests.github.fixtures import private_key

        situation.github.app(77, private_key(), "another secret", "other")
    run = hanging(situation, "queued", timedelta(days=2), app=77)
    with situation.client() as client:
        assert end_hanging_checks(client, situation.repo.tip, now=NOW) == []
    assert run.status == "queued"
