"""What one delivery asks to be done. Plain data: it is stored as JSON and outlives the process."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Work(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Repository(_Work):
    """A repository as GitHub numbers it; the name may change, ``id`` does not.

    ``installation`` is the id of the App's installation that may act on it.
    """

    id: int
    owner: str
    name: str
    installation: int

    @property
    def full_name(self) -> str:
        """``owner/name`` as of the delivery."""
        return f"{self.owner}/{self.name}"


class UpdateBranch(_Work):
    """Bring the pull requests for ``branch`` up to date with its tip; None for the default branch.

    ``sha`` is the tip that the delivery spoke of, for the log: the work always looks at the branch as it is then.
    """

    kind: Literal["update-branch"] = "update-branch"
    repository: Repository
    branch: str | None = None
    sha: str | None = None
    reason: str


class CheckConfig(_Work):
    """Say on ``sha``, the head of a pull request, whether the configuration can be used, if it changes that.

    ``base_sha`` is the tip of the branch that the pull request goes into.
    """

    kind: Literal["check-config"] = "check-config"
    repository: Repository
    sha: str
    base_sha: str
    reason: str


class CheckPull(_Work):
    """Look at what a pull request brings, and say so once on its head. ``head_sha``: the head the delivery spoke of."""

    kind: Literal["check-pull"] = "check-pull"
    repository: Repository
    number: int
    head_sha: str
    reason: str


class CheckHead(_Work):
    """As `CheckPull`, for every open pull request with this head: deliveries about forks name none."""

    kind: Literal["check-head"] = "check-head"
    repository: Repository
    head_sha: str
    reason: str


class AnswerMergeGroup(_Work):
    """Report success on the head of a merge group at once: its pull requests were looked at one by one."""

    kind: Literal["answer-merge-group"] = "answer-merge-group"
    repository: Repository
    head_sha: str
    reason: str


class PressButton(_Work):
    """A person pressed a button of the App's check run; ``identifier`` says which."""

    kind: Literal["press-button"] = "press-button"
    repository: Repository
    number: int | None
    head_sha: str
    check_run: int
    identifier: str
    sender: str
    reason: str


class RunCommand(_Work):
    """A person's comment that may hold commands for the App.

    ``review``: it stands in a review's thread. ``is_pull``: the conversation is a pull request's, not an issue's.
    """

    kind: Literal["run-command"] = "run-command"
    repository: Repository
    number: int
    comment: int
    review: bool
    is_pull: bool
    body: str
    sender: str
    reason: str


class ForgetRepository(_Work):
    """Drop what is stored for a repository that the App may no longer see."""

    kind: Literal["forget-repository"] = "forget-repository"
    repository: Repository
    reason: str


class Ignored(_Work):
    """Nothing is to be done, and why; the reason goes to the log."""

    kind: Literal["ignored"] = "ignored"
    reason: str


_Any = (
    UpdateBranch
    | CheckConfig
    | CheckPull
    | CheckHead
    | AnswerMergeGroup
    | PressButton
    | RunCommand
    | ForgetRepository
    | Ignored
)
Work = Annotated[_Any, Field(discriminator="kind")]
WORK: TypeAdapter[_Any] = TypeAdapter(Work)
"""Reads and writes any kind of work as JSON."""
