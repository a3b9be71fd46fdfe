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

    ``branch`` is the head's branch without its owner, ``author`` a login (``slug[bot]`` for an App).
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


@dataclass(frozen=True, slots=True)
class CommentInfo:
    """One comment on a pull request's conversation; ``author`` is a login."""

    id: int
    author: str
    body: str


@dataclass(frozen=True, slots=True)
class CheckInfo:
    """One check run. ``conclusion`` is empty while it is not completed; ``annotations`` is how many it holds."""

    id: int
    external_id: str
    status: str
    conclusion: str
    title: str = ""
    summary: str = ""
    annotations: int = 0


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
