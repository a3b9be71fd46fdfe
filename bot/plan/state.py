"""What is true of one repository on GitHub now, as far as the plan depends on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from codemods.engine.settings.config import Problem


class Owner(StrEnum):
    """Who made the last commit on one of the App's branches."""

    BOT = "bot"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Marker:
    """What the hidden comment at the end of a pull request's body remembers.

    ``part`` is empty for the whole of a rule, else the folder or owners that it was split by. ``patch`` is the
    digest of its diff, ``base_sha`` the commit that its text speaks of. ``findings`` are the fingerprints that it
    settles, ``files`` the digests of their paths. ``said`` and ``title`` are digests of the body and the title as
    the App wrote them, apart from what only moves with the lines. ``settled`` is empty while it is the App's to keep
    up to date, else why the App itself closed it: a pull request that is closed without it was closed by a person.
    ``before`` are the digests of the changes that the branch held before ``patch``, the last few, the newest last.
    ``stopped``: they went back and forth, and the branch stays where it is until a person asks for it.
    """

    version: int
    rule: str
    part: str
    base: str
    base_sha: str
    patch: str
    findings: tuple[str, ...]
    settled: str = ""
    files: tuple[str, ...] = ()
    said: str = ""
    title: str = ""
    before: tuple[str, ...] = ()
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class PullState:
    """One pull request that the App opened, whatever became of it.

    ``handed_over``: a comment already says that a person's commits ended the App's writing there. ``told`` are the
    keys of all comments of the App's below it, as far as they are known. ``files``: where a person closed it and its
    marker is lost, the digests of the paths that it changes.
    """

    number: int
    url: str
    branch: str
    base: str
    title: str
    body: str
    open: bool
    merged: bool
    marker: Marker | None
    handed_over: bool = False
    told: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    opened_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BranchState:
    """One branch below ``patchwright/``: its tip, who made that, and the digest in its commit's trailer.

    ``astray``: the base of its open pull request no longer has the commit that it was made on (it was pushed by force,
    or a person chose another base). A merge would bring along what the base has not, or has no more.
    """

    name: str
    sha: str
    owner: Owner
    patch: str = ""
    base_sha: str = ""
    astray: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """One repository: the branch that pull requests go into, its tip, and what the App has there.

    ``url`` is the repository's page, empty where it has none. ``default`` is the default branch, empty where it is
    ``base``. ``pulls`` are newest first, those for other bases too. ``conventional``: the history's commit subjects
    follow conventional commits. ``config_problems`` are the mistakes of the configuration at ``base_sha``, where an
    older one is in force. ``onboarding``: the operator wants the first pull request to add the configuration;
    ``configured``: there is one at the base commit, be it right or wrong. ``paused``: nothing is written.
    """

    repository: str
    url: str
    base: str
    base_sha: str
    pulls: tuple[PullState, ...] = ()
    branches: Mapping[str, BranchState] = field(default_factory=dict)
    undeclined: frozenset[str] = frozenset()
    conventional: bool = False
    config_problems: tuple[Problem, ...] = ()
    onboarding: bool = False
    configured: bool = False
    paused: bool = False
    default: str = ""

    @property
    def declined(self) -> frozenset[str]:
        """Fingerprints of what people closed: never offered again, until they ask for it."""
        closed = [pull.marker for pull in self.pulls if self.is_declined(pull)]
        return frozenset(each for marker in closed if marker for each in marker.findings) - self.undeclined

    def is_declined(self, pull: PullState) -> bool:
        """Whether a person closed it."""
        return not pull.open and not pull.merged and not (pull.marker and pull.marker.settled)

    def is_persons(self, pull: PullState) -> bool:
        """Whether a person made the last commit on a pull request's branch."""
        branch = self.branches.get(pull.branch)
        return branch is not None and branch.owner is Owner.PERSON
