"""The App's branches: made, moved by compare-and-swap, deleted; never over what a person pushed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.github.errors import Moved, Passing
from bot.plan.state import Owner
from bot.publish.commits import Bases, make_commit
from bot.publish.ownership import carries, owner_of

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from bot.plan.actions import Commit, DeleteBranch

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Placed:
    """``tip`` is the commit that the branch is at now, None where it was left alone: ``why`` says for what reason."""

    tip: str | None
    why: str = ""


def place(client: RepositoryClient, branch: str, commit: Commit, bases: Bases) -> Placed:
    """Makes ``commit`` the tip of a branch that no pull request needs otherwise.

    A tip that is this commit already is used as it is, another one of the App's is replaced, a person's is left.
    """
    made: str | None = None
    for _ in range(_TRIES):
        tip = client.branch_tip(branch)
        if tip is not None:
            there = client.commit(tip)
            if carries(client, there, commit):
                return Placed(tip)
            if owner_of(client, there) is Owner.PERSON:
                return Placed(None, f"a person's commit {tip[:10]} is on it")
        made = made or make_commit(client, commit, bases)
        if made is None:
            return Placed(None, f"{commit.parent[:10]} has this change already")
        try:
            if tip is None:
                client.create_branch(branch, made)
            else:
                client.move_branch(branch, tip, made)
        except Moved:
            continue
        return Placed(made)
    raise Passing(f"{branch} does not keep still")


def move(client: RepositoryClient, branch: str, expected: str, commit: Commit, bases: Bases) -> Placed:
    """Moves a branch from ``expected`` to ``commit``; one that somebody pushed to is left, unless it is there.

    Raises Moved where it is at another commit of the App's: the plan was made from old answers.
    """
    tip = client.branch_tip(branch)
    if tip is None:
        return Placed(None, f"{branch} is gone")
    if carries(client, client.commit(tip), commit):
        return Placed(tip)
    if tip != expected:
        return Placed(None, pushed(client, branch, tip, expected))
    made = make_commit(client, commit, bases)
    if made is None:
        return Placed(None, f"{commit.parent[:10]} has this change already")
    try:
        client.move_branch(branch, expected, made)
    except Moved as error:
        if error.found is None:
            return Placed(None, f"{branch} is gone")
        return Placed(None, pushed(client, branch, error.found, expected))
    return Placed(made)


def pushed(client: RepositoryClient, branch: str, tip: str, expected: str) -> str:
    """A clause on a tip that is not the expected one: a person's. Raises Moved for one of the App's own."""
    if owner_of(client, client.commit(tip)) is Owner.BOT:
        raise Moved(branch, expected, tip)
    return f"somebody pushed {tip[:10]} to {branch} in between"


def delete(client: RepositoryClient, branch: str, expected: str) -> str:
    """Deletes a branch that is at ``expected``; a clause for the log."""
    try:
        client.delete_branch(branch, expected)
    except Moved as error:
        if error.found is not None:
            return f"left branch {branch}: it is at {error.found[:10]}, not at {expected[:10]}"
    return f"deleted branch {branch}"


def delete_branch(client: RepositoryClient, action: DeleteBranch) -> str:
    """Carries out ``DeleteBranch``; one line on what came of it."""
    return delete(client, action.branch, action.expected)
