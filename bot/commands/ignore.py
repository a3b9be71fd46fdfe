"""``ignore <rule> [here|file|repo]``: silences a rule by a comment or the configuration, or declines a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.answer import Answer, done, failed, nothing
from bot.commands.bring_up_to_date import bring_up_to_date
from bot.commands.ignore_by_comment import ignore_by_comment
from bot.commands.ignore_by_config import ignore_by_config
from bot.commands.parse import Scope
from bot.plan.marker import read_marker

if TYPE_CHECKING:
    from bot.commands.asked import Asked
    from bot.github.model import PullInfo


def ignore(asked: Asked) -> Answer:
    """Without a scope: on the App's own pull request it is declined, in a review's thread its line is meant."""
    scope, rule, own = asked.command.scope, asked.command.rule, asked.own_pull
    if scope is Scope.REPO:
        return ignore_by_config(asked)
    if own is not None:
        return failed("ignore", "on-own", rule=rule) if scope is not None else _declined(asked, own)
    if scope is None and not asked.work.review:
        return failed("ignore", "where", rule=rule)
    if asked.pull is None or not asked.work.review:
        return failed("ignore", "no-line", rule=rule, scope=scope or Scope.HERE)
    return ignore_by_comment(asked, asked.pull, scope or Scope.HERE)


def _declined(asked: Asked, pull: PullInfo) -> Answer:
    """Closes it as a person would: without a word in its marker, so that its findings count as declined."""
    rule, marker = asked.command.rule, read_marker(pull.body)
    if marker is None or marker.rule != rule:
        return failed("ignore", "other-rule", rule=rule, of=marker.rule if marker else "")
    if pull.merged:
        return nothing("ignore", "merged", rule=rule)
    if not pull.open and marker.settled:
        return nothing("ignore", "settled", rule=rule)
    if pull.open:
        asked.client.edit_pull(pull.number, state="closed")
    bring_up_to_date(asked, pull.base)
    return done("ignore", "declined", rule=rule, places=len(marker.findings))
