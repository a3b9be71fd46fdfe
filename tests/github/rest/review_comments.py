"""Comments on lines of a pull request's diff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.rest.calls import Answer, Call, Problem, endpoint, invalid, not_found
from tests.github.rest.pulls import LONGEST_BODY, PULLS, pull_in
from tests.github.rest.reviews import READ, WRITE, commit_in
from tests.github.review_places import NotInDiff
from tests.github.shapes.reviews import review_comment as shape

if TYPE_CHECKING:
    from tests.github.review_records import ReviewComment

RESOURCE = "PullRequestReviewComment"


def review_comment_in(call: Call) -> ReviewComment:
    """The review comment in the path. Raises Problem (404)."""
    number = call.number("comment_id")
    for each in call.repo.review_comments():
        if each.id == number:
            return each
    raise not_found()


def _body(call: Call) -> str:
    body: str = call.need("body")
    if not body.strip():
        raise invalid(RESOURCE, code="missing_field", field="body")
    if len(body) > LONGEST_BODY:
        message = f"body is too long (maximum is {LONGEST_BODY} characters)"
        raise invalid(RESOURCE, code="custom", field="body", message=message)
    return body


def _page(call: Call, found: list[ReviewComment]) -> Answer:
    updated = call.query.get("sort") == "updated"
    found = sorted(found, key=lambda each: (each.updated_at if updated else each.created_at, each.id))
    if call.query.get("direction") == "desc":
        found.reverse()
    since = call.query.get("since", "")
    return call.page(
        [each for each in found if each.updated_at >= since], lambda each: shape(each, call.urls)
    )


@endpoint("GET", PULLS + "/comments", READ)
def list_all_review_comments(call: Call) -> Answer:
    """List the review comments of all pull requests."""
    return _page(call, call.repo.review_comments())


@endpoint("GET", PULLS + "/{pull_number}/comments", READ)
def list_review_comments(call: Call) -> Answer:
    """List a pull request's review comments, oldest first."""
    pull = pull_in(call)
    return _page(call, [each for each in call.repo.review_comments() if each.thread.pull is pull])


@endpoint("POST", PULLS + "/{pull_number}/comments", WRITE)
def create_review_comment(call: Call) -> Answer:
    """Comment on lines, outside of a review of several comments."""
    pull, given = pull_in(call), call.json
    body = _body(call)
    assert call.token is not None
    app = call.token.installation.app.id
    if given.get("in_reply_to") is not None:
        return _reply(call, given["in_reply_to"], body)
    sha = commit_in(call, pull, call.need("commit_id"))
    call.need("path")
    try:
        review = call.repo.create_review(pull, call.actor, "COMMENT", "", [given], sha, app)
    except NotInDiff as error:
        field = f"pull_request_review_thread.{error.field}"
        message = "could not be resolved" if "resolved" in str(error) else str(error)
        raise invalid(RESOURCE, code="custom", field=field, message=message) from None
    comment = next(each for each in call.repo.review_comments() if each.review is review)
    return Answer(shape(comment, call.urls), 201, {"Location": shape(comment, call.urls)["url"]})


def _reply(call: Call, number: int, body: str) -> Answer:
    pull = pull_in(call)
    for thread in pull.threads:
        if any(each.id == number for each in thread.comments):
            assert call.token is not None
            app = call.token.installation.app.id
            comment = call.repo.reply_in_thread(thread, body, call.actor, app)
            return Answer(shape(comment, call.urls), 201, {"Location": shape(comment, call.urls)["url"]})
    raise not_found()


@endpoint("POST", PULLS + "/{pull_number}/comments/{comment_id}/replies", WRITE)
def reply(call: Call) -> Answer:
    """Answer in a comment's thread."""
    return _reply(call, call.number("comment_id"), _body(call))


@endpoint("GET", PULLS + "/comments/{comment_id}", READ)
def get_review_comment(call: Call) -> dict[str, Any]:
    """Get a review comment."""
    return shape(review_comment_in(call), call.urls)


@endpoint("PATCH", PULLS + "/comments/{comment_id}", WRITE)
def update_review_comment(call: Call) -> dict[str, Any]:
    """Change a review comment; only its author may."""
    comment = review_comment_in(call)
    if comment.user != call.actor:
        raise Problem(403, "Resource not accessible by integration")
    call.repo.edit_review_comment(comment, _body(call), call.actor)
    return shape(comment, call.urls)


@endpoint("DELETE", PULLS + "/comments/{comment_id}", WRITE)
def delete_review_comment(call: Call) -> Answer:
    """Delete a review comment."""
    call.repo.delete_review_comment(review_comment_in(call), call.actor)
    return Answer(status=204)
