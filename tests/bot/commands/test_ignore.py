"""``ignore`` on people's pull requests and in issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.end_to_end.world import NOTHING, RACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bot.commands.conftest import Talk
    from tests.github.records import Pull
    from tests.github.review_records import ReviewThread


def thread(talk: Talk, pull: Pull, line: int = 8, **more: Any) -> ReviewThread:
    """A review's thread at a line of ``shop/race.py``."""
    comment = {"path": "shop/race.py", "line": line, "side": "RIGHT", "body": "Hm?", **more}
    talk.repo.create_review(pull, talk.world.github.account("person"), "COMMENT", "", [comment])
    return pull.threads[-1]


def test_here_in_a_thread(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE})
    head = pull.head_sha
    said = talk.reply(thread(talk, pull), "/patchwright ignore atomic-redis")
    assert pull.head_sha in said
    assert talk.repo.git.text("rev-parse", f"{pull.head_sha}^") == head
    assert b"hits = client.incr(key)  # patchwright" not in talk.repo.file("shop/race.py", "topic")  # type: ignore[operator]
    assert b"client.expire(key, 60)  # patchwright: ignore[atomic-redis]\n" in (
        talk.repo.file("shop/race.py", "topic") or b""
    )
    assert "brings nothing" in talk.say(pull, "/patchwright fix"), "the comment silences what was found"
    assert "already" in talk.reply(thread(talk, pull), "/patchwright ignore atomic-redis here")


def test_the_answer_to_a_reply_stands_in_its_thread_once(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE})
    place = thread(talk, pull)
    comment = place.reply("/patchwright ignore atomic-redis", "maintainer")
    talk._run(pull, comment, review=True)
    talk._run(pull, comment, review=True)
    assert len(place.comments) == 3
    assert [each.content for each in comment.reactions] == ["eyes"]
    assert pull.comments == []


def test_a_file(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE})
    talk.reply(thread(talk, pull), "/patchwright ignore atomic-redis file")
    assert (talk.repo.file("shop/race.py", "topic") or b"").startswith(
        b"# patchwright: ignore-file[atomic-redis]\n\nimport redis\n"
    )
    assert "brings nothing" in talk.say(pull, "/patchwright fix")


def test_a_line_that_is_gone(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE})
    place = thread(talk, pull)
    pull.push({"shop/race.py": NOTHING})
    assert "gone" in talk.reply(place, "/patchwright ignore atomic-redis")


def test_a_line_that_the_pull_request_deletes(make: Callable[..., Talk]) -> None:
    talk = make(race=RACE)
    pull = talk.opened({"shop/race.py": RACE.replace(b"    hits = client.incr(key)\n", b"    hits = 1\n")})
    place = thread(talk, pull, 7, side="LEFT")
    assert "gone" in talk.reply(place, "/patchwright ignore atomic-redis")


def test_where_no_line_is_known(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE})
    assert "Where?" in talk.say(pull, "/patchwright ignore atomic-redis")
    assert "can't tell which line" in talk.say(pull, "/patchwright ignore atomic-redis here")
    assert "ignore-file[" in talk.say(talk.repo.open_issue("Hm"), "/patchwright ignore atomic-redis file")


def test_a_fork_is_told_what_to_write(make: Callable[..., Talk]) -> None:
    talk = make()
    fork = talk.repo.forked(f"stranger{talk.repo.id}")
    fork.push("fix", {"shop/race.py": RACE})
    pull = talk.repo.open_pull("fix", by="stranger", fork=fork)
    said = talk.reply(thread(talk, pull), "/patchwright ignore atomic-redis")
    assert "`# patchwright: ignore[atomic-redis]` on `shop/race.py:8`" in said


def test_a_protected_branch_gets_a_pull_request_into_it(make: Callable[..., Talk]) -> None:
    talk = make()
    pull = talk.opened({"shop/race.py": RACE})
    talk.world.github.faults.graphql_error("Cannot update this protected ref.", "updateRefs")
    said = talk.reply(thread(talk, pull), "/patchwright ignore atomic-redis")
    assert f"#{talk.own.number}" in said
    assert "protected" in said
    assert talk.own.base == "topic"
    assert b"ignore[atomic-redis]" in (talk.repo.file("shop/race.py", talk.own.branch) or b"")


def test_the_whole_repository(make: Callable[..., Talk]) -> None:
    talk = make({".github/patchwright.yml": b"# Ours.\nlabels: []  # none\n"}, race=RACE)
    talk.update()
    finding = talk.own
    issue = talk.repo.open_issue("A question")
    said = talk.say(issue, "/patchwright ignore atomic-redis repo")
    made = next(each for each in talk.repo.pulls if each.branch == "patchwright/ignore-atomic-redis")
    assert f"#{made.number}" in said
    assert made.base == "main"
    assert talk.repo.file(".github/patchwright.yml", made.branch) == (
        b"# Ours.\nlabels: []  # none\n\nrules:\n  atomic-redis: off\n"
    )
    talk.update()
    assert made.open
    assert made.branch in talk.repo.branches()
    assert "somebody asked for it" in talk.say(made, "/patchwright rebase")
    assert "about no rule" in talk.say(made, "/patchwright ignore atomic-redis")
    talk.say(issue, "/patchwright ignore atomic-redis repo")
    assert len(talk.repo.pulls) == 2
    made.merge()
    talk.update()
    assert not finding.open
    assert "already" in talk.say(issue, "/patchwright ignore atomic-redis repo")


def test_a_pull_request_that_switches_a_rule_off_is_no_rules(make: Callable[..., Talk]) -> None:
    talk = make(race=RACE)
    issue = talk.repo.open_issue("A question")
    talk.say(issue, "/patchwright ignore atomic-redis repo")
    made = talk.own
    made.close()
    talk.update()
    assert talk.own.branch.startswith("patchwright/atomic-redis"), "its closing declines nothing"
    assert made.branch not in talk.repo.branches()


def test_a_configuration_that_is_broken(make: Callable[..., Talk]) -> None:
    talk = make({".github/patchwright.yml": b"label: []\n"})
    said = talk.say(talk.repo.open_issue("A question"), "/patchwright ignore atomic-redis repo")
    assert "has to be put right first" in said
    assert talk.repo.pulls == []


def test_scopes_on_the_apps_own(make: Callable[..., Talk]) -> None:
    talk = make(race=RACE)
    talk.update()
    assert "closes it for good" in talk.say(talk.own, "/patchwright ignore atomic-redis file")
    assert talk.own.open
