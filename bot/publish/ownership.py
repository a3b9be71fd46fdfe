"""Whose a branch is: told from the commit at its tip alone, for a pushed commit says so and nothing else does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.plan.state import BranchState, Owner

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from bot.github.model import CommitInfo
    from bot.plan.actions import Commit

_PATCH = re.compile(r"^Patchwright-Patch:[ \t]*(\S+)[ \t]*$", re.MULTILINE)


def owner_of(client: RepositoryClient, commit: CommitInfo) -> Owner:
    """The App's are commits with one parent and its trailer that the App made through the API.

    Amending, rebasing, merging and committing on top, here or in GitHub's editor, all make the tip a person's.
    """
    made = client.made_by_app(commit) and len(commit.parents) == 1 and patch_of(commit.message)
    return Owner.BOT if made else Owner.PERSON


def patch_of(message: str) -> str:
    """The digest in the ``Patchwright-Patch`` trailer: a line of the last paragraph. Empty for none."""
    found = _PATCH.findall(message.replace("\r\n", "\n").rstrip().rpartition("\n\n")[2])
    return found[-1] if found else ""


def carries(client: RepositoryClient, tip: CommitInfo, commit: Commit) -> bool:
    """Whether ``tip`` is this very commit, made by the App before: the same change on the same parent."""
    same = tip.parents == (commit.parent,) and patch_of(tip.message) == commit.patch
    return same and owner_of(client, tip) is Owner.BOT


def branch_state(client: RepositoryClient, name: str, tip: CommitInfo) -> BranchState:
    """What the plan must know of a branch with this commit at its tip; a person's has no patch and no base."""
    owner = owner_of(client, tip)
    if owner is Owner.PERSON:
        return BranchState(name, tip.sha, owner)
    return BranchState(name, tip.sha, owner, patch_of(tip.message), tip.parents[0])
