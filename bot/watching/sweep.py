"""Deliveries that did not get here: GitHub knows which failed, does not repeat them by itself, and does when asked.

Source: "Automatically redelivering failed deliveries for a GitHub App webhook" in GitHub's documentation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.events.decide import asks_nothing
from bot.github import app_api
from bot.github.errors import GitHubError, Refused
from bot.store import redeliveries
from bot.store.regular_tasks import take_turn
from bot.watching import metrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.github.model import DeliveryInfo
    from bot.github.signing_in import App
    from bot.store.database import Database
    from bot.store.redeliveries import Asked

log = structlog.get_logger(__name__)

NAME = "sweep"
KEPT = timedelta(days=3)
"""For so long GitHub delivers again (GitHub Enterprise Server: seven days)."""

OVERLAP = timedelta(minutes=15)
"""GitHub lists an attempt when it is over, which may be later than others that began after it."""

MOST_READ = 20_000
"""Attempts that one round reads: 200 requests. The newest come first."""

MOST_ASKED = 50
"""Deliveries that one round asks for, so that a service that was down is not flooded when it is back."""

MOST_TIMES = 6
FIRST_PAUSE = timedelta(minutes=10)
"""Between asking for a delivery the first and the second time; each further pause is three times as long."""

SETTLED = timedelta(minutes=2)
"""An attempt as young as this may be of a delivery that is being repeated right now."""


@dataclass(frozen=True, slots=True)
class Failing:
    """A delivery of which no attempt has succeeded, by its newest one."""

    guid: str
    attempt: int
    at: datetime
    event: str
    action: str


class Sweep:
    """One process's part in it. ``every`` is the time between two rounds of all processes together."""

    def __init__(
        self, app: App, database: Database, every: timedelta, *, settled: timedelta = SETTLED
    ) -> None:
        self._app, self._database, self._every, self._settled = app, database, every, settled
        self._failing: dict[str, Failing] = {}
        self._succeeded: dict[str, datetime] = {}
        self._read_up_to: datetime | None = None

    def round(self) -> float:
        """A round if it is this process's turn; the seconds until the next look. Raises what the database raises."""
        with self._database.write() as connection:
            turn = take_turn(connection, NAME, self._every - min(self._every / 10, timedelta(seconds=30)))
        if turn:
            try:
                self.look()
            except GitHubError as error:
                metrics.SWEEPS.labels("failed").inc()
                log.warning("GitHub could not be asked for failed deliveries", reason=str(error))
            else:
                metrics.SWEEPS.labels("done").inc()
                metrics.SWEPT_AT.set_to_current_time()
        return self._every.total_seconds()

    def look(self, now: datetime | None = None) -> list[str]:
        """Asks GitHub to repeat what failed and is not known here; the deliveries that it was asked for.

        Raises ``bot.github.errors`` where it cannot be asked which those are.
        """
        now = now or datetime.now(UTC)
        self._read(now)
        guids = list(self._failing)
        with self._database.read() as connection:
            taken = redeliveries.taken(connection, guids)
            asked = redeliveries.asked(connection, guids)
        missing = [each for each in self._failing.values() if each.guid not in taken]
        metrics.UNDELIVERED.set(len(missing))
        done = [
            each.guid for each in due(missing, asked, now, self._settled)[:MOST_ASKED] if self._ask(each, now)
        ]
        log.info(
            "failed deliveries were looked for", failed=len(guids), missing=len(missing), asked=len(done)
        )
        return done

    def _read(self, now: datetime) -> None:
        oldest = now - KEPT
        until = max(oldest, self._read_up_to - OVERLAP) if self._read_up_to else oldest
        newest = until
        for count, each in enumerate(app_api.hook_deliveries(self._app)):
            if each.delivered_at < until:
                break
            if count >= MOST_READ:
                log.warning("GitHub has more deliveries than one round reads", read=count)
                break
            newest = max(newest, each.delivered_at)
            self._noted(each)
        self._read_up_to = newest
        self._failing = {guid: each for guid, each in self._failing.items() if each.at >= oldest}
        self._succeeded = {guid: at for guid, at in self._succeeded.items() if at >= now - KEPT}

    def _noted(self, attempt: DeliveryInfo) -> None:
        if attempt.ok:
            self._failing.pop(attempt.guid, None)
            if attempt.redelivery:  # the attempts that failed come after it in the list
                self._succeeded[attempt.guid] = attempt.delivered_at
            return
        if attempt.guid in self._succeeded or asks_nothing(attempt.event, attempt.action or None) is not None:
            return
        found = Failing(attempt.guid, attempt.id, attempt.delivered_at, attempt.event, attempt.action)
        before = self._failing.get(attempt.guid)
        self._failing[attempt.guid] = found if before is None or before.at <= found.at else before

    def _ask(self, each: Failing, now: datetime) -> bool:
        bound = {"delivery": each.guid, "github_event": each.event}
        try:
            app_api.redeliver(self._app, each.attempt)
        except Refused as error:
            metrics.SWEPT.labels("refused").inc()
            log.warning("GitHub does not repeat a delivery", reason=str(error), **bound)
        else:
            metrics.SWEPT.labels("asked").inc()
            log.info("GitHub was asked to repeat a delivery", failed_at=each.at.isoformat(), **bound)
        with self._database.write() as connection:
            redeliveries.note(connection, each.guid, now)
        return True


def due(
    failing: Iterable[Failing], asked: Mapping[str, Asked], now: datetime, settled: timedelta = SETTLED
) -> list[Failing]:
    """Those whose turn it is, the oldest first: not asked for yet, or long enough ago, and not too often."""
    found = []
    for each in failing:
        before = asked.get(each.guid)
        if each.at > now - settled:
            continue
        if before is not None and (
            before.times >= MOST_TIMES or now < before.at + FIRST_PAUSE * 3 ** (before.times - 1)
        ):
            continue
        found.append(each)
    return sorted(found, key=lambda each: each.at)
