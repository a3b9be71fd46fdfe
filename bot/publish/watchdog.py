"""Check runs that would wait for ever: what blocks a merge must come to an end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot import templates

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from bot.github.model import CheckInfo

PATIENCE = timedelta(hours=1)
"""How long a check run may take: far more than an analysis is given."""


def end_hanging_checks(
    client: RepositoryClient, head_sha: str, *, now: datetime | None = None, patience: timedelta = PATIENCE
) -> list[str]:
    """Ends the App's check runs on a commit that are not completed after ``patience``: neutral, with the reason.

    The App makes its check runs completed; these are an older version's, or were reset by others. One line for each.
    """
    now = now or datetime.now(UTC)
    hanging = [each for each in client.check_runs(head_sha) if _hangs(each, now, patience)]
    for each in hanging:
        since = f"{each.started_at:%Y-%m-%d %H:%M} UTC" if each.started_at is not None else ""
        summary = templates.render("check_ended.md.j2", status=each.status.replace("_", " "), since=since)
        client.update_check(each.id, conclusion="neutral", title="No result", summary=summary, actions=())
    return [f"check {each.name} on {head_sha[:10]}: ended, it was {each.status}" for each in hanging]


def _hangs(check: CheckInfo, now: datetime, patience: timedelta) -> bool:
    return check.status != "completed" and (check.started_at is None or now - check.started_at > patience)
