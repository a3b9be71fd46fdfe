"""``status``: what is open, what waits, what was declined, and what holds here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands.answer import Answer, failed, told
from bot.events.work import UpdateBranch
from bot.jobs.outcome import Done
from bot.jobs.plan_branch import plan_branch
from bot.plan.draft import DEFAULT_CONFIG

if TYPE_CHECKING:
    from bot.commands.asked import Asked
    from bot.plan.state import State

_ROWS = 20


def status(asked: Asked) -> Answer:
    """Looks at the default branch as a push would, and writes nothing."""
    last = asked.services.history.last_run(asked.work.repository.id)
    work = UpdateBranch(repository=asked.work.repository, reason=f"{asked.work.sender} asked for the status")
    found = plan_branch(asked.client, work, asked.services, _not_paused)
    if isinstance(found, Done):
        return failed("why", "left-alone", reason=found.summary)
    state = found.state
    return told(
        "status",
        paused=asked.paused,
        open=[each for each in state.pulls if each.open],
        waiting=found.result.waiting,
        declined=[each for each in state.pulls if state.is_declined(each)],
        places=len(state.declined),
        findings=len(found.result.findings),
        branch=found.name,
        tip=found.tip,
        url=found.repository.html_url,
        config=found.rules.config.path,
        default_config=DEFAULT_CONFIG,
        problems=found.rules.problems,
        last=last,
        rows=_ROWS,
    )


def _not_paused(state: State) -> State:
    """What waits is told while the repository is paused, too."""
    return replace(state, paused=False)
