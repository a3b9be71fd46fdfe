"""Fixes on people's pull requests, by command and by button."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Passing
from tests.end_to_end.world import CLIENT, DUMP, NOTHING, RACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bot.commands.conftest import Talk


def test_one_commit_on_the_head_for_what_the_pull_request_brings(make: Callable[..., Talk]) -> None:
    talk = make(dump=DUMP)
    pull = talk.opened({"shop/race.py": RACE})
    head = pull.head_sha
    said = talk.say(pull, "/patchwright fix")
    assert pull.head_sha in said
    assert "puts 1 place right" in said
    assert talk.repo.git.text("rev-parse", f"{pull.head_sha}^") == head
    changed = talk.repo.git.text("diff", "--name-only", head, pull.head_sha).split()
    assert changed == ["shop/race.py"], "what was there before is not touched"
    message = talk.repo.log(pull.branch)[0]
    assert f"maintainer asked for it in pull request {pull.number}." in " ".join(message.split())
    assert "Patchwright-Patch: " in message
    assert "brings nothing" in talk.say(pull, "/patchwright fix")


def test_only_the_rule_that_was_named(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE, "shop/dump.py": DUMP})
    talk.say(pull, "/patchwright fix secretstr")
    assert talk.repo.file("shop/race.py", "topic") == RACE
    assert talk.repo.file("shop/dump.py", "topic") != DUMP
    assert "`lazy-client`" in talk.say(pull, "/patchwright fix lazy-client")


def test_several_rules_in_one_commit(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE, "shop/dump.py": DUMP})
    head = pull.head_sha
    assert "puts 2 places right" in talk.press(pull, "apply")
    assert talk.repo.git.text("rev-parse", f"{pull.head_sha}^") == head
    assert talk.repo.log("topic")[0].startswith("Fix what Patchwright found at 2 places")


def test_what_stays_is_said(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/client.py": CLIENT})
    before = pull.head_sha
    said = talk.press(pull, "apply")
    if pull.head_sha == before:
        assert "Left as they are" in said
        assert "shop/client.py:" in said


def test_a_rule_that_is_off(make: Callable[..., Talk]) -> None:
    talk = make({".github/patchwright.yml": b"rules:\n  atomic-redis: off\n"})
    pull = talk.opened({"shop/race.py": RACE})
    assert "switched off" in talk.say(pull, "/patchwright fix atomic-redis")
    assert "brings nothing" in talk.say(pull, "/patchwright fix")


def test_a_push_in_between_is_kept_and_nothing_is_written(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE})

    def push() -> None:
        talk.repo.push("topic", {"shop/plain.py": b"mine = 1\n"})

    talk.world.github.faults.meanwhile("POST", "/repos/*/git/commits", push)
    said = talk.say(pull, "/patchwright fix")
    assert "not done" in said
    assert "in between" in said
    assert talk.repo.file("shop/plain.py", "topic") == b"mine = 1\n"
    assert talk.repo.file("shop/race.py", "topic") == RACE


def test_the_button_of_an_older_head(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE})
    old = pull.head_sha
    new = talk.repo.push("topic", {"shop/plain.py": b"mine = 1\n"})
    said = talk.press(pull, "apply", head=old)
    assert "older commit" in said
    assert new[:10] in said
    assert pull.head_sha == new


def test_a_fork_is_not_pushed_to(make: Callable[..., Talk]) -> None:
    talk = make()
    fork = talk.repo.forked(f"stranger{talk.repo.id}")
    fork.push("fix", {"shop/race.py": RACE})
    pull = talk.repo.open_pull("fix", by="stranger", fork=fork, maintainer_can_modify=True)
    for said in (talk.say(pull, "/patchwright fix"), talk.press(pull, "apply"), talk.press(pull, "open")):
        assert "lies in a fork" in said


def test_another_bots_branch_is_left_to_it(make: Callable[..., Talk]) -> None:
    talk = make()
    talk.repo.push("deps", {"shop/race.py": RACE})
    pull = talk.repo.open_pull("deps", by="updates[bot]")
    head = pull.head_sha
    assert "A bot opened" in talk.say(pull, "/patchwright fix")
    assert pull.head_sha == head


def test_open_as_pull_request(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE})
    head = pull.head_sha
    said = talk.press(pull, "open")
    made = talk.own
    assert f"#{made.number} into `topic`" in said
    assert (made.branch, made.base) == (f"patchwright/fixes-for-{pull.number}", "topic")
    assert pull.head_sha == head
    assert "shop/race.py:7" in (made.body or "")
    assert "maintainer asked for this" in (made.body or "")
    talk.update()
    assert made.open, "a run over the default branch leaves it alone"
    assert made.branch in talk.repo.branches()
    talk.press(pull, "open")
    assert len(talk.repo.pulls) == 2, "a second press finds the first one's"
    made.merge()
    assert talk.repo.file("shop/race.py", "topic") != RACE


def test_a_press_that_is_delivered_twice_does_it_once(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE})
    talk.press(pull, "apply", job="gh-one")
    assert talk.press(pull, "apply", job="gh-one") == ""
    assert "brings nothing" in talk.press(pull, "apply", job="gh-two")


@pytest.mark.parametrize("how", ["command", "button"])
def test_what_was_pushed_before_a_crash_is_answered_then(make: Callable[..., Talk], how: str) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE})
    head = pull.head_sha
    faults = talk.world.github.faults
    faults.status("POST", "/repos/*/comments", 502, times=5)
    comment = pull.comment("/patchwright fix", "maintainer") if how == "command" else None
    with pytest.raises(Passing):
        talk.run(pull, comment) if comment else talk.press(pull, "apply", head=head, job="gh-cut")
    faults.clear()
    pushed = pull.head_sha
    assert pushed != head
    if comment:
        talk.run(pull, comment)
    else:
        talk.press(pull, "apply", head=head, job="gh-cut")
    assert pull.head_sha == pushed
    assert "done" in pull.comments[-1].body
    assert pushed in pull.comments[-1].body


def test_who_may_not_write_is_refused_at_the_button(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE})
    head = pull.head_sha
    assert "people who may write" in talk.press(pull, "apply", by="stranger")
    assert pull.head_sha == head


def test_a_branch_that_github_protects(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE})
    talk.world.github.faults.graphql_error("Cannot update this protected ref.", "updateRefs", times=None)
    said = talk.say(pull, "/patchwright fix")
    assert "not done" in said
    assert "protected" in said


def test_paused(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE})
    talk.say(pull, "/patchwright pause")
    head = pull.head_sha
    assert "is paused" in talk.press(pull, "apply")
    assert "is paused" in talk.say(pull, "/patchwright fix")
    assert pull.head_sha == head


def test_a_closed_pull_request(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE, "shop/plain.py": NOTHING})
    pull.close()
    assert "not open" in talk.say(pull, "/patchwright fix")
