"""Apps, where they are installed, and the tokens given out for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.github.people import Account
    from tests.github.repositories import Repo

PERMISSIONS = {
    "contents": "write",
    "pull_requests": "write",
    "checks": "write",
    "issues": "write",
    "metadata": "read",
    "merge_queues": "read",
}
EVENTS = [
    "check_run",
    "check_suite",
    "issue_comment",
    "issues",
    "merge_group",
    "pull_request",
    "pull_request_review_comment",
    "push",
    "repository",
]
TOKEN_SECONDS = 3600
LEVELS = {"read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True)
class App:
    """A registered App. ``public_key`` verifies its JWTs; ``bot`` is its user.

    Webhooks go to ``hook_url`` unless the stand-in has a ``webhook_url``. Only a ``public`` App can be installed from
    its page by others than its owner.
    """

    id: int
    slug: str
    client_id: str
    public_key: str
    webhook_secret: str
    owner: Account
    bot: Account
    created_at: str
    permissions: dict[str, str] = field(default_factory=lambda: dict(PERMISSIONS))
    events: list[str] = field(default_factory=lambda: list(EVENTS))
    client_secret: str = ""
    callback_urls: tuple[str, ...] = ()
    name: str = ""
    hook_url: str | None = None
    setup_url: str | None = None
    public: bool = True


@dataclass
class Installation:
    """An App on an account: on all its repositories, or on those with an id in ``selected``."""

    id: int
    app: App
    account: Account
    selected: set[int] | None
    permissions: dict[str, str]
    created_at: str
    suspended_at: str | None = None
    used: int = 0
    reset: int = 0

    @property
    def selection(self) -> str:
        """``all`` or ``selected``."""
        return "all" if self.selected is None else "selected"

    def sees(self, repo: Repo) -> bool:
        """Whether the App may act on a repository."""
        return repo.owner == self.account and (self.selected is None or repo.id in self.selected)


@dataclass(frozen=True)
class Token:
    """An installation token. ``repositories``: the ids it is narrowed to, None for all of the installation's."""

    value: str
    installation: Installation
    permissions: dict[str, str]
    repositories: frozenset[int] | None
    expires: float

    def sees(self, repo: Repo) -> bool:
        """Whether requests with it may speak of a repository."""
        return self.installation.sees(repo) and (self.repositories is None or repo.id in self.repositories)

    def allows(self, needs: str) -> bool:
        """Whether it has one of the permissions in GitHub's notation: ``issues=write; pull_requests=write``.

        What the installation has lost since counts for the tokens given out before, too.
        """
        for alternative in needs.split(";"):
            wanted = (each.strip().split("=") for each in alternative.split(","))
            if all(self._level(name) >= LEVELS[level] for name, level in wanted):
                return True
        return False

    def _level(self, name: str) -> int:
        both = (self.permissions, self.installation.permissions)
        return min(LEVELS.get(each.get(name, ""), 0) for each in both)
