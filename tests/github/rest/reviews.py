"""Reviews of pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.rest.calls import Answer, Call, Problem, endpoint, not_found
from tests.github.rest.pulls import LONGEST_BODY, PULLS, pull_in
from tests.github.review_places import NotInDiff
from tests.github.shapes import reviews as shapes

if TYPE_CHECKING:
    from tests.github.records import Pull
    from tests.github.review_records import Review

READ, WRITE = "pull_requests=read", "pull_requests=write"
REVIEWS = PULLS + "/{pull_number}/reviews"
EVENTS = ("APPROVE", "REQUEST_CHANGES", "COMMENT")


def unprocessable(*errors: str) -> Problem:
    """422 in the shape that reviews have."""
    return Problem(422, "Unprocessable Entity", errors=list(dict.fromkeys(errors)))


def check_body(body: str) -> None:
    """Raises Problem (422) for a body that is too long."""
    if len(body) > LONGEST_BODY:
        raise unprocessable(f"Body is too long (maximum is {LONGEST_BODY} characters)")


def commit_in(call: Call, pull: Pull, given: str | None) -> str:
    """The commit that a review is about; it must be one of the pull request's. Raises Problem (422)."""
    git = call.repo.git
    if given is None or given == pull.head_sha:
        return pull.head_sha
    if git.commit_of(given) != given or not git.is_ancestor(given, pull.head_sha):
        raise unprocessable("Commit is not part of the pull request")
    return given


@endpoint("POST", REVIEWS, WRITE)
def create_review(call: Call) -> dict[str, Any]:
    """Review; one comment outside of the diff loses all of it. Without ``event`` it stays pending."""
    pull, given = pull_in(call), call.json
    event, body = given.get("event") or "", given.get("body") or ""
    comments = given.get("comments") or []
    if event and event not in EVENTS:
        raise unprocessable("Variable $event of type PullRequestReviewEvent was provided invalid value")
    if pull.user == call.actor and event in {"APPROVE", "REQUEST_CHANGES"}:
        what = "approve" if event == "APPROVE" else "request changes on"
        raise unprocessable(f"Can not {what} your own pull request")
    if not body and (event == "REQUEST_CHANGES" or (event == "COMMENT" and not comments)):
        raise unprocessable("Body can't be blank")
    if any(each.state == "PENDING" and each.user == call.actor for each in pull.reviews):
        raise unprocessable("User can only have one pending review per pull request")
    for each in (body, *(comment["body"] for comment in comments)):
        check_body(each)
    if any(not comment["body"].strip() for comment in comments):
        raise unprocessable("Body can't be blank")
    sha = commit_in(call, pull, given.get("commit_id"))
    assert call.token is not None
    app = call.token.installation.app.id
    try:
        review = call.repo.create_review(pull, call.actor, event, body, comments, sha, app)
    except NotInDiff as error:
        raise unprocessable(str(error)) from None
    return shapes.review(review, call.urls)


def review_in(call: Call) -> Review:
    """The review in the path. Raises Problem (404)."""
    number = call.number("review_id")
    for each in pull_in(call).reviews:
        if each.id == number and (each.state != "PENDING" or each.user == call.actor):
            return each
    raise not_found()


@endpoint("GET", REVIEWS, READ)
def list_reviews(call: Call) -> Answer:
    """List the reviews, oldest first; pending ones are seen by their authors only."""
    found = [each for each in pull_in(call).reviews if each.state != "PENDING" or each.user == call.actor]
    return call.page(found, lambda each: shapes.review(each, call.urls))


@endpoint("GET", REVIEWS + "/{review_id}", READ)
def get_review(call: Call) -> dict[str, Any]:
    """Get a review."""
    return shapes.review(review_in(call), call.urls)


@endpoint("PUT", REVIEWS + "/{review_id}", WRITE)
def update_review(call: Call) -> dict[str, Any]:
    """Change a review's text; only its author may."""
    review = review_in(call)
    if review.user != call.actor:
        raise Problem(403, "Resource not accessible by integration")
    check_body(call.need("body"))
    review.body = call.need("body")
    return shapes.review(review, call.urls)


@endpoint("DELETE", REVIEWS + "/{review_id}", WRITE)
def delete_pending_review(call: Call) -> dict[str, Any]:
    """Give a pending review up."""
    review = review_in(call)
    if review.state != "PENDING":
        raise unprocessable("Can not delete a non-pending pull request review")
    shape = shapes.review(review, call.urls)
    pull = review.pull
    pull.reviews.remove(review)
    pull.threads[:] = [each for each in pull.threads if each.comments[0].review is not review]
    return shape


@endpoint("POST", REVIEWS + "/{review_id}/events", WRITE)
def submit_review(call: Call) -> dict[str, Any]:
    """Publish a pending review."""
    review = review_in(call)
    if review.state != "PENDING":
        raise unprocessable("Could not submit the review: it is not pending")
    if call.need("event") not in EVENTS:
        raise unprocessable("Variable $event of type PullRequestReviewEvent was provided invalid value")
    call.repo.submit_review(review, call.need("event"), call.json.get("body"))
    return shapes.review(review, call.urls)


@endpoint("PUT", REVIEWS + "/{review_id}/dismissals", WRITE)
def dismiss_review(call: Call) -> dict[str, Any]:
    """Dismiss an approval or a request for changes."""
    review = review_in(call)
    call.need("message")
    if review.state not in {"APPROVED", "CHANGES_REQUESTED"}:
        raise unprocessable("Can not dismiss a commented pull request review")
    review.state = "DISMISSED"
    return shapes.review(review, call.urls)


@endpoint("GET", REVIEWS + "/{review_id}/comments", READ)
def list_comments_of_review(call: Call) -> Answer:
    """List the comments of one review."""
    review = review_in(call)
    found = [each for thread in review.pull.threads for each in thread.comments if each.review is review]
    return call.page(found, lambda each: shapes.review_comment(each, call.urls))
