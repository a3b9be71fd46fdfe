"""``unignore [rule]``: what people declined by closing pull requests is offered again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands.answer import Answer, done, nothing
from bot.commands.bring_up_to_date import bring_up_to_date
from bot.plan.marker import read_marker, with_marker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.commands.asked import Asked
    from bot.github.client import RepositoryClient
    from bot.github.model import PullInfo
    from bot.plan.state import Marker

ASKED_AGAIN = "asked-again"
"""What the marker of a pull request that was declined says from then on: a person took the no back."""


def unignore(asked: Asked) -> Answer:
    """On a closed pull request of the App's that one alone, elsewhere all of them, or those of ``rule``.

    The marker in the closed pull request says so: GitHub remembers, whatever becomes of the database.
    """
    client, rule = asked.client, asked.command.rule
    own = asked.own_pull
    only = own.number if own is not None and not own.open and not rule else None
    before = client.pulls_by_app()
    meant = [each for each in before if only in (None, each.number) and _is_closed(each, rule)]
    declined = taken_back(client, meant)
    # Those of an earlier run that was cut off in between are brought up to date with the others.
    again = [each for each in meant if _marker(each).settled in ("", ASKED_AGAIN)]
    for base in sorted({_marker(each).base for each in again}):
        bring_up_to_date(asked, base or None)
    were_open = {each.number for each in before if each.open}
    opened = [each for each in client.pulls_by_app() if each.open and each.number not in were_open]
    if not declined and not opened:
        return nothing("unignore", "none", rule=rule)
    return done("unignore", "again", numbers=sorted(each.number for each in declined), opened=opened)


def taken_back(client: RepositoryClient, pulls: Iterable[PullInfo]) -> list[PullInfo]:
    """Notes in those of the closed pull requests that people declined that they are to be offered again; gives them.

    The next look at their base offers it. Raises ``bot.github.errors``.
    """
    declined = [each for each in pulls if is_declined(each)]
    for each in declined:
        marker = replace(_marker(each), settled=ASKED_AGAIN)
        client.edit_pull(each.number, body=with_marker(each.body, marker))
    return declined


def is_declined(pull: PullInfo) -> bool:
    """Whether a person closed this pull request of the App's, and nobody took that back."""
    return _is_closed(pull, "") and not _marker(pull).settled


def is_offered_again(pull: PullInfo) -> bool:
    """Whether a person closed this pull request of the App's, and one took that back."""
    return _is_closed(pull, "") and _marker(pull).settled == ASKED_AGAIN


def _is_closed(pull: PullInfo, rule: str) -> bool:
    """Whether it was closed without a merge, and is the App's to speak of: about ``rule``, if that is given."""
    marker = None if pull.open or pull.merged else read_marker(pull.body)
    return marker is not None and rule in ("", marker.rule)


def _marker(pull: PullInfo) -> Marker:
    marker = read_marker(pull.body)
    assert marker is not None
    return marker
