"""Opening a pull request: its branch first, then itself, then its labels and reviewers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.publish.branches import place
from bot.publish.labels_and_reviewers import ToCome, add, read_note, with_note
from bot.publish.lengths import LONGEST_BODY, shortened, shortened_title

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from bot.github.model import PullInfo
    from bot.plan.actions import OpenPull
    from bot.publish.commits import Bases


def open_pull(client: RepositoryClient, action: OpenPull, bases: Bases) -> str:
    """Carries out ``OpenPull``; one line on what came of it.

    An open pull request from the branch into the base is brought up to date instead of opening a second one.
    """
    placed = place(client, action.branch, action.commit, bases)
    if placed.tip is None:
        return f"left branch {action.branch} alone: {placed.why}"
    title, body = shortened_title(action.title), shortened(action.body, LONGEST_BODY)
    to_come = ToCome(action.labels, action.reviewers)
    found = _open_one(client, action)
    if found is None:
        found = client.create_pull(action.branch, action.base, title, with_note(body, to_come))
        done = "opened"
    else:
        done = "was open already:"
        to_come = read_note(found.body) or ToCome()
    if found.author != client.bot_login:
        return f"left #{found.number} alone: {found.author or 'somebody'} opened it from {action.branch}"
    add(client, found.number, to_come)
    if (_plain(found.title), _plain(found.body)) != (_plain(title), _plain(body)):
        client.edit_pull(found.number, title=title, body=body)
    return f"{done} #{found.number} {title} ({found.url})"


def _open_one(client: RepositoryClient, action: OpenPull) -> PullInfo | None:
    open_ones = client.pulls_from(action.branch, "open")
    return next((each for each in open_ones if each.base == action.base), None)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
