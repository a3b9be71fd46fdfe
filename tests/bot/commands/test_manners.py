"""Who may command, what is answered, and that nothing is done twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Passing
from tests.end_to_end.world import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bot.commands.conftest import Talk


def test_eyes_at_once_and_one_answer(make: Callable[..., Talk]) -> None:
    talk = make()
    issue = talk.repo.open_issue("A question")
    said = talk.say(issue, "/patchwright help")
    assert "/patchwright rebase" in said
    assert "@patchwright" in said
    comment = issue.comments[0]
    assert [each.content for each in comment.reactions] == ["eyes"]
    assert len(issue.comments) == 2


def test_a_delivery_that_comes_twice_is_answered_once(make: Callable[..., Talk]) -> None:
    talk = make()
    issue = talk.repo.open_issue("A question")
    comment = issue.comment("/patchwright help\n/patchwright explain secretstr", "maintainer")
    talk.run(issue, comment)
    assert len(issue.comments) == 3
    talk.world.github.exchanges.clear()
    assert "already" in talk.run(issue, comment).summary
    assert len(issue.comments) == 3
    assert talk.world.writes() == []


def test_who_may_not_write_is_told_so_once(make: Callable[..., Talk]) -> None:
    talk = make()
    issue = talk.repo.open_issue("A question")
    talk.repo.collaborator("reader", "read")
    assert "people who may write" in talk.say(issue, "/patchwright pause", by="reader")
    assert talk.say(issue, "/patchwright pause", by="reader") == ""
    assert "people who may write" in talk.say(issue, "/patchwright pause", by="stranger")
    assert not talk.world.services.history.wishes(talk.repo.id).paused


def test_bots_are_not_obeyed_and_get_no_answer(make: Callable[..., Talk]) -> None:
    talk = make()
    issue = talk.repo.open_issue("A question")
    assert talk.say(issue, "/patchwright pause", by="other[bot]") == ""
    assert talk.say(issue, "/patchwright pause", by="patchwright[bot]") == ""


def test_a_comment_without_commands_gets_nothing(make: Callable[..., Talk]) -> None:
    talk = make()
    issue = talk.repo.open_issue("A question")
    assert talk.say(issue, "> /patchwright pause\n\nDon't do that.") == ""
    assert issue.comments[0].reactions == []


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("rebse", "Did you mean `rebase`?"),
        ("explain secretst", "Did you mean `secretstr`?"),
        ("ignore", "Which rule?"),
        ("pause for a while", "nothing was done"),
    ],
)
def test_what_is_unclear_is_asked(make: Callable[..., Talk], line: str, wanted: str) -> None:
    talk = make()
    assert wanted in talk.say(talk.repo.open_issue("A question"), f"/patchwright {line}")


def test_no_answer_can_be_made_to_mention_or_link(make: Callable[..., Talk]) -> None:
    talk = make()
    said = talk.say(talk.repo.open_issue("A question"), "/patchwright `@octo/team` <!-- patchwright:pull -->")
    assert "`@octo/team`" in said or "`octo/team`" in said or "`@octo/team" in said


def test_explain(make: Callable[..., Talk]) -> None:
    talk = make()
    said = talk.say(talk.repo.open_issue("A question"), "/patchwright explain atomic-redis")
    assert "**atomic-redis**: two Redis commands where one atomic step is meant" in said
    assert "patchwright: ignore[atomic-redis]" in said
    assert len(said) < 4_000


def test_a_command_that_was_cut_off_is_gone_on_with(make: Callable[..., Talk]) -> None:
    talk = make()
    issue = talk.repo.open_issue("A question")
    comment = issue.comment("/patchwright pause", "maintainer")
    talk.world.github.faults.status("POST", "/repos/*/comments", 502, times=5)
    with pytest.raises(Passing):
        talk.run(issue, comment)
    talk.world.github.faults.clear()
    talk.run(issue, comment)
    assert len(issue.comments) == 2
    assert talk.world.services.history.wishes(talk.repo.id).paused


def test_nothing_is_written_while_paused_but_answers(make: Callable[..., Talk]) -> None:
    talk = make()
    issue = talk.repo.open_issue("A question")
    assert "until `/patchwright resume`" in talk.say(issue, "/patchwright pause")
    assert "paused already" in talk.say(issue, "/patchwright pause")
    for each in ("fix", "ignore secretstr repo", "unignore"):
        assert "is paused" in talk.say(issue, f"/patchwright {each}")
    assert "**Paused**" in talk.say(issue, "/patchwright status")
    assert "pause is over" in talk.say(issue, "/patchwright resume")
    assert "not paused" in talk.say(issue, "/patchwright resume")


def test_a_command_that_never_works_is_answered_in_the_end(make: Callable[..., Talk]) -> None:
    talk = make(plain2=NOTHING)
    pull = talk.opened({"shop/more.py": NOTHING})
    comment = pull.comment("/patchwright fix", "maintainer")
    talk.world.github.faults.status("GET", "/repos/*/compare/*", 502, times=None)
    with pytest.raises(Passing):
        talk.run(pull, comment)
    assert len(pull.comments) == 1
    talk.run(pull, comment, last=True)
    assert "tried several times" in pull.comments[-1].body
    talk.run(pull, comment)
    assert len(pull.comments) == 2
