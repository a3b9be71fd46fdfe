"""Runs the commands of one comment: who may, one after the other, each with one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot import templates
from bot.commands.answer import Answer, failed, told
from bot.commands.asked import Asked
from bot.commands.attempt import attempted
from bot.commands.conversation import Conversation
from bot.commands.explain import explain
from bot.commands.fix import fix
from bot.commands.ignore import ignore
from bot.commands.parse import Command, Name, Unclear, commands
from bot.commands.pause import pause, resume
from bot.commands.rebase import rebase, recreate
from bot.commands.status import status
from bot.commands.unignore import unignore
from bot.github.permissions import MAY_WRITE
from bot.jobs.left_alone import left_alone
from bot.jobs.outcome import Done
from bot.plan.marker import comment_marker
from bot.watching.steps import step
from codemods.engine import registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.events.work import RunCommand
    from bot.github.client import RepositoryClient
    from bot.services import Services

log = structlog.get_logger(__name__)
_WRITING = frozenset({Name.FIX, Name.REBASE, Name.RECREATE, Name.IGNORE, Name.UNIGNORE})


def run_command(job: str, work: RunCommand, services: Services, *, last: bool = False) -> Done:
    """Does what a comment asks for and says so below it. Raises ``bot.github.errors`` for what can pass.

    Every answer ends in a hidden marker for its comment and place there. What has one is not done again, so that a
    delivery that comes twice, or a run after a crash, ends in the same state. ``last``: there is no further attempt,
    what can pass by itself is answered, too.
    """
    if work.sender.endswith("[bot]"):
        return Done(summary=f"left alone: {work.sender} is no person")
    with services.connect(work.repository) as client:
        return _run(client, job, work, services, last=last)


def _run(client: RepositoryClient, job: str, work: RunCommand, services: Services, *, last: bool) -> Done:
    wanted = commands(work.body, client.app_slug, registry.known())
    if not wanted:
        return Done(summary=f"no command in comment {work.comment}")
    repository = client.repository()
    if repository.archived or repository.disabled:
        return Done(summary=f"left alone: {left_alone(repository)}")
    services.history.seen(work.repository, repository)
    conversation = Conversation(client, work.number, work.comment if work.review else None)
    keyed = [(f"command-{work.comment}-{place}", each) for place, each in enumerate(wanted, start=1)]
    missing = [(key, each) for key, each in keyed if key not in conversation.said]
    if not missing:
        return Done(summary=f"comment {work.comment} has its answer already")
    if client.permission(work.sender) not in MAY_WRITE:
        key = f"not-allowed-{work.sender.lower()}"
        body = templates.render("commands/not_allowed.md.j2", sender=work.sender, marker=comment_marker(key))
        said = conversation.say(key, body)
        return Done(summary=f"{work.sender} may not command here{'' if said else ', and was told so'}")
    client.add_reaction(work.comment, "eyes", review=work.review)
    lines = []
    for key, each in missing:
        answer = (
            _unclear(each)
            if isinstance(each, Unclear)
            else _answer(Asked(client, services, job, work, each, key), last=last)
        )
        shown = str(each) if isinstance(each, Command) and each.name is not Name.HELP else ""
        with step("answer"):
            conversation.say(key, answer.body(shown, key))
        log.info("command", command=str(each), said=answer.summary())
        lines.append(f"{each}: {answer.summary()}")
    return Done(summary=f"answered {work.sender} on #{work.number}", actions=tuple(lines))


def _answer(asked: Asked, *, last: bool) -> Answer:
    reason = left_alone(asked.client.repository())
    if reason is not None:
        return failed("why", "left-alone", reason=reason)
    if asked.paused and asked.command.name in _WRITING:
        return failed("why", "paused")
    return attempted(str(asked.command), lambda: _RUN[asked.command.name](asked), last=last)


def _help(asked: Asked) -> Answer:
    return told("help", slug=asked.client.app_slug)


def _unclear(said: Unclear) -> Answer:
    return failed(
        "unclear",
        said.mistake.value,
        word=said.word,
        meant=said.meant,
        usage=said.usage,
        rules=sorted(registry.known()),
    )


_RUN: dict[Name, Callable[[Asked], Answer]] = {
    Name.FIX: fix,
    Name.REBASE: rebase,
    Name.RECREATE: recreate,
    Name.EXPLAIN: explain,
    Name.IGNORE: ignore,
    Name.UNIGNORE: unignore,
    Name.PAUSE: pause,
    Name.RESUME: resume,
    Name.STATUS: status,
    Name.HELP: _help,
}
