"""Commands on the App's own pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.end_to_end.world import CLIENT, DUMP, NOTHING, RACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bot.commands.conftest import Talk


def test_rebase_makes_the_branch_anew_though_the_patch_is_the_same(make: Callable[..., Talk]) -> None:
    talk = make(race=RACE)
    talk.update()
    pull = talk.own
    before = pull.head_sha
    tip = talk.repo.push("main", {"shop/plain.py": NOTHING + b"\n\nx = 1\n"})
    talk.update()
    assert pull.head_sha == before, "an identical patch is not pushed again by itself"
    said = talk.say(pull, "/patchwright rebase")
    assert pull.head_sha != before
    assert talk.repo.git.text("rev-parse", f"{pull.head_sha}^") == tip
    assert f"/commit/{pull.head_sha}" in said
    assert "on the tip of `main` already" in talk.say(pull, "/patchwright rebase")


def test_rebase_is_not_over_a_person_s_commit_and_recreate_is(make: Callable[..., Talk]) -> None:
    talk = make(race=RACE)
    talk.update()
    pull = talk.own
    theirs = talk.repo.push(pull.branch, {"shop/plain.py": b"y = 1\n"})
    said = talk.say(pull, "/patchwright rebase")
    assert "not done" in said
    assert theirs in said
    assert pull.head_sha == theirs
    assert "is not mine" in talk.say(pull, "/patchwright fix")
    said = talk.say(pull, "/patchwright recreate")
    assert f"git cherry-pick {theirs}" in said
    assert pull.head_sha != theirs
    assert talk.repo.git.text("rev-parse", f"{pull.head_sha}^") == talk.repo.tip
    assert talk.repo.file("shop/plain.py", pull.branch) == NOTHING


def test_a_push_in_between_is_not_lost(make: Callable[..., Talk]) -> None:
    talk = make(race=RACE)
    talk.update()
    pull = talk.own
    talk.repo.push("main", {"shop/plain.py": b"x = 1\n"})
    branch = pull.branch

    def push() -> None:
        talk.repo.push(branch, {"shop/plain.py": b"mine = 1\n"})

    talk.world.github.faults.meanwhile("POST", "/repos/*/git/commits", push)
    said = talk.say(pull, "/patchwright rebase")
    assert talk.repo.file("shop/plain.py", branch) == b"mine = 1\n"
    assert "not done" in said
    assert "is not mine" in said


def test_rebase_and_recreate_are_for_the_apps_own(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/more.py": NOTHING})
    for each in ("rebase", "recreate"):
        assert "opened" in talk.say(pull, f"/patchwright {each}")
        assert "opened" in talk.say(talk.repo.open_issue("A question"), f"/patchwright {each}")


def test_rebase_of_a_closed_one(make: Callable[..., Talk]) -> None:
    talk = make(race=RACE)
    talk.update()
    pull = talk.own
    pull.close()
    assert "unignore" in talk.say(pull, "/patchwright rebase")


def test_rebase_where_nothing_is_left(make: Callable[..., Talk]) -> None:
    talk = make(race=RACE)
    talk.update()
    pull = talk.own
    talk.repo.push("main", {"shop/race.py": NOTHING})
    assert "this pull request is closed" in talk.say(pull, "/patchwright rebase")
    assert not pull.open


def test_ignore_declines_and_unignore_offers_again(make: Callable[..., Talk]) -> None:
    talk = make(race=RACE)
    talk.update()
    pull = talk.own
    assert "This pull request is about `atomic-redis`" in talk.say(pull, "/patchwright ignore secretstr")
    said = talk.say(pull, "/patchwright ignore atomic-redis")
    assert "1 place of `atomic-redis` will not be offered again" in said
    assert not pull.open
    talk.repo.push("main", {"shop/plain.py": b"x = 1\n"})
    talk.update()
    assert [each for each in talk.repo.pulls if each.open] == []
    said = talk.say(pull, "/patchwright unignore")
    assert f"What was declined with #{pull.number} is offered again" in said
    assert f"Opened: #{talk.own.number}" in said
    assert "asked-again" in (pull.body or "")
    assert talk.own.number != pull.number
    assert "nothing to do" in talk.say(pull, "/patchwright unignore")


def test_ignore_makes_room_for_the_next(make: Callable[..., Talk]) -> None:
    talk = make({".github/patchwright.yml": b"max-open-pull-requests: 1\n"}, race=RACE, dump=DUMP)
    talk.update()
    first = talk.own
    rule = first.branch.removeprefix("patchwright/")
    talk.say(first, f"/patchwright ignore {rule}")
    assert talk.own.branch != first.branch


def test_unignore_of_one_rule(make: Callable[..., Talk]) -> None:
    talk = make(race=RACE, dump=DUMP)
    talk.update()
    for pull in list(talk.repo.pulls):
        pull.close()
    talk.update()
    issue = talk.repo.open_issue("A question")
    said = talk.say(issue, "/patchwright unignore atomic-redis")
    assert talk.own.branch.startswith("patchwright/atomic-redis")
    assert f"#{talk.own.number}" in said
    assert "No pull request of `lazy-client`" in talk.say(issue, "/patchwright unignore lazy-client")


def test_fix_brings_up_to_date(make: Callable[..., Talk]) -> None:
    talk = make(race=RACE)
    issue = talk.repo.open_issue("A question")
    said = talk.say(issue, "/patchwright fix")
    assert f"#{talk.own.number}" in said
    pull = talk.own
    talk.repo.push("main", {"shop/race2.py": RACE})
    assert "up to date" in talk.say(pull, "/patchwright fix")
    assert talk.repo.file("shop/race2.py", pull.branch) != RACE


def test_status(make: Callable[..., Talk]) -> None:
    talk = make(
        {".github/patchwright.yml": b"max-open-pull-requests: 1\n"}, race=RACE, dump=DUMP, client=CLIENT
    )
    issue = talk.repo.open_issue("A question")
    assert "none is remembered" in talk.say(issue, "/patchwright status")
    talk.update()
    said = talk.say(issue, "/patchwright status")
    assert f"#{talk.own.number}" in said
    assert "waits until one of the others is merged or closed" in said
    assert ".github/patchwright.yml" in said
    assert "findings in" in said
    before = len(talk.repo.pulls)
    talk.own.close()
    said = talk.say(issue, "/patchwright status")
    assert "by closing #" in said
    assert len(talk.repo.pulls) == before, "asking changes nothing"
    talk.repo.push("main", {".github/patchwright.yml": b"max-open: 1\n"})
    assert "can't be used" in talk.say(issue, "/patchwright status")


def test_resume_does_what_was_left_undone(make: Callable[..., Talk]) -> None:
    talk = make(race=RACE)
    issue = talk.repo.open_issue("A question")
    talk.say(issue, "/patchwright pause")
    talk.update()
    assert talk.repo.pulls == []
    talk.say(issue, "/patchwright resume")
    assert talk.own.open
