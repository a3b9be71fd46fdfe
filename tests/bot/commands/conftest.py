"""Commands on the stand-in: people comment, press buttons, and read what comes of it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from bot.commands.parse import commands
from bot.commands.run import run_command
from bot.events.work import PressButton, RunCommand, UpdateBranch
from bot.jobs.press_button import press_button
from bot.jobs.update_branch import update_branch
from tests.bot.jobs.conftest import running, world  # noqa: F401 - fixtures
from tests.end_to_end.world import NOTHING

if TYPE_CHECKING:
    from bot.jobs.outcome import Done
    from tests.bot.jobs.conftest import World
    from tests.github.records import Comment, Issue, Pull
    from tests.github.repositories import Repo
    from tests.github.review_records import ReviewThread

_jobs = itertools.count(1)


@dataclass
class Talk:
    """One repository, and what people say in it."""

    world: World
    repo: Repo

    def update(self) -> Done:
        """What a push to the default branch would do."""
        work = UpdateBranch(repository=self.world.named(self.repo), reason="test")
        return update_branch(f"job-{next(_jobs)}", work, self.world.services)

    def say(self, where: Issue, body: str, by: str = "maintainer") -> str:
        """A person comments, and the answers to that come back as one text."""
        comment = where.comment(body, by)
        before = len(where.comments)
        self.run(where, comment)
        answers = [each.body for each in where.comments[before:]]
        assert [commands(each, "patchwright", ()) for each in answers] == [()] * len(answers), (
            "it told itself"
        )
        return "\n".join(answers)

    def run(self, where: Issue, comment: Comment, *, last: bool = False) -> Done:
        """The comment's delivery is worked on; ``last`` for the last time, if it can't be done."""
        return self._run(where, comment, review=False, last=last)

    def reply(self, thread: ReviewThread, body: str, by: str = "maintainer") -> str:
        """As ``say``, in the thread of a review."""
        comment = thread.reply(body, by)
        before = len(thread.comments)
        self._run(thread.pull, comment, review=True)
        return "\n".join(each.body for each in thread.comments[before:])

    def _run(self, where: Issue, comment: Comment, *, review: bool, last: bool = False) -> Done:
        work = RunCommand(
            repository=self.world.named(self.repo),
            number=where.number,
            comment=comment.id,
            review=review,
            is_pull=hasattr(where, "head"),
            body=comment.body,
            sender=comment.user.login,
            reason="test",
        )
        return run_command(f"gh-{next(_jobs)}", work, self.world.services, last=last)

    def press(
        self, pull: Pull, identifier: str, by: str = "maintainer", *, head: str = "", job: str = ""
    ) -> str:
        """A person presses a button of the check on the head; the answers."""
        work = PressButton(
            repository=self.world.named(self.repo),
            number=pull.number,
            head_sha=head or pull.head_sha,
            check_run=1,
            identifier=identifier,
            sender=by,
            reason="test",
        )
        before = len(pull.comments)
        press_button(job or f"gh-{next(_jobs)}", work, self.world.services)
        return "\n".join(each.body for each in pull.comments[before:])

    def opened(self, files: dict[str, bytes], branch: str = "topic") -> Pull:
        """A person's pull request with these files."""
        self.repo.push(branch, dict(files))
        return self.repo.open_pull(branch)

    @property
    def own(self) -> Pull:
        """The only open pull request of the App's."""
        (pull,) = [each for each in self.repo.pulls if each.open and each.user.login == "patchwright[bot]"]
        return pull


@pytest.fixture
def make(world: World):  # noqa: F811
    """Makes a repository with these modules of ``shop``, where ``maintainer`` may write."""

    def made(files: dict[str, bytes] | None = None, **modules: bytes) -> Talk:
        contents = {"shop/__init__.py": b"", "shop/plain.py": NOTHING, **(files or {})}
        repo = world.repository({**contents, **{f"shop/{name}.py": data for name, data in modules.items()}})
        repo.collaborator("maintainer", "maintain")
        return Talk(world, repo)

    return made
