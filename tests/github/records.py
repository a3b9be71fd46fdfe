"""What the stand-in keeps in memory of a repository, beside git: pulls, issues, comments, labels, check runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.github.bare import Content
    from tests.github.people import Account
    from tests.github.repositories import Repo
    from tests.github.review_records import Review, ReviewComment, ReviewThread


@dataclass(frozen=True)
class Reaction:
    """What somebody thinks of a comment or issue: ``content`` is ``+1``, ``eyes``, ``rocket``..."""

    id: int
    user: Account
    content: str
    created_at: str


@dataclass
class Comment:
    """One comment below an issue or a pull request. ``minimized``: why it is hidden, None if it is not."""

    id: int
    user: Account
    body: str
    created_at: str
    updated_at: str
    app: int | None = None
    reactions: list[Reaction] = field(default_factory=list)
    minimized: str | None = None


@dataclass
class Label:
    """One label of a repository."""

    id: int
    name: str
    color: str = "ededed"
    description: str = ""


@dataclass
class Issue:
    """An issue, or what a pull request has of one."""

    repo: Repo = field(repr=False)
    id: int
    number: int
    title: str
    body: str | None
    user: Account
    created_at: str
    updated_at: str
    state: str = "open"
    state_reason: str | None = None
    closed_at: str | None = None
    closed_by: Account | None = None
    labels: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    assignees: list[Account] = field(default_factory=list)
    app: int | None = None
    locked: bool = False
    reactions: list[Reaction] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether it is open."""
        return self.state == "open"

    def comment(self, body: str, by: str = "person") -> Comment:
        """A person comments."""
        return self.repo.comment_on(self, body, self.repo.github.account(by))

    def edit_comment(self, comment: Comment, body: str, by: str = "person") -> None:
        """A person changes a comment: ``issue_comment.edited``."""
        self.repo.edit_comment(self, comment, body, self.repo.github.account(by))

    def delete_comment(self, comment: Comment, by: str = "person") -> None:
        """A person deletes a comment: ``issue_comment.deleted``."""
        self.repo.remove_comment(self, comment, self.repo.github.account(by))


@dataclass
class Pull(Issue):
    """One pull request; ``head`` is a branch of ``fork``, or of the same repository if that is None."""

    head: str = ""
    base: str = ""
    head_sha: str = ""
    base_sha: str = ""
    draft: bool = False
    merged_at: str | None = None
    merged_by: Account | None = None
    merge_commit_sha: str | None = None
    reviewers: list[Account] = field(default_factory=list)
    maintainer_can_modify: bool = False
    fork: Repo | None = None
    reviews: list[Review] = field(default_factory=list)
    threads: list[ReviewThread] = field(default_factory=list)

    @property
    def head_repository(self) -> Repo:
        """Where its branch lies."""
        return self.fork or self.repo

    @property
    def merged(self) -> bool:
        """Whether it was merged."""
        return self.merged_at is not None

    @property
    def branch(self) -> str:
        """The branch it comes from."""
        return self.head

    def close(self, by: str = "person") -> None:
        """A person closes it: a ``pull_request`` webhook is sent."""
        self.repo.close_pull(self, self.repo.github.account(by))

    def reopen(self, by: str = "person") -> None:
        """A person opens it again: a ``pull_request`` webhook is sent."""
        self.repo.reopen_pull(self, self.repo.github.account(by))

    def ready(self, by: str = "person") -> None:
        """A person takes a draft for ready: ``pull_request.ready_for_review``."""
        self.repo.set_draft(self, False, self.repo.github.account(by))

    def convert_to_draft(self, by: str = "person") -> None:
        """A person makes it a draft again: ``pull_request.converted_to_draft``."""
        self.repo.set_draft(self, True, self.repo.github.account(by))

    def push(self, files: dict[str, Content], message: str = "Change files", by: str = "person") -> str:
        """A person pushes onto its branch, in the fork if it comes from one: ``push`` and ``synchronize``."""
        return self.head_repository.push(self.head, files, message, by=by)

    def review(
        self,
        body: str = "",
        comments: Sequence[dict[str, Any]] = (),
        *,
        event: str = "COMMENT",
        by: str = "person",
    ) -> Review:
        """A person reviews it: ``pull_request_review`` and a ``pull_request_review_comment`` for each comment.

        ``event``: COMMENT, APPROVE or REQUEST_CHANGES. ``comments`` as the API takes them: ``path``, ``line``,
        ``body`` and perhaps ``side``, ``start_line``, ``start_side``. Raises NotInDiff.
        """
        return self.repo.create_review(self, self.repo.github.account(by), event, body, comments)

    def review_comments(self) -> list[ReviewComment]:
        """The comments of its reviews, oldest first."""
        return [each for each in self.repo.review_comments() if each.thread.pull is self]

    def apply_suggestion(self, *comments: ReviewComment, by: str = "person") -> str:
        """A person commits what comments suggest (several: in one commit) to the head branch. Gives its SHA.

        The threads are resolved by that person; ``push`` and ``pull_request.synchronize`` follow. Raises ValueError
        where GitHub greys the button out: nothing suggested, or on outdated or deleted lines.
        """
        return self.repo.apply_suggestions(self, comments, self.repo.github.account(by))

    def merge(self, by: str = "person", method: str = "merge") -> str:
        """A person merges it; the merge is a real commit, and its SHA is given. Webhooks are sent."""
        return self.repo.merge_pull(self, self.repo.github.account(by), method)


@dataclass
class CheckRun:
    """One check run."""

    id: int
    suite: int
    app: int
    name: str
    head_sha: str
    external_id: str
    details_url: str | None
    status: str
    conclusion: str | None
    started_at: str | None
    completed_at: str | None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
