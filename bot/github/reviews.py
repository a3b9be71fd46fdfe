"""Reviews of pull requests: making one, finding the App's own again, answering in their threads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.github.answers import number, text, text_or_empty
from bot.github.errors import Gone, Passing, Refused
from bot.github.model import CommentInfo, NewReviewComment, ReviewInfo
from bot.github.operations import calls
from bot.github.pulls import Pulls, read_comment, words

PENDING = "PENDING"
_MARKER = re.compile(r"^<!-- patchwright:review ([0-9a-f]{40,64}) -->[ \t\r]*$", re.MULTILINE)


def review_marker(head_sha: str) -> str:
    """The line by which a review of the App's on this head is known again."""
    return f"<!-- patchwright:review {head_sha} -->"


def reviewed_head(body: str) -> str | None:
    """The head that a review of the App's speaks of; None for one without a marker."""
    found = _MARKER.findall(body)
    return found[-1] if found else None


class Reviews(Pulls):
    """The reviews of the repository's pull requests."""

    @calls("pulls/list-reviews")
    def own_reviews(self, number: int) -> list[ReviewInfo]:
        """The App's reviews of a pull request, oldest first, one that is not submitted yet among them."""
        found = (_read(each) for each in self._requests.pages(self._at(f"/pulls/{number}/reviews")))
        return [each for each in found if each.author == self.bot_login]

    def review_of(self, number: int, head_sha: str) -> ReviewInfo | None:
        """The App's submitted review of this head, known by its marker; None where there is none."""
        return next(
            (
                each
                for each in self.own_reviews(number)
                if each.state != PENDING and reviewed_head(each.body) == head_sha
            ),
            None,
        )

    def create_review(
        self, number: int, head_sha: str, body: str, comments: Sequence[NewReviewComment]
    ) -> ReviewInfo:
        """A review on ``head_sha`` that neither approves nor asks for changes, its marker added to ``body``.

        Where the answer got lost, a review with the marker counts as made. Raises Refused (422) if one comment is
        not inside a hunk of the diff: then none was made.
        """
        marked = body if reviewed_head(body) == head_sha else f"{body}\n\n{review_marker(head_sha)}".strip()
        try:
            return self._review(number, head_sha, comments, {"event": "COMMENT", "body": marked})
        except Passing as error:
            if error.status != 422 and (made := self.review_of(number, head_sha)) is not None:
                return made
            raise

    def takes(self, number: int, head_sha: str, comments: Sequence[NewReviewComment]) -> bool:
        """Whether GitHub takes these comments: tried with a review that nobody sees, and that is deleted again."""
        try:
            made = self._review(number, head_sha, comments, {})
        except (Refused, Passing) as error:
            if error.status != 422:
                raise
            return False
        self.delete_pending_review(number, made.id)
        return True

    @calls("pulls/create-review")
    def _review(
        self, number: int, head_sha: str, comments: Sequence[NewReviewComment], more: dict[str, str]
    ) -> ReviewInfo:
        content = {"commit_id": head_sha, "comments": [_comment(each) for each in comments], **more}
        return _read(self._requests.write("POST", self._at(f"/pulls/{number}/reviews"), content))

    @calls("pulls/delete-pending-review")
    def delete_pending_review(self, number: int, review: int) -> None:
        """Deletes a review that was not submitted, with its comments; nothing if it is gone."""
        try:
            self._requests.write("DELETE", self._at(f"/pulls/{number}/reviews/{review}"))
        except Gone:
            return

    @calls("pulls/create-reply-for-review-comment")
    def reply_to_review_comment(self, number: int, comment: int, body: str) -> CommentInfo:
        """Answers in the thread whose first comment is ``comment``.

        Where the answer got lost, the App's same words as its last reply there count as said.
        """
        path = self._at(f"/pulls/{number}/comments/{comment}/replies")
        try:
            return read_comment(self._requests.write("POST", path, {"body": body}))
        except Passing:
            ours = [each for each in self.replies(number, comment) if each.author == self.bot_login]
            if ours and words(ours[-1].body) == words(body):
                return ours[-1]
            raise

    def replies(self, number: int, comment: int) -> list[CommentInfo]:
        """The replies to a thread's first comment, oldest first."""
        return [each for each in self.review_comments(number) if each.reply_to == comment]

    @calls("pulls/list-review-comments")
    def review_comments(self, number: int) -> list[CommentInfo]:
        """All comments in the threads of a pull request, oldest first."""
        pages = self._requests.pages(self._at(f"/pulls/{number}/comments"), sort="created", direction="asc")
        return [read_comment(each) for each in pages]


def _comment(comment: NewReviewComment) -> dict[str, str | int]:
    content: dict[str, str | int] = {
        "path": comment.path,
        "line": comment.line,
        "side": "RIGHT",
        "body": comment.body,
    }
    if comment.start_line is not None and comment.start_line != comment.line:
        content |= {"start_line": comment.start_line, "start_side": "RIGHT"}
    return content


def _read(data: Any) -> ReviewInfo:
    return ReviewInfo(
        id=number(data, "id"),
        author=text_or_empty(data, "user", "login"),
        state=text(data, "state"),
        body=text_or_empty(data, "body"),
        sha=text_or_empty(data, "commit_id"),
    )
