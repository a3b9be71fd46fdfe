"""Who looks at a page, and what they may see and change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Viewer:
    """Somebody who is signed in.

    ``repositories`` are those that they and the App both reach on GitHub, by GitHub's number for them, and whether
    the person may push there; an operator's are not asked for. ``csrf`` is what each form of theirs carries in its
    field ``csrf``.
    """

    login: str
    operator: bool
    repositories: Mapping[int, bool] = field(default_factory=dict, repr=False)
    github_id: int = 0
    csrf: str = field(default="", repr=False)

    def sees(self, repository_id: int) -> bool:
        """Whether the pages of a repository are shown to them."""
        return self.operator or repository_id in self.repositories

    def may_change(self, repository_id: int) -> bool:
        """Whether they may pause the App in a repository and undo what was declined there."""
        return self.operator or self.repositories.get(repository_id, False)

    @property
    def seen(self) -> frozenset[int] | None:
        """The numbers of the repositories that they see; None for all. For queries."""
        return None if self.operator else frozenset(self.repositories)
