"""What is said on a pull request: once for each head, with the comments that GitHub takes, the check run last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Passing, Refused
from bot.plan.actions import Annotation
from bot.plan.marker import finding_marker, finding_of
from bot.publish.review import publish_review
from bot.publish.threads import as_reviewed
from bot.review.model import Button, CheckReport, PullView, ReviewComment, ReviewPlan, external_id
from tests.bot.publish.interruptions import Died, dying, failing_after, failing_before, meanwhile

if TYPE_CHECKING:
    from tests.bot.publish.situation import Situation
    from tests.github.records import Pull

LINES = "".join(f"line {number}\n" for number in range(1, 31))
BUTTONS = (Button("Apply fixes", "Commits the patches to this branch", "apply"),)


@pytest.fixture
def pull(situation: Situation) -> Pull:
    """A pull request that adds ``new.py`` with 30 lines."""
    situation.repo.push("topic", {"new.py": LINES})
    return situation.repo.open_pull("topic")


def view(pull: Pull, head: str | None = None) -> PullView:
    return PullView(
        number=pull.number,
        url="",
        title=pull.title,
        author="person",
        head_ref=pull.head,
        head_sha=head or pull.head_sha,
        base_ref=pull.base,
        base_sha=pull.base_sha,
        merge_base=pull.base_sha,
        changed_files=1,
    )


def mark(line: int) -> str:
    return f"{line:016x}"


def at(*lines: int) -> tuple[ReviewComment, ...]:
    return tuple(
        ReviewComment("new.py", line, None, f"About {line}\n\n{finding_marker(mark(line))}\n", mark(line))
        for line in lines
    )


def plan(pull: Pull, *lines: int, resolve: tuple[str, ...] = (), annotations: int = 1) -> ReviewPlan:
    check = CheckReport(
        head_sha=pull.head_sha,
        external_id=external_id(pull.number, pull.head_sha),
        conclusion="neutral",
        title="Something new",
        summary="All of it.\n",
        annotations=tuple(
            Annotation("new.py", each + 1, f"no. {each}", "warning") for each in range(annotations)
        ),
        buttons=BUTTONS,
    )
    return ReviewPlan(check, at(*lines), resolve)


def publish(situation: Situation, pull: Pull, what: ReviewPlan, number: int | None = None) -> list[str]:
    """As a job does; ``number``: the process dies just after this write."""
    with situation.client() as client:
        threads = client.review_threads(pull.number)
        if number is not None:
            dying(client, number)
        return publish_review(client, what, view(pull), threads, sleep=situation.pauses.append)


def spoken(pull: Pull) -> list[str | None]:
    """The findings that the App's threads are about."""
    return [finding_of(each.comments[0].body) for each in pull.threads]


def test_one_review_and_then_the_check(situation: Situation, pull: Pull) -> None:
    situation.forget()
    publish(situation, pull, plan(pull, 3, 5))
    assert [each.path.rpartition("/")[2] for each in situation.writes()] == [
        "graphql",
        "reviews",
        "check-runs",
    ]
    (review,) = pull.reviews
    assert review.state == "COMMENTED"
    assert spoken(pull) == [mark(3), mark(5)]
    (run,) = situation.repo.checks
    assert (run.name, run.status, run.conclusion) == ("Patchwright", "completed", "neutral")
    assert [each["identifier"] for each in run.actions] == ["apply"]


def test_a_second_time_changes_nothing(situation: Situation, pull: Pull) -> None:
    publish(situation, pull, plan(pull, 3))
    publish(situation, pull, plan(pull))
    assert len(pull.reviews) == 1
    (run,) = situation.repo.checks
    assert [each["message"] for each in run.annotations] == ["no. 0"]


def test_a_head_has_one_review(situation: Situation, pull: Pull) -> None:
    publish(situation, pull, plan(pull, 3))
    lines = publish(situation, pull, plan(pull, 8))
    assert len(pull.reviews) == 1
    assert f"#{pull.number}: no comment at new.py:8" in lines
    (run,) = situation.repo.checks
    assert "`new.py`, line 8" in (run.summary or "")


def test_the_next_head_has_its_own(situation: Situation, pull: Pull) -> None:
    publish(situation, pull, plan(pull, 3))
    pull.push({"new.py": LINES + "more\n"})
    publish(situation, pull, plan(pull, 8))
    assert [each.commit_id for each in pull.reviews][-1] == pull.head_sha
    assert spoken(pull) == [mark(3), mark(8)]
    assert len(situation.repo.checks) == 2


@pytest.mark.parametrize("bad", [(99,), (97, 98, 99), (3, 99)])
def test_comments_that_github_does_not_take_cost_no_other(
    situation: Situation, pull: Pull, bad: tuple[int, ...]
) -> None:
    wanted = sorted({3, 5, 7, 11, 13, *bad})
    lines = publish(situation, pull, plan(pull, *wanted))
    refused = [each for each in wanted if each > 30]
    assert spoken(pull) == [mark(each) for each in wanted if each <= 30]
    assert len(pull.reviews) == 1, "one review, whatever had to be tried"
    assert [each for each in lines if "no comment at" in each] == [
        f"#{pull.number}: no comment at new.py:{each}" for each in refused
    ]
    (run,) = situation.repo.checks
    assert all(f"`new.py`, line {each}" in (run.summary or "") for each in refused)


def test_where_none_is_taken_there_is_no_review(situation: Situation, pull: Pull) -> None:
    publish(situation, pull, plan(pull, 98, 99))
    assert (pull.reviews, pull.threads) == ([], [])
    assert len(situation.repo.checks) == 1


def test_nothing_is_said_where_the_head_moved_on(situation: Situation, pull: Pull) -> None:
    what = plan(pull, 3)
    old = view(pull)
    pull.push({"new.py": "other\n"})
    situation.forget()
    with situation.client() as client:
        (line,) = publish_review(client, what, old)
    assert "its head moved" in line
    assert situation.writes() == []


def test_nor_where_it_moves_just_then_so_that_the_lines_are_gone(situation: Situation, pull: Pull) -> None:
    what, old = plan(pull, 3), view(pull)
    push = lambda: situation.repo.move_refs(  # noqa: E731
        [("refs/heads/topic", pull.head_sha, situation.repo.commit({"x.py": "1\n"}, branch="other"))],
        situation.github.account("person"),
    )
    situation.github.faults.add(meanwhile(0, push))
    with situation.client() as client:
        lines = publish_review(client, what, old, sleep=situation.pauses.append)
    assert "its head moved" in lines[-1]
    assert (pull.reviews, situation.repo.checks) == ([], [])


def test_nor_on_a_closed_one(situation: Situation, pull: Pull) -> None:
    pull.close()
    (line,) = publish(situation, pull, plan(pull, 3))
    assert line.endswith("it was closed in between")


def test_threads_that_are_over_are_resolved(situation: Situation, pull: Pull) -> None:
    publish(situation, pull, plan(pull, 3, 5))
    one, two = pull.threads
    publish(situation, pull, plan(pull, resolve=(one.node_id,)))
    assert (one.resolved, two.resolved) == (True, False)
    situation.forget()
    publish(situation, pull, plan(pull, resolve=(one.node_id,)))
    assert not any("resolveReviewThread" in str(each.request_json) for each in situation.writes())


def test_or_hidden_where_they_cannot_be(situation: Situation, pull: Pull) -> None:
    permissions = situation.github.installations[situation.installation].permissions
    before = dict(permissions)
    permissions["contents"] = "read"
    try:
        publish(situation, pull, plan(pull, 3))
        (thread,) = pull.threads
        lines = publish(situation, pull, plan(pull, resolve=(thread.node_id,)))
    finally:
        permissions.update(before)
    assert not thread.resolved
    assert thread.comments[0].minimized == "outdated"
    assert any(each.startswith("hid the comment at new.py:3") for each in lines)


def test_who_closed_a_thread(situation: Situation, pull: Pull) -> None:
    publish(situation, pull, plan(pull, 1, 2, 3, 4, 5))
    resolved, by_person, hidden, hidden_by_person, _ = pull.threads
    publish(situation, pull, plan(pull, resolve=(resolved.node_id,)))
    by_person.resolve("ann")
    hidden.comments[0].minimized, hidden_by_person.comments[0].minimized = "outdated", "spam"
    with situation.client() as client:
        found = as_reviewed(client, client.review_threads(pull.number), finding_of)
    assert [(each.resolved, each.resolved_by_bot) for each in found] == [
        (True, True),
        (True, False),
        (True, True),
        (True, False),
        (False, False),
    ]
    assert [each.fingerprint for each in found] == [mark(each) for each in range(1, 6)]


def test_more_annotations_than_one_request_takes(situation: Situation, pull: Pull) -> None:
    publish(situation, pull, plan(pull, annotations=120))
    publish(situation, pull, plan(pull, annotations=120))
    (run,) = situation.repo.checks
    assert [each["message"] for each in run.annotations] == [f"no. {each}" for each in range(120)]


def test_annotations_that_are_not_said_any_more_need_a_new_run(situation: Situation, pull: Pull) -> None:
    publish(situation, pull, plan(pull, annotations=3))
    publish(situation, pull, plan(pull, annotations=2))
    assert [len(each.annotations) for each in situation.repo.checks] == [3, 2]
    publish(situation, pull, plan(pull, annotations=2))
    assert [len(each.annotations) for each in situation.repo.checks] == [3, 2], (
        "the newest one is gone on with"
    )


def test_what_is_refused_does_not_keep_the_check_back(situation: Situation, pull: Pull) -> None:
    situation.github.faults.missing_permission("POST", "/repos/*/reviews", "pull_requests=write")
    with pytest.raises(Refused, match=r"reviewing #1.*pull_requests: write"):
        publish(situation, pull, plan(pull, 3))
    assert len(situation.repo.checks) == 1


def test_a_locked_conversation_gets_the_check_alone(situation: Situation, pull: Pull) -> None:
    said = "Unable to create review: the conversation is locked"
    situation.github.faults.status("POST", "/repos/*/reviews", 403, said)
    lines = publish(situation, pull, plan(pull, 3))
    assert any(said in each for each in lines)
    assert (pull.reviews, len(situation.repo.checks)) == ([], 1)


@pytest.mark.parametrize("lines", [(3,), (3, 5)])
def test_a_race_loses_no_comment(situation: Situation, pull: Pull, lines: tuple[int, ...]) -> None:
    situation.github.faults.empty_422("POST", "/repos/*/reviews")
    publish(situation, pull, plan(pull, *lines))
    assert spoken(pull) == [mark(each) for each in lines]
    assert [each.state for each in pull.reviews] == ["COMMENTED"]


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("fault", [failing_before, failing_after])
def test_a_failing_write_is_made_good(situation: Situation, pull: Pull, number: int, fault: object) -> None:
    publish(situation, pull, plan(pull, 30))
    (over,) = pull.threads
    pull.push({"new.py": LINES + "more\n"})
    situation.github.faults.add(fault(number))  # type: ignore[operator]
    with situation.client() as client:
        threads = client.review_threads(pull.number)
    what = plan(pull, 3, 99, 5, resolve=(over.node_id,))
    for _ in range(2):
        try:
            with situation.client() as client:
                publish_review(client, what, view(pull), threads, sleep=situation.pauses.append)
            break
        except Passing:
            continue
    assert spoken(pull) == [mark(30), mark(3), mark(5)]
    assert [each.state for each in pull.reviews] == ["COMMENTED", "COMMENTED"]
    assert over.resolved
    assert len(situation.repo.check_runs(pull.head_sha)) == 1


@pytest.mark.parametrize("number", range(8))
def test_stopped_anywhere_it_is_gone_on_with(situation: Situation, pull: Pull, number: int) -> None:
    what = plan(pull, 3, 99, 5, annotations=60)
    try:
        publish(situation, pull, what, number)
    except Died:
        publish(situation, pull, what)
    assert spoken(pull) == [mark(3), mark(5)]
    assert [each.state for each in pull.reviews] == ["COMMENTED"]
    (run,) = situation.repo.checks
    assert [each["message"] for each in run.annotations] == [f"no. {each}" for each in range(60)]
    assert "`new.py`, line 99" in (run.summary or "")
