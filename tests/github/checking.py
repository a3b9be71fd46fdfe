"""What people do with checks and the merge queue: the part of a repository that has to do with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.github import hooks, suites
from tests.github.bare import ZERO, Signature

if TYPE_CHECKING:
    from tests.github.people import Account
    from tests.github.records import CheckRun, Pull

QUEUE = "github-merge-queue[bot]"


@dataclass(frozen=True)
class MergeGroup:
    """Pull requests merged for trial on a branch of the merge queue; the branch is ``refs/heads/gh-readonly-queue/...``."""

    pulls: tuple[Pull, ...]
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str


class Checking:
    """A mixin of ``Repo``."""

    def press(self, run: CheckRun, identifier: str, by: str = "person") -> None:
        """A person presses a check run's button: ``check_run.requested_action``.

        Raises ValueError if the check run has no such button.
        """
        if identifier not in {each["identifier"] for each in run.actions}:
            raise ValueError(f"The check run has no button {identifier!r}.")
        action = {"requested_action": {"identifier": identifier}}
        hooks.check_run(self, self.github.account(by), run, "requested_action", **action)

    def rerequest(self, run: CheckRun, by: str = "person") -> None:
        """A person asks for a check run once more: ``check_run.rerequested``. The run itself stays as it is."""
        self.rerequest_run(run, self.github.account(by))

    def rerequest_run(self, run: CheckRun, by: Account) -> None:
        """Ask for a check run once more; its suite is queued again."""
        with self.lock:
            suites.suite_of(self, run.head_sha, run.app).rerequested = True
            hooks.check_run(self, by, run, "rerequested")

    def rerequest_suite(self, sha: str, by: str = "person") -> None:
        """A person asks for all checks of a commit once more: ``check_suite.rerequested`` to each App with some."""
        self.rerequest_suites([each for each in self.suites if each.head_sha == sha], self.github.account(by))

    def rerequest_suites(self, chosen: list[suites.CheckSuite], by: Account) -> None:
        """Queue suites again."""
        with self.lock:
            for each in chosen:
                each.rerequested = True
                suites.tell(self, by, each, "rerequested")

    def merge_group(self, *pulls: Pull, base: str | None = None) -> MergeGroup:
        """The merge queue tries pull requests: a real merge commit on a branch of its own.

        ``push`` and ``merge_group.checks_requested`` are sent. Raises GitError where they conflict.
        """
        with self.lock:
            branch = base or (pulls[0].base if pulls else self.default_branch)
            base_sha = tip = self.branches()[branch]
            bot = self.github.account(QUEUE)
            who = Signature(bot.login, bot.email, int(self.github.clock.time()))
            for pull in pulls:
                tree = self.git.text("merge-tree", "--write-tree", tip, pull.head_sha)
                subject = (
                    f"Merge pull request #{pull.number} from {pull.head_repository.owner.login}/{pull.head}"
                )
                tip = self.git.write_commit(
                    tree, [tip, pull.head_sha], f"{subject}\n\n{pull.title}\n", who, who
                )
            number = pulls[-1].number if pulls else 0
            head_ref = f"refs/heads/gh-readonly-queue/{branch}/pr-{number}-{base_sha}"
            group = MergeGroup(tuple(pulls), head_ref, tip, f"refs/heads/{branch}", base_sha)
            self.move_refs([(head_ref, ZERO, tip)], bot)
            self._tell_of_group(group, "checks_requested")
            return group

    def destroy_merge_group(self, group: MergeGroup, reason: str = "invalidated") -> None:
        """The queue is done with a group: ``merged`` (its pull requests are), ``dequeued`` or ``invalidated``."""
        with self.lock:
            bot = self.github.account(QUEUE)
            if reason == "merged":
                for pull in group.pulls:
                    self.set_merged(pull, bot, group.head_sha)
                self.move_refs([(group.base_ref, group.base_sha, group.head_sha)], bot)
            self._tell_of_group(group, "destroyed", reason=reason)
            self.move_refs([(group.head_ref, group.head_sha, ZERO)], bot)

    def _tell_of_group(self, group: MergeGroup, action: str, **more: Any) -> None:
        hooks.merge_group(self, self.github.account(QUEUE), group, action, **more)
