"""What people and Apps do in reviews: the part of a repository that has to do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github import review_hooks as hooks
from tests.github.bare import Executable
from tests.github.review_places import follow, start_thread
from tests.github.review_records import Review, ReviewComment, ReviewThread
from tests.github.suggestions import applied, suggestion_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.github.bare import Content
    from tests.github.people import Account
    from tests.github.records import Pull

STATES = {
    "COMMENT": "COMMENTED",
    "APPROVE": "APPROVED",
    "REQUEST_CHANGES": "CHANGES_REQUESTED",
    "": "PENDING",
}


class Reviewing:
    """A mixin of ``Repo``."""

    def create_review(
        self,
        pull: Pull,
        by: Account,
        event: str,
        body: str,
        comments: Sequence[dict[str, Any]],
        commit_id: str | None = None,
        app: int | None = None,
    ) -> Review:
        """Review a pull request, with comments as the API takes them. Raises NotInDiff, and then nothing is kept."""
        with self.lock:
            sha = commit_id or pull.head_sha
            threads = [(start_thread(self, pull, sha, each), each["body"]) for each in comments]
            now = self.github.clock.iso()
            state = STATES[event]
            review = Review(self.github.next_id(), pull, by, body, state, sha, now, app)
            pull.reviews.append(review)
            for thread, text in threads:
                follow(self, thread)
                pull.threads.append(thread)
                self._add_review_comment(thread, review, text, by, app)
            pull.updated_at = now
            if state == "PENDING":
                review.submitted_at = None
            else:
                self._tell_of_review(review)
            return review

    def submit_review(self, review: Review, event: str, body: str | None = None) -> None:
        """Publish a pending review."""
        with self.lock:
            review.state, review.submitted_at = STATES[event], self.github.clock.iso()
            review.body = review.body if body is None else body
            self._tell_of_review(review)

    def _tell_of_review(self, review: Review) -> None:
        hooks.review(self, review.user, review, "submitted")
        for thread in review.pull.threads:
            for each in thread.comments:
                if each.review is review:
                    hooks.review_comment(self, each.user, each, "created")

    def _add_review_comment(
        self, thread: ReviewThread, review: Review, body: str, by: Account, app: int | None
    ) -> ReviewComment:
        now = self.github.clock.iso()
        first = thread.comments[0].id if thread.comments else None
        comment = ReviewComment(
            self.github.next_id(), by, body, now, now, app, thread=thread, review=review, in_reply_to=first
        )
        thread.comments.append(comment)
        return comment

    def reply_in_thread(
        self, thread: ReviewThread, body: str, by: Account, app: int | None = None
    ) -> ReviewComment:
        """Answer in a thread; GitHub makes a review of each single answer."""
        with self.lock:
            now, pull = self.github.clock.iso(), thread.pull
            review = Review(self.github.next_id(), pull, by, "", "COMMENTED", pull.head_sha, now, app)
            pull.reviews.append(review)
            comment = self._add_review_comment(thread, review, body, by, app)
            hooks.review(self, by, review, "submitted")
            hooks.review_comment(self, by, comment, "created")
            return comment

    def edit_review_comment(self, comment: ReviewComment, body: str, by: Account) -> None:
        """Change a comment."""
        with self.lock:
            before, comment.body = comment.body, body
            comment.updated_at = self.github.clock.iso()
            hooks.review_comment(self, by, comment, "edited", changes={"body": {"from": before}})

    def delete_review_comment(self, comment: ReviewComment, by: Account) -> None:
        """Delete a comment, and with the last one its thread."""
        with self.lock:
            comment.thread.comments.remove(comment)
            if not comment.thread.comments:
                comment.thread.pull.threads.remove(comment.thread)
            hooks.review_comment(self, by, comment, "deleted")

    def resolve_thread(self, thread: ReviewThread, by: Account) -> None:
        """Take a thread for settled."""
        with self.lock:
            if not thread.resolved:
                thread.resolved_by = by
                hooks.review_thread(self, by, thread, "resolved")

    def unresolve_thread(self, thread: ReviewThread, by: Account) -> None:
        """Open a thread again."""
        with self.lock:
            if thread.resolved:
                thread.resolved_by = None
                hooks.review_thread(self, by, thread, "unresolved")

    def review_comments(self) -> list[ReviewComment]:
        """The comments of all published reviews, oldest first."""
        found = [each for pull in self.pulls for thread in pull.threads for each in thread.comments]
        return sorted((each for each in found if each.review.state != "PENDING"), key=lambda each: each.id)

    def apply_suggestions(self, pull: Pull, comments: Sequence[ReviewComment], by: Account) -> str:
        """Commit suggestions to the head branch in one commit and resolve their threads. Gives the commit's SHA.

        Raises ValueError where GitHub greys the button out: nothing suggested, outdated, or on deleted lines.
        """
        changes: dict[str, list[tuple[Any, list[str]]]] = {}
        for each in comments:
            suggested, place = suggestion_in(each.body), each.thread.place
            if suggested is None:
                raise ValueError("Nothing is suggested in this comment.")
            if place is None or place.line is None or place.side != "RIGHT" or place.start_side == "LEFT":
                raise ValueError("Suggestions cannot be applied on deleted or outdated lines.")
            changes.setdefault(place.path, []).append((place, suggested))
        home = pull.head_repository
        files: dict[str, Content] = {}
        for path, of_file in changes.items():
            found = home.git.contents(f"{pull.head_sha}:{path}")
            assert found is not None
            data = applied(found[2], of_file)
            mode = home.git.text("ls-tree", pull.head_sha, "--", f":(top,literal){path}")[:6]
            files[path] = Executable(data) if mode == "100755" else data
        authors = {each.user for each in comments if each.user != by}
        subject = "Apply suggestions from code review"
        if len(comments) == 1:
            subject = f"Apply suggestion from @{comments[0].user.login}"
        trailers = "".join(
            f"\nCo-authored-by: {each.login} <{each.email}>" for each in sorted(authors, key=str)
        )
        sha = home.push(pull.head, files, subject + ("\n" + trailers if trailers else ""), by=by.login)
        home.verified.add(sha)
        for each in comments:
            self.resolve_thread(each.thread, by)
        return str(sha)
