"""Forks: repositories of other people that pull requests come from, and what an App may do there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.github.registry import Token
    from tests.github.repositories import Repo
    from tests.github.server import StandIn


def fork(github: StandIn, parent: Repo, owner: str, name: str | None = None) -> Repo:
    """A person forks a repository: another bare git with the same branches. No webhook is sent."""
    made = github.create_repository(
        f"{owner}/{name or parent.name}", None, parent.default_branch, private=parent.private, fork=True
    )
    made.git.run("fetch", "--quiet", str(parent.path), "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")
    made.parent = parent
    return made


def in_network(repo: Repo, owner: str) -> Repo | None:
    """The repository of an account among a repository, its parent and their forks."""
    root = repo.parent or repo
    everything = [root, *(each for each in repo.github.repositories.values() if each.parent is root)]
    return next((each for each in everything if each.owner.login.lower() == owner.lower()), None)


def readable(repo: Repo) -> bool:
    """Whether an App that is not installed there may read it: a public fork (GitHub: anything public)."""
    return repo.parent is not None and not repo.private


def branches_open_to(token: Token, repo: Repo) -> set[str]:
    """Branches of a fork that an App may move without being installed there.

    They are those of open pull requests into repositories that the token may write, and whose authors left
    "Allow edits by maintainers" on.
    """
    if repo.parent is None or not token.sees(repo.parent) or not token.allows("contents=write"):
        return set()
    return {
        pull.head
        for pull in repo.parent.pulls
        if pull.open and pull.fork is repo and pull.maintainer_can_modify
    }


def may_write(token: Token, repo: Repo, path: str, ref: str | None) -> bool:
    """Whether a request that writes below ``/git/`` may do so in a fork; ``ref`` is the one that it moves."""
    open_to = branches_open_to(token, repo)
    if ref is not None:
        return ref.removeprefix("heads/") in open_to
    return bool(open_to) and path.endswith(("/git/blobs", "/git/trees", "/git/commits"))
