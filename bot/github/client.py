# ruff: noqa: D102, TC001, TC003 - the bodies follow
"""One repository on GitHub, as one job sees it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO

from bot.github.model import (
    CheckAnnotation,
    CheckInfo,
    CommentInfo,
    CommitInfo,
    Listing,
    PullInfo,
    RepositoryInfo,
)


class RepositoryClient:
    """Everything that a job does to one repository. Synchronous, not thread-safe: one per job.

    Raises nothing but ``bot.github.errors``: RateLimited, Passing, Refused, Gone, Moved.
    """

    full_name: str
    app_slug: str
    bot_login: str
    bot_email: str
    rate_limit_left: int | None

    def repository(self) -> RepositoryInfo:
        raise NotImplementedError

    def made_by_app(self, commit: CommitInfo) -> bool:
        """Whether the App made the commit through the API."""
        raise NotImplementedError

    def branch_tip(self, branch: str) -> str | None:
        raise NotImplementedError

    def branches_below(self, prefix: str) -> dict[str, str]:
        raise NotImplementedError

    def commit(self, sha: str) -> CommitInfo:
        raise NotImplementedError

    def recent_subjects(self, sha: str, count: int = 50) -> list[str]:
        raise NotImplementedError

    def file_commits(self, path: str, sha: str, count: int = 20) -> list[str]:
        raise NotImplementedError

    def file(self, path: str, ref: str) -> bytes | None:
        raise NotImplementedError

    def tree(self, sha: str) -> Listing:
        raise NotImplementedError

    def tree_flat(self, sha: str) -> Listing:
        raise NotImplementedError

    def blob(self, sha: str) -> bytes:
        raise NotImplementedError

    def tarball(self, sha: str, file: IO[bytes]) -> None:
        raise NotImplementedError

    def create_blob(self, data: bytes) -> str:
        raise NotImplementedError

    def create_tree(self, base_tree: str, entries: Iterable[tuple[str, str, Content]]) -> str:
        """(path, mode, content): content is Blob(sha), inline text, or None to delete the path."""
        raise NotImplementedError

    def create_commit(self, message: str, tree: str, parents: Sequence[str]) -> str:
        raise NotImplementedError

    def create_branch(self, branch: str, sha: str) -> None:
        raise NotImplementedError

    def move_branch(self, branch: str, before: str, after: str) -> None:
        raise NotImplementedError

    def delete_branch(self, branch: str, before: str) -> None:
        raise NotImplementedError

    def pulls_by_app(self) -> list[PullInfo]:
        """Every pull request that the App opened, newest first. ``branch`` and ``head_sha`` only of open ones."""
        raise NotImplementedError

    def pull(self, number: int) -> PullInfo:
        raise NotImplementedError

    def pulls_from(self, branch: str, state: str = "all") -> list[PullInfo]:
        raise NotImplementedError

    def create_pull(self, branch: str, base: str, title: str, body: str) -> PullInfo:
        raise NotImplementedError

    def edit_pull(
        self, number: int, *, title: str | None = None, body: str | None = None, state: str | None = None
    ) -> None:
        raise NotImplementedError

    def comments(self, number: int) -> list[CommentInfo]:
        raise NotImplementedError

    def create_comment(self, number: int, body: str) -> CommentInfo:
        raise NotImplementedError

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        raise NotImplementedError

    def request_reviewers(self, number: int, names: Sequence[str]) -> None:
        """``org/team`` names a team."""
        raise NotImplementedError

    def check_runs(self, sha: str, name: str) -> list[CheckInfo]:
        raise NotImplementedError

    def create_check(
        self,
        sha: str,
        name: str,
        *,
        external_id: str,
        conclusion: str,
        title: str,
        summary: str,
        annotations: Sequence[CheckAnnotation] = (),
    ) -> CheckInfo:
        """A completed check run; more than 50 annotations go in several requests."""
        raise NotImplementedError

    def update_check(
        self,
        check: int,
        *,
        conclusion: str,
        title: str,
        summary: str,
        annotations: Sequence[CheckAnnotation] = (),
    ) -> CheckInfo:
        """Annotations are added to those that it has: give only the missing ones."""
        raise NotImplementedError


class Blob(str):
    """The SHA of a blob that exists already, where inline text could stand."""


Content = Blob | str | None
