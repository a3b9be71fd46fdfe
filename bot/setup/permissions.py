"""What the App asks for, and why: the manifest and the page that shows it are both made from these tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MERGE_QUEUES = "merge_queues"
"""The permission that is asked for only by those who use merge queues."""


@dataclass(frozen=True)
class Permission:
    """A repository permission: GitHub's key and title for it, how far it goes, and what it is needed for."""

    key: str
    title: str
    level: Literal["read", "write"]
    reason: str
    optional: bool = False

    @property
    def shown_level(self) -> str:
        """As GitHub's pages call the level."""
        return "read and write" if self.level == "write" else "read"


@dataclass(frozen=True)
class Event:
    """A webhook event: what happens when it comes, and the optional permission that it depends on, if any."""

    name: str
    reason: str
    needs: str | None = None


PERMISSIONS = (
    Permission(
        "contents",
        "Contents",
        "write",
        "to read the files; to make commits and patchwright/... branches, and delete those",
    ),
    Permission(
        "pull_requests",
        "Pull requests",
        "write",
        "to open, edit and close its own pull requests, to ask for reviews, and to review others",
    ),
    Permission(
        "issues",
        "Issues",
        "write",
        "GitHub lists pull requests by author, labels them, and comments and reacts on them as issues",
    ),
    Permission(
        "checks",
        "Checks",
        "write",
        "to say what a pull request brings, and that a configuration is wrong",
    ),
    Permission("metadata", "Metadata", "read", "GitHub gives it to every App"),
    Permission(
        MERGE_QUEUES,
        "Merge queues",
        "read",
        "to answer the check of a merge queue's commits at once; only where the check is required",
        optional=True,
    ),
)
"""Repository permissions. Neither Workflows nor Administration is among them, and nothing of organisations."""

EVENTS = (
    Event("push", "the pull requests for that branch are brought up to date"),
    Event("pull_request", "its own make room for the next when closed; of others it says what they bring"),
    Event("issue_comment", "a command in a comment is answered"),
    Event("pull_request_review_comment", "a command in a review comment is answered"),
    Event("check_run", "one of its buttons was pressed, or its check is asked for again"),
    Event("check_suite", "its checks are asked for again"),
    Event("repository", "renamed, transferred, archived, deleted, or another default branch"),
    Event("delete", "a branch was deleted"),
    Event("merge_group", "the merge queue's commits get the check at once", needs=MERGE_QUEUES),
)
"""Events to subscribe to."""

UNASKED = (
    Event("installation", "a first run for each repository; at its end what was kept is deleted"),
    Event("installation_repositories", "the same for repositories that are added or taken away"),
    Event("github_app_authorization", "whoever takes back their authorization is signed out"),
)
"""Events that GitHub sends to every App."""
