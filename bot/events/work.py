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


class ForgetRepository(_Work):
    """Drop what is stored for a repository that the App may no longer see."""

    kind: Literal["forget-repository"] = "forget-repository"
    repository: Repository
    reason: str


class Ignored(_Work):
    """Nothing is to be done, and why; the reason goes to the log."""

    kind: Literal["ignored"] = "ignored"
    reason: str


Work = Annotated[UpdateBranch | CheckConfig | ForgetRepository | Ignored, Field(discriminator="kind")]
WORK: TypeAdapter[UpdateBranch | CheckConfig | ForgetRepository | Ignored] = TypeAdapter(Work)
"""Reads and writes any kind of work as JSON."""
