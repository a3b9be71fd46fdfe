"""A button of the check run on a pull request: what it does, said visibly in the conversation."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from bot import templates
from bot.commands.answer import Answer, failed
from bot.commands.attempt import attempted
from bot.commands.conversation import Conversation
from bot.commands.fixes import answer_to
from bot.github.permissions import MAY_WRITE
from bot.jobs.apply_fixes import apply_fixes, open_fixes
from bot.jobs.fixes_of_pull import asked_trailer
from bot.jobs.left_alone import left_alone
from bot.jobs.outcome import Done
from bot.plan.marker import comment_marker
from bot.publish.onto_head import made_before
from bot.review.model import APPLY, OPEN
from bot.watching.steps import step

if TYPE_CHECKING:
    from bot.events.work import PressButton
    from bot.github.client import RepositoryClient
    from bot.github.model import PullInfo
    from bot.services import Services

_LABELS = {APPLY: "Apply fixes", OPEN: "Open as pull request"}


def press_button(job: str, work: PressButton, services: Services, *, last: bool = False) -> Done:
    """Does what the button says and answers below the pull request, also where it can't.

    ``job`` names the delivery: the same one again finds its answer there and does nothing. ``last``: there is no
    further attempt. Raises ``bot.github.errors`` for what can pass.
    """
    if work.identifier not in _LABELS or work.sender.endswith("[bot]"):
        return Done(summary=f"left alone: {work.sender} pressed {work.identifier!r}")
    with services.connect(work.repository) as client:
        return _pressed(client, job, work, services, last=last)


def _pressed(
    client: RepositoryClient, job: str, work: PressButton, services: Services, *, last: bool
) -> Done:
    repository = client.repository()
    if (reason := left_alone(repository)) is not None:
        return Done(summary=f"left alone: {reason}")
    services.history.seen(work.repository, repository)
    pull = _pull(client, work)
    if pull is None:
        return Done(summary=f"left alone: no open pull request has {work.head_sha[:10]} as its head")
    conversation = Conversation(client, pull.number)
    key = f"button-{blake2b(job.encode(), digest_size=8).hexdigest()}"
    if key in conversation.said:
        return Done(summary=f"#{pull.number}: the button was answered already")
    if client.permission(work.sender) not in MAY_WRITE:
        key = f"not-allowed-{work.sender.lower()}"
        body = templates.render("commands/not_allowed.md.j2", sender=work.sender, marker=comment_marker(key))
        conversation.say(key, body)
        return Done(summary=f"{work.sender} may not press buttons here")
    answer = attempted(
        f"{work.identifier} on #{pull.number}",
        lambda: _answer(client, services, work, pull, key),
        last=last,
    )
    with step("answer"):
        conversation.say(key, answer.body(_LABELS[work.identifier], key))
    return Done(
        summary=f"{work.sender} pressed {work.identifier} on #{pull.number}", actions=(answer.summary(),)
    )


def _pull(client: RepositoryClient, work: PressButton) -> PullInfo | None:
    """The pull request that the check run is about; GitHub names none where its head lies in a fork."""
    if work.number is not None:
        return client.pull(work.number)
    return next(iter(client.pulls_with_head(work.head_sha)), None)


def _answer(
    client: RepositoryClient, services: Services, work: PressButton, pull: PullInfo, key: str
) -> Answer:
    if services.history.wishes(work.repository.id).paused:
        return failed("why", "paused")
    act = apply_fixes if work.identifier == APPLY else open_fixes
    if pull.open and pull.head_sha != work.head_sha and not _ours(client, pull, key):
        return failed("why", "old-head", tip=pull.head_sha, url=client.repository().html_url)
    applied = act(client, services, pull, key=key, sender=work.sender)
    return answer_to(applied, pull, client.repository().html_url)


def _ours(client: RepositoryClient, pull: PullInfo, key: str) -> bool:
    """Whether the head moved because an earlier run of this very job pushed to it."""
    return made_before(client, pull, asked_trailer(key)) is not None
