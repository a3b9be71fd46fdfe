"""What people do with pull requests, and what pushes do to them: a part of a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.github import hooks
from tests.github.bare import ZERO, GitError, Signature
from tests.github.records import Pull
from tests.github.review_places import follow

if TYPE_CHECKING:
    from tests.github.people import Account
    from tests.github.repositories import Repo

GITHUB = ("GitHub", "noreply@github.com")


class Pulling:
    """A mixin of ``Repo``."""

    def open_pull(
        self,
        head: str,
        base: str | None = None,
        title: str = "A change",
        body: str = "",
        by: str = "person",
        *,
        fork: Repo | None = None,
        draft: bool = False,
        maintainer_can_modify: bool = False,
    ) -> Pull:
        """A person opens a pull request between two branches; with ``fork`` its head is a branch of that."""
        who = self.github.account(by)
        return self.create_pull(
            head, base or self.default_branch, title, body, who, fork=fork, draft=draft,
            maintainer_can_modify=maintainer_can_modify,
        )  # fmt: skip

    def set_draft(self, pull: Pull, draft: bool, by: Account) -> None:
        """Make a pull request ready for review, or a draft again."""
        with self.lock:
            if pull.open and pull.draft != draft:
                pull.draft, pull.updated_at = draft, self.github.clock.iso()
                hooks.pull_request(self, by, pull, "converted_to_draft" if draft else "ready_for_review")

    def head_moved(self, pull: Pull, old: str, new: str, by: Account) -> None:
        """Its branch was pushed or deleted."""
        with self.lock:
            if new == ZERO:
                self.close_pull(pull, by)
                return
            self._set_head(pull, new)
            pull.updated_at = self.github.clock.iso()
            pull.base_sha = self.git.tip(pull.base) or pull.base_sha
            for thread in pull.threads:
                follow(self, thread)
            hooks.pull_request(self, by, pull, "synchronize", before=old, after=new)

    def _set_head(self, pull: Pull, sha: str) -> None:
        """Note a pull request's newest commit, and keep it as ``refs/pull/NUMBER/head``."""
        self.take_objects(pull.head_repository, sha)
        pull.head_sha = sha
        folder = self.path / "refs" / "pull" / str(pull.number)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "head.lock").write_text(f"{sha}\n")
        (folder / "head.lock").replace(folder / "head")

    def base_moved(self, pull: Pull, new: str, by: Account) -> None:
        """The branch it goes to was pushed: it is merged if its commits came with that."""
        if pull.head_sha != pull.base_sha and self.git.is_ancestor(pull.head_sha, new):
            self.set_merged(pull, by, new)

    def create_pull(
        self,
        head: str,
        base: str,
        title: str,
        body: str | None,
        by: Account,
        app: int | None = None,
        *,
        fork: Repo | None = None,
        draft: bool = False,
        maintainer_can_modify: bool = False,
    ) -> Pull:
        """Open a pull request; its branches must exist."""
        with self.lock:
            now = self.github.clock.iso()
            pull = Pull(
                self, self.github.next_id(), len(self.issues) + 1, title, body, by, now, now, app=app,
                head=head, base=base, base_sha=self.branches()[base], fork=fork, draft=draft,
                maintainer_can_modify=maintainer_can_modify,
            )  # fmt: skip
            self._set_head(pull, pull.head_repository.branches()[head])
            self.issues[pull.number] = pull
            self.hide("pull", pull.number)
            hooks.pull_request(self, by, pull, "opened")
            return pull

    def close_pull(self, pull: Pull, by: Account) -> None:
        """Close one that is open."""
        with self.lock:
            if pull.open:
                pull.state, pull.closed_at, pull.closed_by = "closed", self.github.clock.iso(), by
                pull.updated_at = pull.closed_at
                hooks.pull_request(self, by, pull, "closed")

    def reopen_pull(self, pull: Pull, by: Account) -> None:
        """Open one again that was closed without a merge."""
        with self.lock:
            if not pull.open and not pull.merged:
                pull.state, pull.closed_at, pull.closed_by = "open", None, None
                pull.updated_at = self.github.clock.iso()
                hooks.pull_request(self, by, pull, "reopened")

    def merge_pull(self, pull: Pull, by: Account, method: str = "merge", title: str | None = None) -> str:
        """Merge it with a real commit. Raises GitError if it is not open or has conflicts."""
        with self.lock:
            base = self.git.tip(pull.base)
            if not pull.open or base is None or not self.mergeable(base, pull.head_sha):
                raise GitError("Pull Request is not mergeable")
            tree = self.git.text("merge-tree", "--write-tree", base, pull.head_sha)
            who = Signature(by.login, by.email, int(self.github.clock.time()))
            committer = Signature(*GITHUB, who.when)
            parents = [base, pull.head_sha] if method == "merge" else [base]
            subject = (
                title
                or f"Merge pull request #{pull.number} from {pull.head_repository.owner.login}/{pull.head}"
            )
            if method != "merge":
                subject = title or f"{pull.title} (#{pull.number})"
            merge = self.git.write_commit(tree, parents, f"{subject}\n\n{pull.title}\n", who, committer)
            self.verified.add(merge)
            self.set_merged(pull, by, merge)
            self.move_refs([(f"refs/heads/{pull.base}", base, merge)], by)
            return merge

    def set_merged(self, pull: Pull, by: Account, merge: str) -> None:
        """Note that it is merged, and tell."""
        now = self.github.clock.iso()
        pull.state, pull.closed_at, pull.merged_at, pull.updated_at = "closed", now, now, now
        pull.merged_by = pull.closed_by = by
        pull.merge_commit_sha = merge
        hooks.pull_request(self, by, pull, "closed")
