"""``fix [rule]``: on a person's pull request the check run's first button, elsewhere what a push would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.answer import Answer, done, failed, nothing
from bot.commands.bring_up_to_date import bring_up_to_date
from bot.commands.fixes import answer_to
from bot.jobs.apply_fixes import apply_fixes
from bot.plan.state import Owner
from bot.publish.ownership import owner_of

if TYPE_CHECKING:
    from bot.commands.asked import Asked


def fix(asked: Asked) -> Answer:
    """Puts right what can be put right where the command stands."""
    pull = asked.pull
    if pull is None or asked.own_pull is not None:
        return _brought_up_to_date(asked)
    came_of_it = apply_fixes(
        asked.client,
        asked.services,
        pull,
        key=asked.key,
        sender=asked.work.sender,
        rule=asked.command.rule,
    )
    return answer_to(came_of_it, pull, asked.client.repository().html_url)


def _brought_up_to_date(asked: Asked) -> Answer:
    own = asked.own_pull
    tip = asked.client.branch_tip(own.branch) if own is not None and own.open else None
    if (
        own is not None
        and tip is not None
        and owner_of(asked.client, asked.client.commit(tip)) is Owner.PERSON
    ):
        url = asked.client.repository().html_url
        return failed("rebase", "persons", branch=own.branch, tip=tip, url=url)
    came_of_it = bring_up_to_date(asked, own.base if own is not None else None)
    still = asked.client.pulls_by_app()
    shown = [each for each in still if each.open and (own is None or each.number == own.number)]
    case = "up-to-date"
    if came_of_it.actions:
        return done("fix", case, actions=came_of_it.actions, open=shown, own=own is not None)
    return nothing("fix", case, actions=(), open=shown, own=own is not None, said=came_of_it.summary)
