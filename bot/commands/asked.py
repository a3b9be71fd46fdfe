"""A command in its place: who asked for it, where, and what it may use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bot.plan.branches import PREFIX

if TYPE_CHECKING:
    from bot.commands.parse import Command
    from bot.events.work import RunCommand
    from bot.github.client import RepositoryClient
    from bot.github.model import CommentInfo, PullInfo
    from bot.services import Services


@dataclass(frozen=True)
class Asked:
    """``key`` names this command among all: it is in the marker of its answer and in the commits made for it."""

    client: RepositoryClient
    services: Services
    job: str
    work: RunCommand
    command: Command
    key: str

    @cached_property
    def pull(self) -> PullInfo | None:
        """The pull request whose conversation it stands in; None for an issue's."""
        return self.client.pull(self.work.number) if self.work.is_pull else None

    @cached_property
    def own_pull(self) -> PullInfo | None:
        """The pull request, where the App opened it."""
        pull = self.pull
        return pull if pull is not None and is_own(self.client, pull) else None

    @cached_property
    def comment(self) -> CommentInfo:
        """The comment as it is now. Raises Gone."""
        return self.client.comment_by_id(self.work.comment, review=self.work.review)

    @cached_property
    def paused(self) -> bool:
        """Whether nothing is to be written to the repository."""
        return self.services.history.wishes(self.work.repository.id).paused


def is_own(client: RepositoryClient, pull: PullInfo) -> bool:
    """Whether the App opened it, from a branch of its own."""
    return pull.author == client.bot_login and pull.branch.startswith(PREFIX)
