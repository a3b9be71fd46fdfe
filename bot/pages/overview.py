"""The overview: what was done lately, what people made of it, and what waits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 - FastAPI reads the annotations

from bot.pages.charts import Events, Plot, plot, share
from bot.pages.context import Context, scope_of
from bot.pages.rendering import render
from bot.plan import onboarding
from bot.signin.required import SignedIn  # noqa: TC001 - FastAPI reads the annotations
from bot.store import overview as figures
from bot.store.stuck import Why

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.store.overview import Pull

router = APIRouter(include_in_schema=False)

_MOST_RULES = 15
_MOST_LISTED = 8


@dataclass(frozen=True, slots=True)
class Period:
    """A choice of time: so many days until now, plotted ``step`` at a time."""

    name: str
    title: str
    days: int
    step: int


PERIODS = (
    Period("week", "7 days", 7, 1),
    Period("month", "30 days", 30, 1),
    Period("quarter", "13 weeks", 91, 7),
)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What people made of one rule's pull requests: so many merged of those that were decided; in percent, too."""

    rule: str
    merged: int
    decided: int
    percent: float


@dataclass(frozen=True, slots=True)
class Done:
    """Pull requests in the time asked for."""

    opened: int
    merged: int
    declined: int
    plot: Plot
    acceptance: tuple[Acceptance, ...]


@router.get("/")
def overview(request: Request, viewer: SignedIn, context: Context, period: str = "week") -> HTMLResponse:
    """The figures of the repositories that the viewer sees; ``period`` is one of `PERIODS`, week for any other."""
    chosen = next((each for each in PERIODS if each.name == period), PERIODS[0])
    today = datetime.now(UTC).date()
    since = datetime.combine(today - timedelta(days=chosen.days - 1), time(), UTC)
    scope = scope_of(viewer)
    with context.database.read() as connection:
        pulls = figures.pulls_since(connection, scope, since)
        found = figures.findings_by_rule(connection, scope)
        work = figures.work_since(connection, scope, since)
        queue = figures.queue(connection, scope)
        stuck = figures.stuck_jobs(connection, scope, datetime.now(UTC), _MOST_LISTED)
        failed = figures.dead_deliveries(connection, scope) if viewer.operator else 0
        known = figures.known(connection, scope, _MOST_LISTED)

    def may_retry(repository_id: int | None) -> bool:
        return viewer.operator if repository_id is None else viewer.may_change(repository_id)

    return render(
        request,
        "pages/overview.j2",
        active="overview",
        periods=PERIODS,
        period=chosen,
        since=since,
        done=done(pulls, since, chosen),
        pulls=pulls[:_MOST_LISTED],
        findings=found[:_MOST_RULES],
        more_rules=max(0, len(found) - _MOST_RULES),
        all_findings=sum(each.findings for each in found),
        most=max((each.findings for each in found), default=0),
        share=share,
        work=work,
        queue=queue,
        dead=stuck[Why.DEAD],
        slow=[(why, job) for why, jobs in stuck.items() if why is not Why.DEAD for job in jobs],
        may_retry=may_retry,
        failed=failed,
        known=known,
    )


def done(pulls: Sequence[Pull], since: datetime, period: Period) -> Done:
    """What became of pull requests from ``since`` on."""
    opened = [each.opened_at for each in pulls if each.opened_at and each.opened_at >= since]
    ended = [(each, each.closed_at) for each in pulls if each.closed_at and each.closed_at >= since]
    merged = [at for each, at in ended if each.state == "merged"]
    declined = [at for each, at in ended if each.state == "closed"]
    decided = Counter(
        each.rule
        for each, _ in ended
        if each.state in {"merged", "closed"} and each.rule not in {"", onboarding.RULE}
    )
    accepted = Counter(each.rule for each, _ in ended if each.state == "merged")
    return Done(
        opened=len(opened),
        merged=len(merged),
        declined=len(declined),
        plot=plot(Events(opened, merged, declined), since.date(), period.days, period.step),
        acceptance=tuple(
            Acceptance(rule, accepted[rule], count, share(accepted[rule], count))
            for rule, count in sorted(decided.items(), key=lambda each: (-each[1], each[0]))
        ),
    )
