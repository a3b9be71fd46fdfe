"""A repository on the stand-in, and a planner small enough to see through: what publishing is tried on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.events.work import Repository
from bot.github.client import RepositoryClient
from bot.plan.actions import ClosePull, Comment, Commit, DeleteBranch, OpenPull, UpdatePull
from bot.plan.marker import VERSION, comment_marker, with_marker
from bot.plan.state import Marker, Owner, State
from bot.publish.publish import publish
from bot.publish.state import read_state
from tests.github.bare import ZERO, Signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.github.signing_in import App
    from bot.plan.actions import Action
    from tests.github.exchanges import Exchange
    from tests.github.records import Pull
    from tests.github.repositories import Repo
    from tests.github.server import StandIn

RULE = "some-rule"
BRANCH = f"patchwright/{RULE}"
OLD = b"limit = 1\n"
NEW = b"limit = 2\n"
NEWER = b"limit = 3\n"
_SHA = re.compile(r"\b[0-9a-f]{10,40}\b")


def commit(parent: str, content: bytes | None = NEW, patch: str = "aaaa", path: str = "app.py") -> Commit:
    """One changed file, with the trailers of the App's commits."""
    message = f"Raise the limit\n\nIt was too low.\n\nPatchwright-Rule: {RULE}\nPatchwright-Patch: {patch}\n"
    return Commit(parent, message, {path: content}, patch)


def body(base_sha: str, patch: str = "aaaa", settled: str = "", text: str = "What and why.") -> str:
    """A pull request's body with its marker."""
    marker = Marker(VERSION, RULE, "", "main", base_sha, patch, ("0123456789abcdef",), settled)
    return with_marker(text, marker)


def opening(base_sha: str, **more: Any) -> OpenPull:
    """The action that opens the pull request of these tests."""
    made = more.pop("commit", None) or commit(base_sha)
    text = more.pop("body", None) or body(base_sha, made.patch)
    title = more.pop("title", "Raise the limit")
    return OpenPull(BRANCH, "main", title, text, made, diff="", rule=RULE, **more)


def planned(state: State, content: bytes | None, patch: str, **more: Any) -> list[Action]:
    """What is to be done so that a pull request with this change is open; ``content`` None: so that none is.

    As the real plan: from the state alone, so that a stopped run is gone on with wherever it was.
    """
    pull = next((each for each in state.pulls if each.open and each.branch == BRANCH), None)
    branch = state.branches.get(BRANCH)
    if content is None:
        if pull is not None and pull.marker is not None:
            text = body(pull.marker.base_sha, pull.marker.patch, settled="gone")
            ours = branch is not None and branch.owner is Owner.BOT
            said = f"Nothing is left to change.\n\n{comment_marker('closed')}\n"
            return [
                ClosePull(
                    pull.number, BRANCH, text, said, branch.sha if ours and branch is not None else None
                )
            ]
        return [DeleteBranch(BRANCH, branch.sha)] if branch is not None and branch.owner is Owner.BOT else []
    made = commit(state.base_sha, content, patch)
    text = body(state.base_sha, patch)
    if pull is None:
        return [opening(state.base_sha, commit=made, body=text, **more)]
    assert branch is not None
    if branch.owner is Owner.PERSON:
        return [] if pull.handed_over else [Comment(pull.number, "handed-over", "It is yours now.")]
    if (branch.patch, branch.base_sha) != (patch, state.base_sha):
        return [UpdatePull(pull.number, BRANCH, "Raise the limit", text, branch.sha, made)]
    if pull.body != text:
        return [UpdatePull(pull.number, BRANCH, "Raise the limit", text, branch.sha)]
    return []


@dataclass
class Situation:
    """One repository where the App is installed."""

    github: StandIn
    app: App
    repo: Repo
    installation: int
    pauses: list[float] = field(default_factory=list)
    forgotten: int = 0

    def client(self) -> RepositoryClient:
        """A client as a job gets it."""
        work = Repository(
            id=self.repo.id, owner=self.repo.owner.login, name=self.repo.name, installation=self.installation
        )
        return RepositoryClient(self.app, work)

    def state(self) -> State:
        """What ``read_state`` gives now."""
        with self.client() as client:
            return read_state(client, client.repository(), "main")

    def publish(self, actions: Iterable[Action], **more: Any) -> list[str]:
        """Publishes with a client of its own; pauses are written down, and not made."""
        with self.client() as client:
            return publish(client, actions, sleep=self.pauses.append, **more)

    def push(self, files: dict[str, Any], branch: str = BRANCH) -> str:
        """A person pushes."""
        return self.repo.push(branch, files, "By hand")

    def amend(self, *, author: tuple[str, str] | None = None, message: str | None = None) -> str:
        """A person amends the tip of the App's branch: the author stays, the committer is the person."""
        git, tip = self.repo.git, self.repo.branches()[BRANCH]
        name, email = author or tuple(git.text("log", "-1", "--format=%an%n%ae", tip).splitlines())
        made = git.write_commit(
            git.text("rev-parse", f"{tip}^{{tree}}"),
            git.text("log", "-1", "--format=%P", tip).split(),
            message or git.text("log", "-1", "--format=%B", tip),
            Signature(name, email, 1_700_000_000),
            Signature("Person", "person@example.com", 1_700_000_001),
        )
        self.repo.move_refs([(f"refs/heads/{BRANCH}", tip, made)], self.github.account("person"))
        return made

    @property
    def pull(self) -> Pull:
        """The only pull request."""
        (found,) = self.repo.pulls
        return found

    def pull_number(self, number: int) -> Pull:
        """One of several pull requests."""
        return self.repo.pull(number)

    def forget(self) -> None:
        """Requests count from here."""
        self.forgotten = len(self.github.exchanges)

    def requests(self) -> list[Exchange]:
        """The requests since ``forget``, without those for tokens."""
        return [each for each in self.github.exchanges[self.forgotten :] if "access_tokens" not in each.path]

    def writes(self) -> list[Exchange]:
        """Those of them that could have changed something and were not refused."""
        return [each for each in self.requests() if each.method != "GET" and each.status < 400]

    def saved(self) -> Callable[[], None]:
        """Gives what brings the repository back to how it is now."""
        repo = self.repo
        refs, checks, issues = repo.git.refs(), list(repo.checks), list(repo.issues.values())
        kept = [
            (each, {**vars(each), "labels": list(each.labels), "comments": list(each.comments)})
            for each in issues
        ]

        def restore() -> None:
            now = repo.git.refs()
            names = sorted(now.keys() | refs.keys())
            changes = [(name, now.get(name, ZERO), refs.get(name, ZERO)) for name in names]
            repo.git.update([each for each in changes if each[1] != each[2]])
            repo.checks[:] = checks
            repo.issues.clear()
            for each, values in kept:
                vars(each).update(
                    {**values, "labels": [*values["labels"]], "comments": [*values["comments"]]}
                )
                repo.issues[each.number] = each

        return restore

    def outcome(self) -> dict[str, Any]:
        """Everything that a person sees in the repository, without what differs from run to run."""
        # Branches that are where others are show in the names (%D); dangling commits do not show.
        commits = self.repo.git.text("log", "--all", "--topo-order", "--format=%D%n%T%n%an%n%cn%n%P%n%B")
        pulls = [
            (
                each.number,
                each.title,
                _SHA.sub("SHA", each.body or ""),
                each.state,
                each.head,
                sorted(each.labels),
                sorted(who.login for who in each.reviewers),
                [(said.user.login, said.body) for said in each.comments],
            )
            for each in self.repo.pulls
        ]
        checks = [
            (each.external_id, each.conclusion, each.title, each.summary, each.annotations)
            for each in self.repo.checks
        ]
        return {"commits": _SHA.sub("SHA", commits), "pulls": pulls, "checks": checks}
