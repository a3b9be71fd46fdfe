"""What a pull request is told: one review for each head, threads that are over, and the check run at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot import templates
from bot.github.errors import Gone, Passing, Refused
from bot.github.model import CheckAction, NewReviewComment
from bot.github.reviews import PENDING, reviewed_head
from bot.plan.actions import ReportCheck
from bot.publish.checks import report_again
from bot.publish.lengths import LONGEST_BODY, shortened
from bot.publish.patience import PAUSES, with_patience
from bot.publish.threads import resolve

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from bot.github.model import ThreadInfo
    from bot.review.model import CheckReport, PullView, ReviewComment, ReviewPlan

log = structlog.get_logger(__name__)
_UNUSABLE = 422


@dataclass(frozen=True, slots=True)
class _Reviewed:
    """What came of the review; ``left`` are the comments that are not on the pull request.

    ``late``: the head moved on while it was made.
    """

    line: str
    left: tuple[ReviewComment, ...] = ()
    late: bool = False


def publish_review(
    client: RepositoryClient,
    plan: ReviewPlan,
    view: PullView,
    threads: Sequence[ThreadInfo] = (),
    *,
    pauses: tuple[float, ...] = PAUSES,
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Makes the plan true; one line for each thing on what came of it. Doing it twice is doing it once.

    ``threads`` are the App's in this pull request as they were when the plan was made. Nothing is said where the head
    moved on or the pull request was closed. A comment that GitHub does not take costs no other: the check run's summary
    names its place, as that of one that comes up on a head that has its review already.

    Raises Passing when something fails after all ``pauses``, RateLimited at once. What is Refused does not keep the
    rest from being done; then one Refused (Gone, where all are) says what is missing.
    """
    if (reason := _moved_on(client, view)) is not None:
        return [f"#{view.number}: left alone: {reason}"]
    lines: list[str] = []
    refusals: list[tuple[str, Refused]] = []
    left: tuple[ReviewComment, ...] = ()
    if plan.comments:
        try:
            reviewed = _review(client, view, plan.comments, pauses, sleep)
        except Refused as error:
            refusals.append((f"reviewing #{view.number}", error))
            left = plan.comments
        else:
            lines.append(reviewed.line)
            left = reviewed.left
            if reviewed.late:
                return lines
    lines += [f"#{view.number}: no comment at {each.path}:{each.line}" for each in left]
    known = {each.id: each for each in threads}
    for each in plan.resolve:
        if each in known:
            lines.append(with_patience(partial(resolve, client, known[each]), pauses, sleep))
    if plan.check is not None:
        try:
            lines.append(with_patience(partial(_check, client, plan.check, left), pauses, sleep))
        except Refused as error:
            refusals.append((f"reporting the check {plan.check.name}", error))
    for line in lines:
        log.info("published", said=line)
    if refusals:
        kind = Gone if all(isinstance(error, Gone) for _, error in refusals) else Refused
        raise kind("; ".join(f"{name}: {error}" for name, error in refusals)) from refusals[0][1]
    return lines


def _moved_on(client: RepositoryClient, view: PullView) -> str | None:
    """Why there is nobody to say anything to; None where there is."""
    pull = client.pull(view.number)
    if not pull.open:
        return f"it was {'merged' if pull.merged else 'closed'} in between"
    if pull.head_sha != view.head_sha:
        return f"its head moved from {view.head_sha[:10]} to {pull.head_sha[:10]}"
    return None


def _review(
    client: RepositoryClient,
    view: PullView,
    comments: tuple[ReviewComment, ...],
    pauses: tuple[float, ...],
    sleep: Callable[[float], None],
) -> _Reviewed:
    try:
        return with_patience(partial(_reviewed_once, client, view, comments), pauses, sleep)
    except Passing as error:
        if error.status != _UNUSABLE:
            raise
        return _Reviewed(f"#{view.number}: no review: {error}", comments)


def _reviewed_once(
    client: RepositoryClient, view: PullView, comments: tuple[ReviewComment, ...]
) -> _Reviewed:
    number, head = view.number, view.head_sha
    for each in client.own_reviews(number):
        if each.state == PENDING:  # a trial that was stopped in between; GitHub allows one at a time
            client.delete_pending_review(number, each.id)
        elif reviewed_head(each.body) == head:
            return _Reviewed(f"#{number}: has its review of {head[:10]} already", comments)
    try:
        client.create_review(number, head, _body(), [_new(each) for each in comments])
    except (Refused, Passing) as error:
        if "locked" in str(error).lower():  # people want nothing said there; the check run is no comment
            return _Reviewed(f"#{number}: no review: {error}", comments)
        if error.status != _UNUSABLE:
            raise
        if (reason := _moved_on(client, view)) is not None:
            return _Reviewed(f"#{number}: left alone: {reason}", late=True)
        taken = _taken(client, view, comments)
        if not taken and isinstance(error, Passing):
            raise
        left = tuple(each for each in comments if each not in taken)
        if not taken:
            return _Reviewed(f"#{number}: no review: {error}", left)
        client.create_review(number, head, _body(), [_new(each) for each in taken])
        return _Reviewed(_done(view, len(taken)), left)
    return _Reviewed(_done(view, len(comments)))


def _taken(
    client: RepositoryClient, view: PullView, comments: tuple[ReviewComment, ...]
) -> list[ReviewComment]:
    """Those of comments which GitHub does not take together that it takes, found by halves."""
    if len(comments) < 2:
        return []
    middle = len(comments) // 2
    good: list[ReviewComment] = []
    for half in (comments[:middle], comments[middle:]):
        if client.takes(view.number, view.head_sha, [_new(each) for each in half]):
            good += half
        else:
            good += _taken(client, view, half)
    return good


def _body() -> str:
    """What is said above the comments."""
    return templates.render("review/body.md.j2").strip()


def _done(view: PullView, count: int) -> str:
    return f"#{view.number}: reviewed {view.head_sha[:10]}: {count} comment{'s' if count != 1 else ''}"


def _new(comment: ReviewComment) -> NewReviewComment:
    return NewReviewComment(
        comment.path, comment.line, shortened(comment.body, LONGEST_BODY), comment.start_line
    )


def _check(client: RepositoryClient, report: CheckReport, left: tuple[ReviewComment, ...]) -> str:
    summary = report.summary
    if left:
        summary = templates.render("check_comments_left.md.j2", summary=summary, left=left)
    action = ReportCheck(
        sha=report.head_sha,
        name=report.name,
        external_id=report.external_id,
        conclusion=report.conclusion,
        title=report.title,
        summary=summary,
        annotations=report.annotations,
    )
    buttons = [CheckAction(each.label, each.description, each.identifier) for each in report.buttons]
    return report_again(client, action, buttons)
