"""The newest run over each branch: what is found in a repository now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.store.tables import runs

if TYPE_CHECKING:
    from bot.store.scope import Scope


def newest_runs(scope: Scope, *conditions: sa.ColumnElement[bool]) -> sa.Subquery:
    """The keys of those runs (``id``) within the scope, and their repositories (``repository_id``)."""
    return (
        sa.select(sa.func.max(runs.c.id).label("id"), runs.c.repository_id)
        .where(scope.holds(runs.c.repository_id), *conditions)
        .group_by(runs.c.repository_id, runs.c.branch)
        .subquery()
    )
