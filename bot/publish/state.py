"""What is true of a repository on GitHub now: branches, the App's pull requests, the style of its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bot.github.errors import Gone
from bot.plan.branches import PREFIX
from bot.plan.comments import HANDED_OVER
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
    open pull request, each of these that a person has committed to, and the newest ten that people closed. What
    GitHub does not know (``undeclined``, ``paused``, the configuration) is left at its defaults. Raises Gone where
    there is no ``base``.
    """
    tip = base_sha or client.branch_tip(base)
    if tip is None:
        raise Gone(f"{info.full_name} has no branch {base}")
    branches = _branches(client)
    return State(
        repository=info.full_name,
        url=info.html_url,
        base=base,
        base_sha=tip,
        pulls=tuple(_pulls(client, branches)),
        branches=branches,
        conventional=conventional(client.recent_subjects(tip)),
        default="" if base == info.default_branch else info.default_branch,
    )


def _branches(client: RepositoryClient) -> dict[str, BranchState]:
    tips = client.branches_below(PREFIX)
    return {name: branch_state(client, name, client.commit(sha)) for name, sha in tips.items()}


def _pulls(client: RepositoryClient, branches: Mapping[str, BranchState]) -> Iterator[PullState]:
    declined = 0
    for each in client.pulls_by_app():
        marker = read_marker(each.body)
        pull = each
        if not (each.open or each.merged or each.branch or (marker and marker.settled)):
            declined += 1
            pull = client.pull(each.number) if declined <= _MOST_DECLINED else each
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
        )


def _told(client: RepositoryClient, number: int) -> frozenset[str]:
    """The keys of the App's comments below a pull request."""
    ours = (each for each in client.comments(number) if each.author == client.bot_login)
    return frozenset(key for each in ours if (key := comment_key(each.body)) is not None)
