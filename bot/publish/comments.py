"""Comments, each said once: a hidden marker with its key tells that it has been."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.github.errors import Refused
from bot.plan.marker import comment_key, comment_marker
from bot.publish.lengths import LONGEST_BODY, shortened

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from bot.plan.actions import Comment

log = structlog.get_logger(__name__)


def comment(client: RepositoryClient, action: Comment) -> str:
    """Carries out ``Comment``; one line on what came of it."""
    said = say_once(client, action.number, action.key, action.body)
    return f"#{action.number}: {'commented' if said else 'had the comment already'} ({action.key})"


def say_once(client: RepositoryClient, number: int, key: str, body: str) -> bool:
    """Comments on a pull request unless the App did so with this key before; whether it did now.

    People who lock a conversation want nothing said there: then nothing is, and what else is to be done goes on.
    """
    ours = (each for each in client.comments(number) if each.author == client.bot_login)
    if any(comment_key(each.body) == key for each in ours):
        return False
    if comment_key(body) != key:
        body = f"{body.rstrip()}\n\n{comment_marker(key)}\n"
    try:
        client.create_comment(number, shortened(body, LONGEST_BODY))
    except Refused as error:
        if "locked" not in str(error).lower():
            raise
        log.warning("a locked conversation takes no comment", pull_request=number, key=key)
        return False
    return True
