"""What is true of a repository on GitHub now: branches, the App's pull requests, the style of its history."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.github.errors import Gone
from bot.plan.branches import PREFIX
from bot.plan.comments import HANDED_OVER
from bot.plan.digest import path_mark
from bot.plan.marker import comment_key, read_marker
from bot.plan.state import BranchState, Owner, PullState, State
from bot.plan.wording import conventional
from bot.publish.ownership import branch_state

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from bot.github.model import RepositoryInfo

_MOST_DECLINED = 10
"""Of how many pull requests that people closed the branch is asked for."""


def read_state(
    client: RepositoryClient,
    info: RepositoryInfo,
    base: str,
    base_sha: str | None = None,
) -> State:
    """The state of the repository for pull requests into ``base``, at ``base_sha`` (its tip, where that is not given).

    Four requests for a repository with nothing of the App's. One more for each branch below ``patchwright/``, each
    open pull request, each of these that a person has committed to or whose commit stands on none of the base's last
    fifty, and the newest ten that people closed; two for each that they closed after its marker was lost. What
    GitHub does not know (``undeclined``, ``paused``, the configuration) is left at its defaults. Raises Gone where
    there is no ``base``.
    """
    tip = base_sha or client.branch_tip(base)
    if tip is None:
        raise Gone(f"{info.full_name} has no branch {base}")
    branches = _branches(client)
    pulls = tuple(_pulls(client, branches))
    recent = client.recent_commits(tip)
    for pull in pulls:
        branch = branches.get(pull.branch)
        if pull.open and pull.base == base and branch is not None and _is_astray(client, branch, tip, recent):
            branches[branch.name] = replace(branch, astray=True)
    return State(
        repository=info.full_name,
        url=info.html_url,
        base=base,
        base_sha=tip,
        pulls=pulls,
        branches=branches,
        conventional=conventional(recent.values()),
        default="" if base == info.default_branch else info.default_branch,
    )


def _branches(client: RepositoryClient) -> dict[str, BranchState]:
    tips = client.branches_below(PREFIX)
    return {name: branch_state(client, name, client.commit(sha)) for name, sha in tips.items()}


def _is_astray(client: RepositoryClient, branch: BranchState, tip: str, recent: Container[str]) -> bool:
    """Whether the commit that the App's own was made on is missing from the history of ``tip``."""
    if branch.owner is not Owner.BOT or branch.base_sha == tip or branch.base_sha in recent:
        return False
    try:
        return client.compare(branch.base_sha, tip).merge_base != branch.base_sha
    except Gone:  # no common history at all
        return True


def _pulls(client: RepositoryClient, branches: Mapping[str, BranchState]) -> Iterator[PullState]:
    declined = 0
    for each in client.pulls_by_app():
        marker = read_marker(each.body)
        pull = each
        files: frozenset[str] = frozenset()
        if not (each.open or each.merged or (marker and marker.settled)):
            declined += 1
            if declined <= _MOST_DECLINED or marker is None:
                pull = each if each.branch else client.pull(each.number)
                files = frozenset() if marker else _files(client, each.number)
        branch = branches.get(pull.branch)
        persons = pull.open and branch is not None and branch.owner is Owner.PERSON
        told = _told(client, pull.number) if persons else frozenset()
        yield PullState(
            number=pull.number,
            url=pull.url,
            branch=pull.branch,
            base=pull.base or (marker.base if marker else ""),
            title=pull.title,
            body=pull.body,
            open=pull.open,
            merged=pull.merged,
            marker=marker,
            handed_over=HANDED_OVER in told,
            told=told,
            files=files,
            opened_at=each.opened_at,
            closed_at=each.closed_at,
        )


def _files(client: RepositoryClient, number: int) -> frozenset[str]:
    return frozenset(path_mark(each.path) for each in client.pull_files(number))


def _told(client: RepositoryClient, number: int) -> frozenset[str]:
    """The keys of the App's comments below a pull request."""
    ours = (each for each in client.comments(number) if each.author == client.bot_login)
    return frozenset(key for each in ours if (key := comment_key(each.body)) is not None)
