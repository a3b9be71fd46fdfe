"""Whose rows a query may give: the repositories that a person sees on GitHub, or all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Scope:
    """The repositories, by GitHub's numbers, that a query is about; None for all.

    Queries for pages take one as an argument without a default, so that none is made without a thought of it.
    """

    repositories: frozenset[int] | None

    def holds(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """The condition that ``column``, a repository's number, is within; rows without a number are not, but for all."""
        if self.repositories is None:
            return sa.true()
        # written into the statement: databases bound how many parameters one may have
        numbers = sa.bindparam(
            None, sorted(self.repositories), sa.BigInteger, unique=True, expanding=True, literal_execute=True
        )
        return column.in_(numbers)

    def __contains__(self, repository_id: int) -> bool:
        return self.repositories is None or repository_id in self.repositories


EVERYTHING = Scope(None)
"""What operators see."""
