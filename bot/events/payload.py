"""The parts of GitHub's payloads that decisions are made on; everything else in them is left unread.

What GitHub leaves out in some deliveries is optional here. Where a delivery cannot be understood without a field,
that field is required, and its absence is a ValidationError.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Id = Annotated[int, Field(gt=0, lt=2**63)]
Text = Annotated[str, Field(min_length=1, max_length=1024, pattern="^[^\\x00]*$")]
Sha = Annotated[str, Field(pattern="^[0-9a-f]{40}([0-9a-f]{24})?$")]
Flag = Annotated[bool, BeforeValidator(lambda given: given is True)]
"""A flag; what is null or absent counts as not set."""
FullName = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*/(\.?[A-Za-z0-9_-]|\.{3,})[A-Za-z0-9_.-]*$", max_length=512),
]
"""Owner and name, as GitHub lets them be called; neither leads elsewhere in an address of its API."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Person(_Part):
    """A user by GitHub's number, which outlasts the name."""

    id: Id


class Account(_Part):
    """A user, an organization or a bot."""

    login: str = ""
    type: str = ""


class AuthorizationEvent(_Part):
    """A person took back what they let the App know of them; ``sender`` is that person."""

    action: str = ""
    sender: Person


class Installation(_Part):
    """The App's installation."""

    id: Id


class Named(_Part):
    """A repository as lists of them name it."""

    id: Id
    full_name: FullName


class Repository(Named):
    """A repository as deliveries about it describe it."""

    default_branch: Text | None = None
    archived: Flag = False
    disabled: Flag = False
    fork: Flag = False


class Delivery(_Part):
    """What deliveries have in common."""

    action: str = ""
    installation: Installation | None = None
    sender: Account | None = None


class Push(Delivery):
    """``push``. ``after`` is all zeros where the branch was deleted."""

    ref: Text
    after: str = ""
    deleted: Flag = False
    repository: Repository


class Deletion(Delivery):
    """``delete``: a branch or a tag is gone."""

    ref: Text
    ref_type: str
    repository: Repository


class Head(_Part):
    """One side of a pull request; its repository is null once it was deleted."""

    ref: Text
    sha: Sha
    repo: Named | None = None


class PullRequest(_Part):
    """A pull request."""

    number: int
    user: Account | None = None
    head: Head
    base: Head
    merged: Flag = False
    changed_files: int | None = None


class PullEvent(Delivery):
    """``pull_request``. ``changes`` has what an edit changed."""

    pull_request: PullRequest
    repository: Repository
    changes: dict[str, object] = {}


class RepositoryEvent(Delivery):
    """``repository``."""

    repository: Repository
    changes: dict[str, object] = {}


class InstallationEvent(Delivery):
    """``installation`` and ``installation_repositories``."""

    installation: Installation
    repositories: tuple[Named, ...] = ()
    repositories_added: tuple[Named, ...] = ()
    repositories_removed: tuple[Named, ...] = ()


def _without_nul(given: object) -> object:
    """Text as databases take it; null and absent are empty."""
    return given.replace("\x00", "") if isinstance(given, str) else "" if given is None else given


Prose = Annotated[str, BeforeValidator(_without_nul)]
"""What a person wrote."""


class Comment(_Part):
    """A comment below an issue or pull request, or in a review."""

    id: Id
    body: Prose = ""


class Numbered(_Part):
    """An issue or pull request; one that has ``pull_request`` is the latter, told of as an issue."""

    number: Id
    pull_request: dict[str, object] | None = None


class IssueCommentEvent(Delivery):
    """``issue_comment``."""

    comment: Comment
    issue: Numbered
    repository: Repository


class ReviewCommentEvent(Delivery):
    """``pull_request_review_comment``."""

    comment: Comment
    pull_request: Numbered
    repository: Repository


class NumberedRepository(_Part):
    """A repository where only its number is told."""

    id: Id


class Side(_Part):
    """One side of a pull request in deliveries about checks."""

    ref: Text
    sha: Sha
    repo: NumberedRepository | None = None


class Linked(_Part):
    """A pull request that a check belongs to. Pull requests from forks are not told of."""

    number: Id
    head: Side
    base: Side


Links = Annotated[tuple[Linked, ...], BeforeValidator(lambda given: () if given is None else given)]


class CheckingApp(_Part):
    """The App that made a check."""

    slug: str | None = None


class Suite(_Part):
    """A check suite, as it stands in a check run; ``head_branch`` is null where only a fork has the commit."""

    head_branch: str | None = None


class CheckRun(_Part):
    """A check run."""

    id: Id
    name: str = ""
    head_sha: Sha
    external_id: str | None = None
    app: CheckingApp | None = None
    check_suite: Suite | None = None
    pull_requests: Links = ()


class CheckSuite(Suite):
    """A check suite by itself."""

    head_sha: Sha
    app: CheckingApp | None = None
    pull_requests: Links = ()


class Button(_Part):
    """The button that was pressed."""

    identifier: Text


class CheckRunEvent(Delivery):
    """``check_run``. ``requested_action`` is there where a button was pressed."""

    check_run: CheckRun
    requested_action: Button | None = None
    repository: Repository


class CheckSuiteEvent(Delivery):
    """``check_suite``."""

    check_suite: CheckSuite
    repository: Repository


class MergeGroup(_Part):
    """Pull requests that the merge queue tries together."""

    head_sha: Sha


class MergeGroupEvent(Delivery):
    """``merge_group``."""

    merge_group: MergeGroup
    repository: Repository
