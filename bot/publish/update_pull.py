"""Bringing an open pull request up to date: its branch first, then what it says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.publish.branches import move, pushed
from bot.publish.labels_and_reviewers import ToCome, add, read_note, without_note
from bot.publish.lengths import LONGEST_BODY, shortened, shortened_title

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from bot.plan.actions import UpdatePull
    from bot.publish.commits import Bases


def update_pull(client: RepositoryClient, action: UpdatePull, bases: Bases) -> str:
    """Carries out ``UpdatePull``; one line on what came of it. Nothing is written where somebody pushed in between."""
    pull = client.pull(action.number)
    if not pull.open:
        return f"#{action.number}: left alone, it was {'merged' if pull.merged else 'closed'} in between"
    if action.commit is not None:
        placed = move(client, action.branch, action.expected, action.commit, bases)
        if placed.tip is None:
            return f"#{action.number}: left alone: {placed.why}"
    elif (tip := client.branch_tip(action.branch)) != action.expected:
        why = pushed(client, action.branch, tip, action.expected) if tip else f"{action.branch} is gone"
        return f"#{action.number}: left alone: {why}"
    add(client, action.number, read_note(pull.body) or ToCome())
    title, body = shortened_title(action.title), shortened(without_note(action.body), LONGEST_BODY)
    edited = (pull.title, pull.body.replace("\r\n", "\n").strip()) != (title, body.strip())
    if edited:
        client.edit_pull(action.number, title=title, body=body)
    if action.commit is not None:
        return f"#{action.number}: moved {action.branch} to {placed.tip[:10] if placed.tip else ''}"
    return f"#{action.number}: {'edited' if edited else 'is up to date'}"


def finish(client: RepositoryClient, number: int) -> str | None:
    """What a pull request still lacks since the App was stopped while opening it; None where nothing does."""
    pull = client.pull(number)
    to_come = read_note(pull.body)
    if to_come is None or not pull.open or pull.author != client.bot_login:
        return None
    add(client, number, to_come)
    client.edit_pull(number, body=without_note(pull.body))
    return f"#{number}: added the labels and reviewers that were to come"
