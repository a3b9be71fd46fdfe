"""What is to become true on GitHub. Each action says all that carrying it out needs; none asks the report again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit on ``parent``: ``files`` are whole contents by path (None deletes).

    Its message ends in trailers, among them ``Patchwright-Rule`` and ``Patchwright-Patch``, the digest by which an
    identical change is known again. Modes of existing files are kept; new files are ordinary ones.
    """

    parent: str
    message: str
    files: Mapping[str, bytes | None]
    patch: str


@dataclass(frozen=True, slots=True)
class OpenPull:
    """Open a pull request from a branch of the App's, made if need be.

    ``diff`` is for people. ``expected`` is the tip of a branch of this name that an earlier run left behind: it is
    used as it is where its commit has the same patch and parent, else moved from there. None: there was none.
    """

    branch: str
    base: str
    title: str
    body: str
    commit: Commit
    diff: str
    rule: str
    part: str = ""
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class UpdatePull:
    """Bring an open pull request up to date.

    ``commit`` None: the branch stays where it is. ``expected`` is the tip that the plan saw: the branch moves only
    from there.
    """

    number: int
    branch: str
    title: str
    body: str
    expected: str
    commit: Commit | None = None
    diff: str = ""


@dataclass(frozen=True, slots=True)
class ClosePull:
    """Close a pull request with a comment; ``body`` is its body with the marker that says the App closed it.

    The comment comes first, then body and closing in one edit: stopped in between, it would look as if a person had
    closed it. ``comment`` ends in the hidden marker of the key ``closed``. ``expected``: its branch is deleted if its
    tip is still this; None leaves the branch.
    """

    number: int
    branch: str
    body: str
    comment: str
    expected: str | None


@dataclass(frozen=True, slots=True)
class Comment:
    """Say something once: ``key`` is in the hidden marker that ``body`` ends in, and a second one is not written."""

    number: int
    key: str
    body: str


@dataclass(frozen=True, slots=True)
class DeleteBranch:
    """Delete a branch of the App's that nothing needs, if its tip is still ``expected``.

    Should a pull request be open from it after all (lists lag behind), deleting it would close that.
    """

    branch: str
    expected: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """One line of a file that a check run points at; ``line`` counts from 1. ``level``: failure, warning or notice."""

    path: str
    line: int
    message: str
    level: str = "failure"


@dataclass(frozen=True, slots=True)
class ReportCheck:
    """A completed check run on ``sha``; one with the same ``external_id`` is not made twice but brought up to date."""

    sha: str
    name: str
    external_id: str
    conclusion: str
    title: str
    summary: str
    annotations: tuple[Annotation, ...] = field(default=())


Action = OpenPull | UpdatePull | ClosePull | Comment | DeleteBranch | ReportCheck
