"""What the stand-in keeps of reviews: the reviews, their threads, and the comments in these."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.github.people import node_id
from tests.github.records import Comment

if TYPE_CHECKING:
    from tests.github.people import Account
    from tests.github.records import Pull


@dataclass
class Review:
    """One review. ``state``: PENDING, COMMENTED, APPROVED, CHANGES_REQUESTED or DISMISSED."""

    id: int
    pull: Pull = field(repr=False)
    user: Account
    body: str
    state: str
    commit_id: str
    submitted_at: str | None
    app: int | None = None


@dataclass
class Place:
    """Lines of a file in a pull request's diff: ``start_line`` is None for one line, ``line`` for a whole file."""

    path: str
    line: int | None
    side: str = "RIGHT"
    start_line: int | None = None
    start_side: str | None = None


@dataclass
class ReviewThread:
    """A place in the diff with what was said about it.

    ``original`` is where it was on ``original_commit``; ``place`` is where it is now, and is None as soon as its
    lines were changed: then the thread is outdated. A whole file's thread has places without lines.
    """

    id: int
    pull: Pull = field(repr=False)
    original: Place
    original_commit: str
    original_start: str
    diff_hunk: str
    original_position: int
    place: Place | None = None
    position: int | None = None
    comments: list[ReviewComment] = field(default_factory=list)
    resolved_by: Account | None = None

    @property
    def node_id(self) -> str:
        """Its global id."""
        return node_id("PRRT", self.id)

    @property
    def outdated(self) -> bool:
        """Whether its lines have changed since."""
        return self.place is None

    @property
    def resolved(self) -> bool:
        """Whether somebody took it for settled."""
        return self.resolved_by is not None

    @property
    def path(self) -> str:
        """The file it is about."""
        return self.original.path

    @property
    def line(self) -> int | None:
        """The (last) line it is at now; None if it is outdated or about a whole file."""
        return None if self.place is None else self.place.line

    def resolve(self, by: str = "person") -> None:
        """A person resolves it: ``pull_request_review_thread.resolved``."""
        self.pull.repo.resolve_thread(self, self.pull.repo.github.account(by))

    def unresolve(self, by: str = "person") -> None:
        """A person opens it again: ``pull_request_review_thread.unresolved``."""
        self.pull.repo.unresolve_thread(self, self.pull.repo.github.account(by))

    def reply(self, body: str, by: str = "person") -> ReviewComment:
        """A person answers in it: ``pull_request_review_comment.created``."""
        return self.pull.repo.reply_in_thread(self, body, self.pull.repo.github.account(by))


@dataclass(kw_only=True)
class ReviewComment(Comment):
    """One comment of a review; the thread's first one starts it."""

    thread: ReviewThread = field(repr=False)
    review: Review = field(repr=False)
    in_reply_to: int | None = None

    @property
    def node_id(self) -> str:
        """Its global id."""
        return node_id("PRRC", self.id)

    def edit(self, body: str, by: str = "person") -> None:
        """A person changes it: ``pull_request_review_comment.edited``."""
        repo = self.thread.pull.repo
        repo.edit_review_comment(self, body, repo.github.account(by))

    def delete(self, by: str = "person") -> None:
        """A person deletes it: ``pull_request_review_comment.deleted``."""
        repo = self.thread.pull.repo
        repo.delete_review_comment(self, repo.github.account(by))
