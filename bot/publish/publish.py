"""Making planned actions true on GitHub, one after another, so that doing it twice is doing it once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, assert_never

import structlog

from bot.github.errors import Gone, Refused
from bot.plan.actions import ClosePull, Comment, DeleteBranch, OpenPull, ReportCheck, UpdatePull
from bot.publish.branches import delete_branch
from bot.publish.checks import report_check
from bot.publish.close_pull import close_pull
from bot.publish.comments import comment
from bot.publish.commits import Bases
from bot.publish.labels_and_reviewers import read_note
from bot.publish.open_pull import open_pull
from bot.publish.patience import PAUSES, with_patience
from bot.publish.update_pull import finish, update_pull

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from bot.plan.actions import Action
    from bot.plan.state import State

log = structlog.get_logger(__name__)


def publish(
    client: RepositoryClient,
    actions: Iterable[Action],
    *,
    state: State | None = None,
    modes: Mapping[str, Mapping[str, str]] | None = None,
    pauses: tuple[float, ...] = PAUSES,
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Carries out the actions in their order; one line for each on what came of it.

    ``state`` is what they were planned from: pull requests in it that a stopped run left without their labels and
    reviewers get them first. ``modes`` are git's file modes by path, by commit, where a snapshot knows them: then
    no tree is read. Any of it can be done again, by the same actions or newly planned ones, after a stop at any point.

    Raises Passing when an action fails after all ``pauses``, RateLimited and Unrecognized at once, Moved where the actions were
    planned from old answers and are to be planned again. An action that is Refused does not
    keep the others from being done; then one Refused (Gone, where all are) says what of them is missing.
    """
    bases = Bases(client, modes)
    steps: list[tuple[str, Callable[[], str | None]]] = [
        *((f"finishing #{number}", partial(finish, client, number)) for number in _unfinished(state)),
        *((_named(action), partial(_carry_out, client, action, bases)) for action in actions),
    ]
    lines: list[str] = []
    refusals: list[tuple[str, Refused]] = []
    for name, step in steps:
        try:
            line = with_patience(step, pauses, sleep)
        except Refused as error:
            refusals.append((name, error))
        else:
            if line is not None:
                log.info("published", said=line)
                lines.append(line)
    if refusals:
        kind = Gone if all(isinstance(error, Gone) for _, error in refusals) else Refused
        raise kind("; ".join(f"{name}: {error}" for name, error in refusals)) from refusals[0][1]
    return lines


def _unfinished(state: State | None) -> list[int]:
    pulls = state.pulls if state is not None else ()
    return [each.number for each in pulls if each.open and read_note(each.body) is not None]


def _carry_out(client: RepositoryClient, action: Action, bases: Bases) -> str:
    match action:
        case OpenPull():
            return open_pull(client, action, bases)
        case UpdatePull():
            return update_pull(client, action, bases)
        case ClosePull():
            return close_pull(client, action)
        case Comment():
            return comment(client, action)
        case DeleteBranch():
            return delete_branch(client, action)
        case ReportCheck():
            return report_check(client, action)
        case _:
            assert_never(action)


def _named(action: Action) -> str:
    match action:
        case OpenPull():
            return f"opening a pull request from {action.branch}"
        case UpdatePull():
            return f"updating #{action.number}"
        case ClosePull():
            return f"closing #{action.number}"
        case Comment():
            return f"commenting on #{action.number}"
        case DeleteBranch():
            return f"deleting {action.branch}"
        case ReportCheck():
            return f"reporting the check {action.name}"
        case _:
            assert_never(action)
