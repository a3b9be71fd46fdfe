"""The App's pull requests as pages show them, and what they settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.store.history import FindingRow, PullRow
from bot.store.tables import findings, pull_requests, runs

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

MOST_FINDINGS = 200


def read(connection: Connection, repository_id: int, number: int) -> PullRow | None:
    """The pull request as it was when it was last looked at, or None."""
    chosen = sa.select(
        pull_requests.c.repository_id,
        pull_requests.c.number,
        pull_requests.c.rule,
        pull_requests.c.part,
        pull_requests.c.base,
        pull_requests.c.state,
        pull_requests.c.title,
        pull_requests.c.url,
        pull_requests.c.findings,
        pull_requests.c.opened_at,
        pull_requests.c.closed_at,
    ).where(pull_requests.c.repository_id == repository_id, pull_requests.c.number == number)
    row = connection.execute(chosen).one_or_none()
    return None if row is None else PullRow(*row[:8], tuple(row.findings), *row[9:])


def note_offered_again(connection: Connection, repository_id: int, number: int) -> None:
    """Notes that a person took back that a pull request was declined, as its marker on GitHub says by then."""
    change = sa.update(pull_requests).where(
        pull_requests.c.repository_id == repository_id,
        pull_requests.c.number == number,
        pull_requests.c.state == "closed",
    )
    connection.execute(change.values(state="settled"))


def settled(connection: Connection, repository_id: int, fingerprints: Collection[str]) -> list[FindingRow]:
    """The findings with these fingerprints as the newest run that had each of them saw it, by place."""
    chosen = (
        sa.select(
            findings.c.fingerprint,
            findings.c.rule,
            findings.c.path,
            findings.c.line,
            findings.c.applicability,
            findings.c.message,
        )
        .join(runs, runs.c.id == findings.c.run_id)
        .where(
            runs.c.repository_id == repository_id,
            findings.c.fingerprint.in_(sorted(fingerprints)[:MOST_FINDINGS]),
        )
        .order_by(runs.c.finished_at.desc(), findings.c.id)
        .limit(20 * MOST_FINDINGS)
    )
    newest: dict[str, FindingRow] = {}
    for row in connection.execute(chosen):
        newest.setdefault(row.fingerprint, FindingRow(*row))
    return sorted(newest.values(), key=lambda each: (each.path, each.line))
