"""A pull request as the review sees it, and what the review makes of it. Plain data; nothing here asks GitHub."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.plan.actions import Annotation

CHECK_NAME = "Patchwright"
"""What the check run on a pull request's head is called; branch protection knows it by this."""
APPLY = "apply"
OPEN = "open"
"""The identifiers of the buttons; GitHub gives them back in ``check_run.requested_action``."""
LARGEST = 300
"""A pull request that changes more files gets the check run alone; compare lists no more [REST, compare commits]."""


def external_id(number: int, head_sha: str) -> str:
    """By which the check run of a pull request's head is known again."""
    return f"pull-{number}-{head_sha}"


@dataclass(frozen=True, slots=True)
class PullView:
    """One open pull request.

    ``url`` and ``repository_url`` are pages, empty where there are none. ``own``: the App opened it. ``fork``: its
    head lies in another repository. ``may_write``: the App may push to ``head_ref`` there. ``merge_base`` is the
    commit that its changes are counted from. ``changed_files`` counts them all, listed or not.
    """

    number: int
    url: str
    title: str
    author: str
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    merge_base: str
    changed_files: int
    author_is_bot: bool = False
    own: bool = False
    draft: bool = False
    fork: bool = False
    may_write: bool = True
    repository_url: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """One of the App's own review threads; those of others are never given.

    ``id`` is GraphQL's, ``comment_id`` the number of its first comment, and ``fingerprint`` what that comment's marker
    says. ``line`` is None where the line is gone. ``resolved_by_bot``: the App itself resolved it; a person otherwise.
    """

    id: str
    comment_id: int
    path: str
    line: int | None
    resolved: bool
    resolved_by_bot: bool
    outdated: bool
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ReviewComment:
    """A comment on lines of the head (side RIGHT), ``start_line`` None for one line; both lie in one hunk.

    ``body`` ends in the hidden marker of ``fingerprint`` (``bot.plan.marker``).
    """

    path: str
    line: int
    start_line: int | None
    body: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Button:
    """One action that a check run offers. GitHub takes 20, 40 and 20 characters and three buttons. [REST, checks]"""

    label: str
    description: str
    identifier: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """A completed check run on the head; one with the same ``external_id`` is brought up to date, not made twice.

    ``annotations`` are all of them: whoever publishes sends 50 in a request. ``summary`` is at most 65,535
    characters.
    """

    head_sha: str
    external_id: str
    conclusion: str
    title: str
    summary: str
    annotations: tuple[Annotation, ...] = ()
    buttons: tuple[Button, ...] = ()
    name: str = CHECK_NAME


@dataclass(frozen=True, slots=True)
class ReviewPlan:
    """What should be true of a pull request: ``check`` None for nothing at all.

    ``comments`` go into one review, in this order; that review has no text of its own. ``resolve`` are the ids of
    threads whose findings are gone. ``log`` says what is not done, and why.
    """

    check: CheckReport | None = None
    comments: tuple[ReviewComment, ...] = ()
    resolve: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
