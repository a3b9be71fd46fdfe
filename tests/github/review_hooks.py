"""Webhooks about reviews, their comments and threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.hooks import heard, to_all
from tests.github.shapes import reviews as shapes
from tests.github.shapes.issues import pull_simple
from tests.github.shapes.repositories import repository

if TYPE_CHECKING:
    from tests.github.people import Account
    from tests.github.records import Pull
    from tests.github.repositories import Repo
    from tests.github.review_records import Review, ReviewComment, ReviewThread


def _send(repo: Repo, event: str, sender: Account, pull: Pull, action: str, body: dict[str, Any]) -> None:
    urls = repo.github.urls
    about = {"pull_request": pull_simple(pull, urls), "repository": repository(repo, urls)}
    to_all(repo, event, sender, {"action": action, **body, **about})


def review(repo: Repo, sender: Account, of: Review, action: str) -> None:
    """A review was submitted, changed or dismissed."""
    if heard(repo):
        shape = shapes.review(of, repo.github.urls)
        shape["state"] = shape["state"].lower()
        shape["updated_at"] = of.submitted_at
        _send(repo, "pull_request_review", sender, of.pull, action, {"review": shape})


def review_comment(repo: Repo, sender: Account, of: ReviewComment, action: str, **more: Any) -> None:
    """A comment of a review was written, changed or deleted."""
    if heard(repo):
        body = {"comment": shapes.review_comment(of, repo.github.urls), **more}
        _send(repo, "pull_request_review_comment", sender, of.thread.pull, action, body)


def review_thread(repo: Repo, sender: Account, of: ReviewThread, action: str) -> None:
    """A thread was resolved or opened again."""
    if heard(repo):
        comments = [shapes.review_comment(each, repo.github.urls) for each in of.comments]
        body = {"thread": {"node_id": of.node_id, "comments": comments}}
        _send(repo, "pull_request_review_thread", sender, of.pull, action, body)
