"""Installations and repositories that come, change and go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.events.payload import InstallationEvent, RepositoryEvent
from bot.events.repository import acting_on, addressed
from bot.events.work import ForgetRepository, Ignored, UpdateBranch, Work

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.events.known import Known
    from bot.events.work import Repository


def decide_installation(payload: Mapping[str, Any], known: Known) -> list[Work]:
    """A first run for every repository that the App was given; what it lost is forgotten."""
    event = InstallationEvent.model_validate(payload)
    installation = event.installation.id
    listed = {each.id: addressed(each, installation) for each in event.repositories}
    everything = listed | {each.id: each for each in known.installed if each.id not in listed}
    match event.action:
        case "created":
            return _first_runs(listed.values(), "the App was installed")
        case "deleted":
            reason = "the App was uninstalled"
            return [ForgetRepository(repository=each, reason=reason) for each in everything.values()] or [
                Ignored(reason=f"{reason}; nothing was kept of its repositories")
            ]
        case "suspend":
            return [
                Ignored(reason="the installation was suspended: the App may do nothing there until it is not")
            ]
        case "unsuspend":
            return _first_runs(everything.values(), "the installation is not suspended any more")
        case "new_permissions_accepted":
            return _first_runs(everything.values(), "new permissions were accepted")
        case other:
            return [Ignored(reason=f"{other or 'this'} of an installation changes nothing for the App")]


def decide_installation_repositories(payload: Mapping[str, Any], known: Known) -> list[Work]:
    """A first run for repositories that were added to an installation; those taken away are forgotten."""
    event = InstallationEvent.model_validate(payload)
    installation = event.installation.id
    works: list[Work] = [
        ForgetRepository(
            repository=addressed(each, installation), reason="it was taken away from the installation"
        )
        for each in event.repositories_removed
    ]
    added = [addressed(each, installation) for each in event.repositories_added]
    if added or not works:
        works += _first_runs(added, "it was added to the installation")
    return works


def decide_repository(payload: Mapping[str, Any], known: Known) -> list[Work]:
    """What happened to a repository as a whole; it is known by its number, whatever it is called and whoever owns it."""
    event = RepositoryEvent.model_validate(payload)
    if event.action == "deleted":
        installation = event.installation.id if event.installation else 0
        if known.repository is not None:
            installation = known.repository.installation
        gone = addressed(event.repository, installation)
        return [ForgetRepository(repository=gone, reason="the repository was deleted")]
    if event.action == "archived":
        return [Ignored(reason="the repository was archived: nothing is done there until it is unarchived")]
    if event.action == "renamed":
        return [
            Ignored(reason=f"the repository is {event.repository.full_name} now; it is known by its number")
        ]
    reason = {
        "unarchived": "the repository was unarchived",
        "transferred": "the repository has a new owner",
        "edited": "the repository has a new default branch",
    }.get(event.action)
    if reason is None or (event.action == "edited" and "default_branch" not in event.changes):
        return [Ignored(reason=f"{event.action or 'this'} of a repository changes nothing for the App")]
    repository = acting_on(event, event.repository, known)
    if isinstance(repository, Ignored):
        return [repository]
    return [UpdateBranch(repository=repository, reason=reason)]


def _first_runs(repositories: Iterable[Repository], reason: str) -> list[Work]:
    runs: list[Work] = [UpdateBranch(repository=each, reason=reason) for each in repositories]
    return runs or [Ignored(reason=f"{reason}, but the delivery names no repository and none is known")]
