"""Reviews and their comments as GitHub writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.people import node_id, simple_user
from tests.github.shapes.issues import association, rollup

if TYPE_CHECKING:
    from tests.github.review_records import Review, ReviewComment
    from tests.github.urls import Urls


def review(each: Review, urls: Urls) -> dict[str, Any]:
    """GitHub's ``pull-request-review``."""
    pull = each.pull
    html = urls.html(f"/{pull.repo.full_name}/pull/{pull.number}#pullrequestreview-{each.id}")
    url = urls.api(f"/repos/{pull.repo.full_name}/pulls/{pull.number}")
    body = {
        "id": each.id,
        "node_id": node_id("PRR", each.id),
        "user": simple_user(each.user, urls),
        "body": each.body,
        "state": each.state,
        "html_url": html,
        "pull_request_url": url,
        "author_association": association(pull, each.user),
        "_links": {"html": {"href": html}, "pull_request": {"href": url}},
        "submitted_at": each.submitted_at,
        "commit_id": each.commit_id,
    }
    if each.submitted_at is None:
        del body["submitted_at"]
    return body


def review_comment(each: ReviewComment, urls: Urls) -> dict[str, Any]:
    """GitHub's ``pull-request-review-comment``; without lines if its thread is outdated."""
    thread = each.thread
    pull, was, now = thread.pull, thread.original, thread.place
    name = pull.repo.full_name
    url = urls.api(f"/repos/{name}/pulls/comments/{each.id}")
    html = urls.html(f"/{name}/pull/{pull.number}#discussion_r{each.id}")
    pull_url = urls.api(f"/repos/{name}/pulls/{pull.number}")
    body: dict[str, Any] = {
        "url": url,
        "pull_request_review_id": each.review.id,
        "id": each.id,
        "node_id": each.node_id,
        "diff_hunk": thread.diff_hunk,
        "path": thread.path,
        "commit_id": thread.original_commit if now is None else pull.head_sha,
        "original_commit_id": thread.original_commit,
        "user": simple_user(each.user, urls),
        "body": each.body,
        "created_at": each.created_at,
        "updated_at": each.updated_at,
        "html_url": html,
        "pull_request_url": pull_url,
        "author_association": association(pull, each.user),
        "_links": {"self": {"href": url}, "html": {"href": html}, "pull_request": {"href": pull_url}},
        "reactions": rollup(url, each.reactions),
        "subject_type": "file" if was.line is None else "line",
        "position": 1 if was.line is None else thread.position,
        "original_position": thread.original_position,
    }
    if was.line is not None:
        body |= {
            "start_line": None if now is None else now.start_line,
            "original_start_line": was.start_line,
            "start_side": was.start_side,
            "line": None if now is None else now.line,
            "original_line": was.line,
            "side": was.side,
        }
    if each.in_reply_to is not None:
        body["in_reply_to_id"] = each.in_reply_to
    return body
