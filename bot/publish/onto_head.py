"""One commit onto the head branch of a person's pull request: by compare-and-swap, and only where they asked for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.github.errors import Moved, Refused
from bot.publish.commits import Bases, make_commit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.github.client import RepositoryClient
    from bot.github.model import PullInfo
    from bot.plan.actions import Commit


class NotPushed(StrEnum):
    """Why nothing was pushed."""

    CLOSED = "closed"
    FORK = "fork"
    BOT = "bot"
    MOVED = "moved"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Pushed:
    """``sha`` is the new commit; None where there is none, and ``why``. ``said`` are GitHub's words on a refusal."""

    sha: str | None
    why: NotPushed | None = None
    said: str = ""


def in_the_way(client: RepositoryClient, pull: PullInfo) -> NotPushed | None:
    """Why the App does not push to a pull request's head whatever the commit; None where it may try.

    Other bots' branches are theirs: they take a commit that is not their own for the end of their work there.
    """
    if not pull.open:
        return NotPushed.CLOSED
    if pull.head_repository.lower() != client.full_name.lower():
        return NotPushed.FORK
    if pull.author_type == "Bot":
        return NotPushed.BOT
    return None


def made_before(client: RepositoryClient, pull: PullInfo, trailer: str) -> str | None:
    """The head, where it is the very commit that was asked for: an earlier run pushed it and was stopped then."""
    tip = client.commit(pull.head_sha)
    found = re.search(rf"^{re.escape(trailer)}[ \t\r]*$", tip.message, re.MULTILINE)
    return tip.sha if found and client.made_by_app(tip) else None


def push_onto_head(
    client: RepositoryClient,
    pull: PullInfo,
    commit: Commit,
    modes: Mapping[str, Mapping[str, str]] | None = None,
) -> Pushed:
    """Makes the commit, whose parent is the head as it was seen, and moves the head branch there from nowhere else."""
    if (why := in_the_way(client, pull)) is not None:
        return Pushed(None, why)
    sha = make_commit(client, commit, Bases(client, modes))
    if sha is None:
        return Pushed(None, NotPushed.SAME)
    try:
        client.move_branch(pull.branch, commit.parent, sha)
    except Moved:
        return Pushed(None, NotPushed.MOVED)
    except Refused as error:
        return Pushed(None, NotPushed.REFUSED, str(error))
    return Pushed(sha)
