"""Threads whose findings are gone: resolved, or hidden where they can't be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.github.errors import Refused
from bot.review.model import Thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.github.client import RepositoryClient
    from bot.github.model import ThreadInfo

OVER = "outdated"
"""The reason that comments are hidden with here; people may give others."""


def resolve(client: RepositoryClient, thread: ThreadInfo) -> str:
    """Resolves a thread of the App's, or hides its first comment; one line on what came of it."""
    place = f"{thread.path}:{thread.line}" if thread.line is not None else thread.path
    if thread.resolved or thread.minimized:
        return f"the thread at {place} is closed already"
    try:
        client.resolve_thread(thread.id)
    except Refused as error:
        try:
            client.minimize_comment(thread.comment_node_id, OVER.upper())
        except Refused:
            return f"left the thread at {place} open: {error}"
        return f"hid the comment at {place}: {error}"
    return f"resolved the thread at {place}"


def as_reviewed(
    client: RepositoryClient, threads: list[ThreadInfo], fingerprint: Callable[[str], str | None]
) -> tuple[Thread, ...]:
    """The threads as the review's plan asks for them; ``fingerprint`` reads the marker of a comment.

    A hidden comment counts as resolved: by the App where the reason is its own, else by a person.
    """
    return tuple(
        Thread(
            id=each.id,
            comment_id=each.comment_id,
            path=each.path,
            line=each.line,
            resolved=each.resolved or bool(each.minimized),
            resolved_by_bot=_by_app(client, each),
            outdated=each.outdated,
            fingerprint=fingerprint(each.body) or "",
        )
        for each in threads
    )


def _by_app(client: RepositoryClient, thread: ThreadInfo) -> bool:
    if thread.resolved:
        return client.is_own_login(thread.resolved_by)
    return thread.minimized == OVER
