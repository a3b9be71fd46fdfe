"""GitHub's answers, as far as the App reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RepositoryInfo:
    """A repository. ``empty``: it has no commit yet. ``node_id`` is its name in GraphQL."""

    id: int
    node_id: str
    full_name: str
    html_url: str
    default_branch: str
    archived: bool
    disabled: bool
    fork: bool
    private: bool
    empty: bool


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """One commit. ``verified``: GitHub shows its signature as good, as on every commit made through the API."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str
    author_name: str
    author_email: str
    committer_name: str
    committer_email: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a tree: ``type`` is blob, tree or commit (a submodule); ``size`` in bytes, 0 where GitHub gives none.

    ``mode`` is git's: 100644, 100755, 120000 (symbolic link), 160000 (submodule), 040000 (tree).
    """

    path: str
    mode: str
    type: str
    sha: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """The entries of a tree. ``truncated``: GitHub left some out (over 100,000 entries or 7 MB)."""

    entries: tuple[Entry, ...]
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class PullInfo:
    """One pull request. ``head_sha`` and ``branch`` are empty where the answer does not give them.

    ``branch`` is the head's branch without its owner, ``author`` a login (``slug[bot]`` for an App), ``author_type``
    is User, Bot, Organization or Mannequin. ``head_repository`` is ``owner/name``, empty where that repository is
    gone. ``maintainer_can_modify`` and ``changed_files`` are given for one pull request alone, not in lists.
    ``opened_at`` and ``closed_at`` (merged or not) are None where GitHub does not say.
    """

    number: int
    url: str
    branch: str
    base: str
    title: str
    body: str
    open: bool
    merged: bool
    author: str = ""
    head_sha: str = ""
    draft: bool = False
    author_type: str = ""
    head_repository: str = ""
    base_sha: str = ""
    maintainer_can_modify: bool = False
    changed_files: int | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CommentInfo:
    """One comment on a conversation or in a review's thread; ``author`` is a login.

    ``url`` is its page. In a thread: ``path`` and ``line`` are what it stands at (None: that line is gone),
    ``side`` is RIGHT or LEFT (a line of the base), ``reply_to`` is the number of the thread's first comment (None for
    that one itself).
    """

    id: int
    author: str
    body: str
    url: str = ""
    path: str = ""
    line: int | None = None
    reply_to: int | None = None
    side: str = ""


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that a pull request changes.

    ``status`` is added, modified, removed, renamed, copied, changed or unchanged. ``patch`` holds the hunks of the
    unified diff; empty for binary, very large and merely moved files.
    """

    path: str
    status: str
    previous_path: str = ""
    patch: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a head has that a base has not, counted from their ``merge_base``.

    GitHub names at most 300 files [REST, compare two commits]: ``truncated`` says that there may be more.
    ``ahead`` and ``behind`` count commits.
    """

    merge_base: str
    files: tuple[FileChange, ...]
    ahead: int
    behind: int
    truncated: bool = False

    @property
    def total(self) -> int:
        """How many files are named."""
        return len(self.files)


@dataclass(frozen=True, slots=True)
class NewReviewComment:
    """A comment on lines of a head, side RIGHT; ``start_line`` None for a single line."""

    path: str
    line: int
    body: str
    start_line: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewInfo:
    """One review. ``state``: PENDING (its author alone sees it), COMMENTED, APPROVED, ... ``sha``: what it was made on."""

    id: int
    author: str
    state: str
    body: str
    sha: str


@dataclass(frozen=True, slots=True)
class ThreadInfo:
    """One of the App's own review threads.

    ``id`` and ``comment_node_id`` are names in GraphQL, ``comment_id`` numbers the first comment, whose text is
    ``body``. ``resolved_by`` is a login, empty for nobody or somebody who is gone. ``minimized`` is why the first
    comment is hidden (``outdated``, ``resolved``, ``spam``, ...), empty while it is not. ``line`` is None where the
    line is gone.
    """

    id: str
    path: str
    line: int | None
    resolved: bool
    resolved_by: str
    outdated: bool
    comment_id: int
    comment_node_id: str
    body: str
    minimized: str = ""


@dataclass(frozen=True, slots=True)
class CheckInfo:
    """One check run. ``conclusion`` is empty while it is not completed; ``annotations`` is how many it holds.

    ``started_at`` is None where GitHub gives no time.
    """

    id: int
    external_id: str
    status: str
    conclusion: str
    title: str = ""
    summary: str = ""
    annotations: int = 0
    name: str = ""
    head_sha: str = ""
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CheckAction:
    """A button of a check run: texts of at most 20, 40 and 20 characters. [REST, create a check run]"""

    label: str
    description: str
    identifier: str


@dataclass(frozen=True, slots=True)
class CheckAnnotation:
    """One place that a check run points at; lines count from 1. ``level``: failure, warning or notice."""

    path: str
    start_line: int
    end_line: int
    level: str
    message: str


@dataclass(frozen=True, slots=True)
class AppInfo:
    """The App itself, as ``GET /app`` answers."""

    id: int
    slug: str
    name: str
    html_url: str
    permissions: tuple[tuple[str, str], ...]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstallationInfo:
    """One installation of the App."""

    id: int
    account: str
    suspended: bool


@dataclass(frozen=True, slots=True)
class DeliveryInfo:
    """One attempt to deliver a webhook. Attempts of one delivery share ``guid``; ``ok``: it was answered with a 2xx."""

    id: int
    guid: str
    event: str
    action: str
    ok: bool
    redelivery: bool
    delivered_at: datetime
