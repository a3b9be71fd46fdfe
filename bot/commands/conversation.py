"""Where a comment stands, and answering there: what was said is known again by its hidden marker."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from bot.plan.marker import comment_key
from bot.publish.lengths import LONGEST_BODY, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.github.client import RepositoryClient
    from bot.github.model import CommentInfo


class Conversation:
    """A pull request's or issue's conversation; with ``comment``, the thread of a review that it stands in."""

    def __init__(self, client: RepositoryClient, number: int, comment: int | None = None) -> None:
        self._client, self._number, self._comment = client, number, comment

    @cached_property
    def said(self) -> set[str]:
        """The keys of what the App has said there."""
        ours = (each for each in self._comments() if each.author == self._client.bot_login)
        return {key for each in ours if (key := comment_key(each.body)) is not None}

    def say(self, key: str, body: str) -> bool:
        """Says it, unless it was said; whether it was now. ``body`` holds the marker of ``key``."""
        if key in self.said:
            return False
        text = shortened(body, LONGEST_BODY)
        if self._comment is None:
            self._client.create_comment(self._number, text)
        else:
            self._client.reply_to_review_comment(self._number, self._thread, text)
        self.said.add(key)
        return True

    @cached_property
    def _thread(self) -> int:
        """The first comment of the thread: GitHub takes replies to no other."""
        assert self._comment is not None
        return self._client.comment_by_id(self._comment, review=True).reply_to or self._comment

    def _comments(self) -> Iterable[CommentInfo]:
        if self._comment is None:
            return self._client.comments(self._number)
        return self._client.review_comments(self._number)
