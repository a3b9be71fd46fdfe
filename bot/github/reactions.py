"""Single comments, and reactions to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.github.operations import calls
from bot.github.pulls import Pulls, read_comment

if TYPE_CHECKING:
    from bot.github.model import CommentInfo


class Reactions(Pulls):
    """Comments by their numbers; ``review``: it stands in a review's thread, not in the conversation."""

    def comment_by_id(self, comment: int, *, review: bool = False) -> CommentInfo:
        """One comment. Raises Gone where it was deleted."""
        return self._review_comment(comment) if review else self._conversation_comment(comment)

    @calls("issues/get-comment")
    def _conversation_comment(self, comment: int) -> CommentInfo:
        return read_comment(self._requests.get(self._at(f"/issues/comments/{comment}")))

    @calls("pulls/get-review-comment")
    def _review_comment(self, comment: int) -> CommentInfo:
        return read_comment(self._requests.get(self._at(f"/pulls/comments/{comment}")))

    def add_reaction(self, comment: int, content: str, *, review: bool = False) -> None:
        """Reacts once (a second time changes nothing): +1, -1, laugh, confused, heart, hooray, rocket or eyes."""
        if review:
            self._react_to_review_comment(comment, content)
        else:
            self._react_to_comment(comment, content)

    @calls("reactions/create-for-issue-comment")
    def _react_to_comment(self, comment: int, content: str) -> None:
        path = self._at(f"/issues/comments/{comment}/reactions")
        self._requests.write("POST", path, {"content": content})

    @calls("reactions/create-for-pull-request-review-comment")
    def _react_to_review_comment(self, comment: int, content: str) -> None:
        path = self._at(f"/pulls/comments/{comment}/reactions")
        self._requests.write("POST", path, {"content": content})
