"""The process dies after each write of each command: run again, it ends as it would have ended, with one answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from bot.commands.run import run_command
from bot.events.work import RunCommand
from bot.plan.marker import comment_key, read_marker
from bot.services import Services
from tests.bot.publish.interruptions import Died, dying
from tests.end_to_end.world import NOTHING, RACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.events.work import Repository
    from bot.github.client import RepositoryClient
    from tests.bot.commands.conftest import Talk
    from tests.github.records import Issue


@dataclass(frozen=True)
class Mortal(Services):
    """The service of a process that dies after its write with this number, from 0."""

    number: int = 0

    def connect(self, repository: Repository) -> RepositoryClient:
        """A client for one job."""
        return dying(super().connect(repository), self.number)


def _person_s(talk: Talk) -> Issue:
    return talk.opened({"shop/race2.py": RACE})


def _own(talk: Talk) -> Issue:
    talk.update()
    talk.repo.push("main", {"shop/plain.py": NOTHING + b"\n\nx = 1\n"})
    return next(each for each in talk.repo.pulls if each.branch.startswith("patchwright/atomic"))


def _taken_over(talk: Talk) -> Issue:
    pull = _own(talk)
    talk.repo.push("patchwright/atomic-redis", {"shop/plain.py": b"mine = 1\n"})
    return pull


def _declined(talk: Talk) -> Issue:
    pull = _own(talk)
    talk.repo.close_pull(talk.repo.pull(pull.number), talk.world.github.account("person"))
    talk.update()
    return pull


def _issue(talk: Talk) -> Issue:
    return talk.repo.open_issue("A question")


STORIES: dict[str, tuple[Callable[[Talk], Issue], str]] = {
    "fix on a person's": (_person_s, "/patchwright fix"),
    "recreate": (_taken_over, "/patchwright recreate"),
    "decline": (_own, "/patchwright ignore atomic-redis"),
    "unignore": (_declined, "/patchwright unignore"),
    "switch off": (_issue, "/patchwright ignore atomic-redis repo\n/patchwright pause\n/patchwright help"),
}
_MOST_WRITES = 30


@pytest.mark.parametrize("name", STORIES)
def test_dying_after_any_write(make: Callable[..., Talk], name: str) -> None:
    wanted = _told(make, name, None)[0]
    for number in range(_MOST_WRITES):
        outcome, died = _told(make, name, number)
        if not died:
            break
        assert outcome == wanted, number
    else:
        pytest.fail("it writes on and on")
    assert number > 1


def _told(make: Callable[..., Talk], name: str, number: int | None) -> tuple[object, bool]:
    """What a new repository is like after the story's comment; whether the process died on the way."""
    before, body = STORIES[name]
    talk = make(race=RACE)
    where = before(talk)
    comment = where.comment(body, "maintainer")
    services = talk.world.services
    work = RunCommand(
        repository=talk.world.named(talk.repo),
        number=where.number,
        comment=comment.id,
        review=False,
        is_pull=hasattr(where, "head"),
        body=body,
        sender="maintainer",
        reason="test",
    )
    died = False
    if number is not None:
        try:
            run_command(
                "gh-1",
                work,
                Mortal(
                    services.settings, services.database, services.pool, services.forget_workflows, number
                ),
            )
        except Died:
            died = True
    run_command("gh-1", work, services)
    return _outcome(talk, comment.id), died


def _outcome(talk: Talk, comment: int) -> object:
    keys = Counter(
        (comment_key(each.body) or "").replace(str(comment), "ID")
        for issue in talk.repo.issues.values()
        for each in issue.comments
        if each.user.login == "patchwright[bot]"
    )
    pulls = [
        (each.branch, each.base, each.state, getattr(read_marker(each.body or ""), "settled", None))
        for each in talk.repo.pulls
    ]
    trees = {
        branch: talk.repo.git.text("rev-parse", f"{sha}^{{tree}}")
        for branch, sha in talk.repo.branches().items()
    }
    depth = {
        branch: talk.repo.git.text("rev-list", "--count", sha) for branch, sha in talk.repo.branches().items()
    }
    return keys, pulls, trees, depth
