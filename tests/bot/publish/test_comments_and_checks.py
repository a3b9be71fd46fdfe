"""Comments and check runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.plan.actions import Annotation, Comment, ReportCheck
from bot.plan.marker import comment_key, comment_marker
from bot.publish.lengths import shortened, shortened_bytes, shortened_title
from tests.bot.publish.situation import opening

if TYPE_CHECKING:
    from tests.bot.publish.situation import Situation


def _check(situation: Situation, **more: object) -> ReportCheck:
    given = {"title": "Wrong", "summary": "See the lines.", "conclusion": "failure", **more}
    return ReportCheck(situation.repo.tip, "patchwright", "config-1", **given)  # type: ignore[arg-type]


def test_a_comment_is_said_once_for_its_key(situation: Situation) -> None:
    situation.publish([opening(situation.repo.tip)])
    first, second = Comment(1, "hello", "Hello."), Comment(1, "hello", "Hello again.")
    assert situation.publish([first]) == ["#1: commented (hello)"]
    assert situation.publish([second]) == ["#1: had the comment already (hello)"]
    assert situation.publish([Comment(1, "bye", f"Bye.\n\n{comment_marker('bye')}")]) == [
        "#1: commented (bye)"
    ]
    assert [comment_key(each.body) for each in situation.pull.comments] == ["hello", "bye"]


def test_a_person_who_copies_a_marker_silences_nothing(situation: Situation) -> None:
    situation.publish([opening(situation.repo.tip)])
    situation.pull.comment(f"Copied\n\n{comment_marker('hello')}\n")
    situation.publish([Comment(1, "hello", "Hello.")])
    assert [each.user.login for each in situation.pull.comments] == ["person", "patchwright[bot]"]


def test_a_long_comment_keeps_its_marker(situation: Situation) -> None:
    situation.publish([opening(situation.repo.tip)])
    situation.publish([Comment(1, "long", "word " * 20_000)])
    (said,) = situation.pull.comments
    assert len(said.body) == 65_536
    assert comment_key(said.body) == "long"


def test_a_check_is_completed_when_it_is_made(situation: Situation) -> None:
    situation.publish([_check(situation, annotations=(Annotation("a.yml", 3, "Unknown key"),))])
    (run,) = situation.repo.checks
    assert (run.status, run.conclusion, run.title) == ("completed", "failure", "Wrong")
    (note,) = run.annotations
    assert (note["path"], note["start_line"], note["message"]) == ("a.yml", 3, "Unknown key")
    assert note["annotation_level"] == "failure"


def test_many_annotations_go_in_several_requests(situation: Situation) -> None:
    notes = tuple(Annotation("a.yml", line, f"mistake {line}") for line in range(1, 121))
    situation.publish([_check(situation, annotations=notes)])
    situation.publish([_check(situation, annotations=notes)])
    (run,) = situation.repo.checks
    assert [each["message"] for each in run.annotations] == [f"mistake {line}" for line in range(1, 121)]


def test_a_check_is_brought_up_to_date(situation: Situation) -> None:
    situation.publish([_check(situation)])
    situation.publish([_check(situation, conclusion="neutral", summary="Better.")])
    (run,) = situation.repo.checks
    assert (run.conclusion, run.summary) == ("neutral", "Better.")


def test_another_external_id_is_another_check(situation: Situation) -> None:
    situation.publish([_check(situation)])
    situation.publish([ReportCheck(situation.repo.tip, "patchwright", "other", "success", "Right", "Fine.")])
    assert [each.external_id for each in situation.repo.checks] == ["config-1", "other"]


def test_what_is_too_long_for_a_check_is_shortened(situation: Situation) -> None:
    notes = (Annotation("a.yml", 0, "é" * 40_000, level="unheard-of"),)
    situation.publish([_check(situation, title="t" * 400, summary="日本 " * 30_000, annotations=notes)])
    (run,) = situation.repo.checks
    assert len((run.summary or "").encode()) <= 65_535
    assert len(run.title or "") <= 256
    (note,) = run.annotations
    assert (note["start_line"], note["annotation_level"]) == (1, "failure")
    assert len(note["message"].encode()) <= 64_000


def test_the_middle_is_left_out() -> None:
    assert shortened("abc", 3) == "abc"
    long = shortened("a" * 50 + "b" * 50, 41)
    assert (len(long), long[:13], long[-13:]) == (41, "a" * 13, "b" * 13)
    assert len(shortened_title("x" * 257)) == 256
    for length in range(40, 60):
        data = shortened_bytes("é" * 40, length).encode()
        assert len(data) <= length
        assert "�" not in data.decode()
