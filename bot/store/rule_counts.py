"""How often each rule found something, and what people made of its pull requests."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.store.newest_runs import newest_runs
from bot.store.tables import findings, pull_requests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from bot.store.scope import Scope


@dataclass(frozen=True, slots=True)
class RuleCounts:
    """Of one rule: findings in the newest run over each branch, by applicability, and pull requests by state."""

    safe: int = 0
    unsafe: int = 0
    display_only: int = 0
    open: int = 0
    merged: int = 0
    closed: int = 0

    @property
    def findings(self) -> int:
        """All of them."""
        return self.safe + self.unsafe + self.display_only

    @property
    def accepted(self) -> int | None:
        """Of the pull requests that people decided about, how many in a hundred were merged; None for none."""
        decided = self.merged + self.closed
        return round(100 * self.merged / decided) if decided else None


def rule_counts(connection: Connection, scope: Scope) -> Mapping[str, RuleCounts]:
    """The counts by the rule's name, within the repositories of ``scope``; a rule that never found anything is missing."""
    counted: dict[str, dict[str, int]] = defaultdict(dict)
    newest = newest_runs(scope)
    found = (
        sa.select(findings.c.rule, findings.c.applicability, sa.func.count())
        .join(newest, newest.c.id == findings.c.run_id)
        .group_by(findings.c.rule, findings.c.applicability)
    )
    pulls = (
        sa.select(pull_requests.c.rule, pull_requests.c.state, sa.func.count())
        .where(scope.holds(pull_requests.c.repository_id))
        .group_by(pull_requests.c.rule, pull_requests.c.state)
    )
    for chosen in (found, pulls):
        for rule, kind, count in connection.execute(chosen):
            name = str(kind).replace("-", "_")
            if name in RuleCounts.__dataclass_fields__:
                counted[rule][name] = count
    return {rule: RuleCounts(**counts) for rule, counts in counted.items() if rule}
