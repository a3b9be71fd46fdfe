"""The repository that a delivery speaks of, and whether anything may be done in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.events import work

if TYPE_CHECKING:
    from bot.events.known import Known
    from bot.events.payload import Account, Delivery, Named, Repository


def addressed(named: Named, installation: int) -> work.Repository:
    """The repository as work names it."""
    owner, _, name = named.full_name.partition("/")
    return work.Repository(id=named.id, owner=owner, name=name, installation=installation)


def acting_on(
    delivery: Delivery, repository: Repository, known: Known, *, forks: bool = False
) -> work.Repository | work.Ignored:
    """The repository with the installation that may act on it; Ignored with the reason where nothing is to be done.

    ``forks``: something can be done in forks, too.
    """
    if repository.archived:
        return work.Ignored(reason="the repository is archived: it can't be written to")
    if repository.disabled:
        return work.Ignored(reason="the repository was disabled by GitHub")
    if repository.fork and not forks:
        return work.Ignored(reason="the repository is a fork: changes belong into the one it was made from")
    if known.repository is not None and known.repository.id == repository.id:
        return known.repository  # the delivery may be older than its name
    if delivery.installation is not None:
        return addressed(repository, delivery.installation.id)
    return work.Ignored(
        reason="the delivery names no installation of the App, and none is known to act there"
    )


def is_base(branch: str, repository: Repository, known: Known) -> bool | None:
    """Whether pull requests may go into ``branch``; None where the configuration, not read yet, has to say."""
    if branch == repository.default_branch:
        return True
    if known.base_branches is None:
        return None
    return branch in known.base_branches


def own(login: str, known: Known) -> bool:
    """Whether that is the App's own account."""
    return bool(known.bot) and login.lower() == known.bot.lower()


def is_bot(account: Account | None, known: Known) -> bool:
    """Whether that is an App's account, this App's or another's, or none that can be known."""
    if account is None or not account.login:
        return True
    return account.type == "Bot" or account.login.endswith("[bot]") or own(account.login, known)
