"""The parts of GitHub's payloads that decisions are made on; everything else in them is left unread.

What GitHub leaves out in some deliveries is optional here. Where a delivery cannot be understood without a field,
that field is required, and its absence is a ValidationError.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Id = Annotated[int, Field(gt=0, lt=2**63)]
Text = Annotated[str, Field(min_length=1, max_length=1024, pattern="^[^\\x00]*$")]
Flag = Annotated[bool, BeforeValidator(lambda given: given is True)]
"""A flag; what is null or absent counts as not set."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Account(_Part):
    """A user, an organization or a bot."""

    login: str = ""
    type: str = ""


class Installation(_Part):
    """The App's installation."""

    id: Id


class Named(_Part):
    """A repository as lists of them name it."""

    id: Id
    full_name: Annotated[str, Field(pattern=r"^[^/\x00]+/[^/\x00]+$", max_length=512)]


class Repository(Named):
    """A repository as deliveries about it describe it."""

    default_branch: str | None = None
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
    sha: Annotated[str, Field(pattern="^[0-9a-f]{40}([0-9a-f]{24})?$")]
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
