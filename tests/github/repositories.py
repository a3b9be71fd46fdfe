"""A repository: its bare git on disk, what is beside git in memory, and what people do to it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.github import forks, hooks, suites
from tests.github.bare import ZERO, Bare, Content, Signature
from tests.github.checking import Checking
from tests.github.diffs import ChangedFile, changed_files
from tests.github.people import node_id
from tests.github.pulling import Pulling
from tests.github.records import CheckRun, Comment, Issue, Label, Pull
from tests.github.reviewing import Reviewing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.github.people import Account
    from tests.github.server import StandIn


class Repo(Pulling, Reviewing, Checking):
    """One repository. Tests play the people: they push, merge, close, rename; each sends what GitHub would send."""

    def __init__(
        self, github: StandIn, number: int, owner: Account, name: str, git: Bare, branch: str
    ) -> None:
        self.github, self.id, self.owner, self.name, self.git = github, number, owner, name, git
        self.node_id = node_id("R", number)
        self.default_branch = branch
        self.private = self.archived = self.disabled = self.fork = False
        self.description: str | None = None
        self.created = self.pushed = github.clock.time()
        self.lock = threading.RLock()
        self.issues: dict[int, Issue] = {}
        self.labels: dict[str, Label] = {}
        self.checks: list[CheckRun] = []
        self.suites: list[suites.CheckSuite] = []
        self.verified: set[str] = set()
        self.collaborators: dict[str, str] = {}
        self._spans: dict[tuple[str, str], tuple[str, list[ChangedFile], int]] = {}
        self._merges: dict[tuple[str, str], bool] = {}
        self.parent: Repo | None = None
        self.deleted = False
        self.hidden: dict[tuple[str, str | int], int] = {}

    def __repr__(self) -> str:
        return f"<Repo {self.full_name}>"

    @property
    def full_name(self) -> str:
        """``owner/name``."""
        return f"{self.owner.login}/{self.name}"

    @property
    def path(self) -> Path:
        """The folder of the bare repository."""
        return self.git.path

    @property
    def git_url(self) -> str:
        """Where ``git clone`` and ``git push`` work over HTTP; pushing is as the login in it, here ``person``."""
        return self.github.url.replace("://", "://person:any@") + f"/{self.full_name}.git"

    # What tests look at

    @property
    def pulls(self) -> list[Pull]:
        """All pull requests, oldest first."""
        return [each for each in self.issues.values() if isinstance(each, Pull)]

    def pull(self, number: int) -> Pull:
        """The pull request with this number; KeyError if there is none."""
        found = self.issues[number]
        if not isinstance(found, Pull):
            raise KeyError(number)
        return found

    def branches(self) -> dict[str, str]:
        """Every branch and the commit at its end."""
        return {name.removeprefix("refs/heads/"): sha for name, sha in self.git.refs("refs/heads/").items()}

    @property
    def tip(self) -> str:
        """The commit at the end of the default branch; KeyError in an empty repository."""
        return self.branches()[self.default_branch]

    @property
    def empty(self) -> bool:
        """Whether it has no branch."""
        return not self.branches()

    def file(self, path: str, ref: str | None = None) -> bytes | None:
        """A file's bytes at a branch or commit (default: the default branch); None if it is not there."""
        found = self.git.contents(f"{ref or self.default_branch}:{path}")
        return found[2] if found and found[1] == "blob" else None

    def span(self, old: str, new: str) -> tuple[str, list[ChangedFile], int]:
        """Between two tips: where they part, the files changed from there to ``new``, and how many commits."""
        if (old, new) not in self._spans:
            start = self.git.text("merge-base", old, new)
            commits = int(self.git.text("rev-list", "--count", f"{start}..{new}"))
            self._spans[old, new] = (start, self.changed_files(start, new), commits)
        return self._spans[old, new]

    def mergeable(self, base: str, head: str) -> bool:
        """Whether two commits can be merged without a conflict."""
        if (base, head) not in self._merges:
            self._merges[base, head] = self.git.succeeds("merge-tree", "--write-tree", base, head)
        return self._merges[base, head]

    def log(self, ref: str | None = None) -> list[str]:
        """The commits' messages from the newest on, whole."""
        text = self.git.text("log", "--format=%B%x00", ref or self.default_branch)
        return [each.strip("\n") for each in text.split("\0")[:-1]]

    def diff(self, old: str, new: str) -> str:
        """``git diff`` between two revisions."""
        return self.git.text("diff", old, new)

    def check_runs(self, sha: str | None = None, name: str | None = None) -> list[CheckRun]:
        """The check runs on a commit, or all; oldest first."""
        return [each for each in self.checks if sha in {None, each.head_sha} and name in {None, each.name}]

    # What people do

    def commit(
        self,
        files: dict[str, Content],
        message: str = "Change files",
        *,
        branch: str | None = None,
        author: tuple[str, str] = ("Person", "person@example.com"),
        parent: str | None = None,
    ) -> str:
        """A commit on a branch (default: the default branch), without a webhook. Gives its SHA.

        It stands on the branch's tip, on the default branch's if that branch is new, or on ``parent``; then the
        branch is moved there whatever it held, as a forced push would.
        """
        with self.lock:
            branch = branch or self.default_branch
            below = parent or self.git.tip(branch) or self.git.tip(self.default_branch)
            who = Signature(*author, int(self.github.clock.time()))
            return self.git.import_commit(f"refs/heads/{branch}", files, message, who, below)

    def push(
        self,
        branch: str,
        files: dict[str, Content],
        message: str = "Change files",
        *,
        by: str = "person",
        author: tuple[str, str] | None = None,
        parent: str | None = None,
    ) -> str:
        """As ``commit``, and the ``push`` webhook is sent (and what else follows from it). Gives the SHA."""
        with self.lock:
            old = self.git.tip(branch) or ZERO
            account = self.github.account(by)
            new = self.commit(
                files, message, branch=branch, author=author or (by, account.email), parent=parent
            )
            self.refs_changed([(f"refs/heads/{branch}", old, new)], account)
            return new

    def delete_branch(self, branch: str, by: str = "person") -> None:
        """A person deletes a branch: ``push`` says so, and its open pull requests are closed."""
        with self.lock:
            self.move_refs([(f"refs/heads/{branch}", self.branches()[branch], ZERO)], self.github.account(by))

    def rename(self, name: str, by: str = "person") -> None:
        """A person renames it; the old name answers 301 from then on."""
        with self.lock:
            before, self.name = self.name, name
            changes = {"repository": {"name": {"from": before}}}
            hooks.repository(self, self.github.account(by), "renamed", changes)

    def transfer(self, owner: str, by: str = "person") -> None:
        """It goes to another account: the old owner's installations lose it, the new one's may see it."""
        with self.lock:
            before, who = self.owner, self.github.account(by)
            losing = self.github.installations_of(self)
            self.owner = self.github.account(owner)
            for each in losing:
                each.selected = None if each.selected is None else each.selected - {self.id}
                hooks.installation_repositories(self.github, each, who, [], [self])
            kind = "organization" if before.type == "Organization" else "user"
            hooks.repository(self, who, "transferred", {"owner": {"from": {kind: before}}})

    def archive(self, by: str = "person") -> None:
        """A person archives it: from then on it can only be read."""
        with self.lock:
            self.archived = True
            hooks.repository(self, self.github.account(by), "archived")

    def unarchive(self, by: str = "person") -> None:
        """It can be written again."""
        with self.lock:
            self.archived = False
            hooks.repository(self, self.github.account(by), "unarchived")

    def forked(self, owner: str, name: str | None = None) -> Repo:
        """A person forks it: a repository of its own with the same branches, whose ``parent`` is this one."""
        return forks.fork(self.github, self, owner, name)

    def take_objects(self, other: Repo, sha: str) -> None:
        """Make a commit of a fork readable here, as at GitHub, where all forks share their objects."""
        if self.git.commit_of(sha) is None:
            self.git.run("fetch", "--quiet", "--no-write-fetch-head", str(other.path), sha)

    def open_issue(self, title: str, body: str = "", by: str = "person") -> Issue:
        """A person opens an issue."""
        with self.lock:
            now = self.github.clock.iso()
            number = len(self.issues) + 1
            issue = Issue(self, self.github.next_id(), number, title, body, self.github.account(by), now, now)
            self.issues[number] = issue
            return issue

    def collaborator(self, login: str, permission: str = "write") -> None:
        """Give a person ``admin``, ``maintain``, ``write``, ``triage``, ``read`` or ``none``."""
        self.github.account(login)
        self.collaborators[login] = permission

    # What follows from it: used by the endpoints too

    def move_refs(self, changes: list[tuple[str, str, str]], by: Account) -> None:
        """Move refs, all or none, and tell: ``(ref, old, new)``. Raises GitError if one is not at ``old``."""
        with self.lock:
            self.git.update(changes)
            self.refs_changed(changes, by)

    def refs_changed(self, changes: list[tuple[str, str, str]], by: Account) -> None:
        """Refs were moved: send ``push`` webhooks, and bring pull requests up to date."""
        with self.lock:
            self.pushed = self.github.clock.time()
            for ref, old, new in changes:
                hooks.push(self, by, ref, old, new)
                suites.pushed(self, ref, old, new, by)
                branch = ref.removeprefix("refs/heads/")
                if old == ZERO and branch != ref:
                    self.hide("branch", branch)
                for pull in self.pulls:
                    if pull.open and pull.fork is None and branch == pull.head:
                        self.head_moved(pull, old, new, by)
                    elif pull.open and branch == pull.base and new != ZERO:
                        self.base_moved(pull, new, by)
                for pull in [] if self.parent is None else self.parent.pulls:
                    if pull.open and pull.fork is self and branch == pull.head:
                        self.parent.head_moved(pull, old, new, by)

    def comment_on(self, issue: Issue, body: str, by: Account, app: int | None = None) -> Comment:
        """Add a comment."""
        with self.lock:
            now = self.github.clock.iso()
            comment = Comment(self.github.next_id(), by, body, now, now, app)
            issue.comments.append(comment)
            issue.updated_at = now
            hooks.issue_comment(self, by, issue, comment, "created")
            return comment

    def edit_comment(self, issue: Issue, comment: Comment, body: str, by: Account) -> None:
        """Change a comment."""
        with self.lock:
            before, comment.body = comment.body, body
            comment.updated_at = self.github.clock.iso()
            hooks.issue_comment(self, by, issue, comment, "edited", changes={"body": {"from": before}})

    def remove_comment(self, issue: Issue, comment: Comment, by: Account) -> None:
        """Delete a comment."""
        with self.lock:
            issue.comments.remove(comment)
            hooks.issue_comment(self, by, issue, comment, "deleted")

    def label(self, name: str) -> Label:
        """The label of that name (case does not matter), made if there is none."""
        with self.lock:
            found = self.labels.get(name.lower())
            if found is None:
                found = self.labels[name.lower()] = Label(self.github.next_id(), name)
            return found

    def hide(self, kind: str, key: str | int) -> None:
        """Leave something new out of the next lists, if ``faults.lag`` says so."""
        if self.github.faults.lag_reads:
            self.hidden[kind, key] = self.github.faults.lag_reads

    def listed(self, kind: str, keys: list[str | int]) -> set[str | int]:
        """Which of ``keys`` a list shows now: what is new may be missing from the next reads (``faults.lag``)."""
        with self.lock:
            late = {key for key in keys if self.hidden.get((kind, key), 0) > 0}
            for key in late:
                self.hidden[kind, key] -= 1
            return set(keys) - late

    def changed_files(self, old: str, new: str) -> list[ChangedFile]:
        """What changed between two commits or trees."""
        return changed_files(self.git, old, new)
