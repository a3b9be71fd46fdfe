"""Switching a rule off for the whole repository: a pull request that changes its configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import templates
from bot.commands.answer import Answer, done, failed, nothing
from bot.commands.switch_off.edit import NotEdited, switched_off
from bot.jobs.repository_config import reading
from bot.plan.actions import Commit, OpenPull
from bot.plan.branches import PREFIX
from bot.plan.digest import patch_digest
from bot.plan.wording import commit_message, conventional
from bot.publish.publish import publish

if TYPE_CHECKING:
    from bot.commands.asked import Asked


def ignore_by_config(asked: Asked) -> Answer:
    """Opens it into the default branch; one that is open already is brought up to date."""
    client, rule = asked.client, asked.command.rule
    base = client.repository().default_branch
    tip = client.branch_tip(base)
    if tip is None:
        return failed("ignore", "not-opened", rule=rule, reason=f"{base} is gone")
    try:
        edited = switched_off(reading(client, tip), rule)
    except NotEdited as refused:
        return failed("ignore", refused.case, rule=rule, reason=refused.reason)
    if edited is None:
        return nothing("ignore", "off", rule=rule)
    style = conventional(client.recent_subjects(tip))
    title = f"chore: switch {rule} off" if style else f"Switch {rule} off"
    patch = patch_digest({edited.path: (edited.before, edited.after)})
    body = templates.render(
        "commands/ignore_pull.md.j2",
        rule=rule,
        path=edited.path,
        number=asked.work.number,
        sender=asked.work.sender,
        config=True,
    )
    said = f"{asked.work.sender} asked for it in {'pull request' if asked.work.is_pull else 'issue'} {asked.work.number}."
    opening = OpenPull(
        branch=f"{PREFIX}ignore-{rule}",
        base=base,
        title=title,
        body=body,
        commit=Commit(
            tip, commit_message(rule, title, said, patch=patch), {edited.path: edited.after}, patch
        ),
        diff="",
        rule=rule,
    )
    (line,) = publish(client, [opening])
    for each in client.pulls_from(opening.branch, "open"):
        if each.base == base and each.author == client.bot_login:
            return done(
                "ignore", "opened", rule=rule, number=each.number, why="", path=edited.path, config=True
            )
    return failed("ignore", "not-opened", rule=rule, reason=line)
