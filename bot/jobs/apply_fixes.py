"""Puts right what a pull request brings: as one commit on its head, or as a pull request into it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from bot import templates
from bot.jobs.fixes_of_pull import FixesOfPull, asked_trailer, fixes_of
from bot.plan.actions import OpenPull
from bot.plan.branches import PREFIX
from bot.plan.wording import LONGEST_TITLE, shortened
from bot.publish.onto_head import NotPushed, in_the_way, made_before, push_onto_head
from bot.publish.publish import publish
from bot.version import own_version
from bot.watching.steps import step

if TYPE_CHECKING:
    from bot.analysis.fixes import Place
    from bot.github.client import RepositoryClient
    from bot.github.model import PullInfo
    from bot.services import Services


class Outcome(StrEnum):
    """What came of it."""

    PUSHED = "pushed"
    OPENED = "opened"
    NOTHING = "nothing"
    OFF = "off"
    CLOSED = "closed"
    FORK = "fork"
    BOT = "bot"
    MOVED = "moved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Applied:
    """``sha`` or ``url`` and ``number`` are what was made. ``left`` are findings that stay, ``said`` GitHub's words."""

    outcome: Outcome
    sha: str = ""
    number: int = 0
    url: str = ""
    rule: str = ""
    applied: tuple[Place, ...] = field(default=())
    left: tuple[Place, ...] = field(default=())
    said: str = ""


def apply_fixes(
    client: RepositoryClient, services: Services, pull: PullInfo, *, key: str, sender: str, rule: str = ""
) -> Applied:
    """One commit with every allowed patch for what the pull request brings, onto its head branch.

    Only where that branch is in this repository and still at the head that was looked at. ``key`` names who asked:
    asked again, the commit that was made for it before is what came of it. That ``sender`` may write was looked at
    before. Raises ``bot.github.errors`` and ``bot.analysis.errors``.
    """
    if (why := in_the_way(client, pull)) is not None:
        return Applied(_OUTCOMES[why])
    before = made_before(client, pull, asked_trailer(key))
    if before is not None:
        return Applied(Outcome.PUSHED, sha=before)
    found = fixes_of(client, services, pull, key=key, sender=sender, rule=rule)
    if found.commit is None:
        return _none(found, rule)
    with step("publish"):
        pushed = push_onto_head(client, pull, found.commit, found.modes)
    if pushed.sha is None:
        outcome = _OUTCOMES[pushed.why] if pushed.why else Outcome.NOTHING
        return Applied(outcome, said=pushed.said, left=found.fixes.left, rule=rule)
    return Applied(
        Outcome.PUSHED, sha=pushed.sha, applied=found.fixes.applied, left=found.fixes.left, rule=rule
    )


def open_fixes(
    client: RepositoryClient, services: Services, pull: PullInfo, *, key: str, sender: str, rule: str = ""
) -> Applied:
    """The same change as a pull request into the head branch; one that is open already is brought up to date."""
    why = in_the_way(client, pull)
    if why is not None and why is not NotPushed.BOT:
        return Applied(_OUTCOMES[why])
    found = fixes_of(client, services, pull, key=key, sender=sender, rule=rule)
    if found.commit is None:
        return _none(found, rule)
    branch = f"{PREFIX}fixes-for-{pull.number}"
    opening = OpenPull(
        branch=branch,
        base=pull.branch,
        title=shortened(found.title, LONGEST_TITLE),
        body=_body(client, pull, found, sender),
        commit=found.commit,
        diff="",
        rule=rule,
    )
    with step("publish"):
        (line,) = publish(client, [opening], modes=found.modes)
    for each in client.pulls_from(branch, "open"):
        if each.base == pull.branch and each.author == client.bot_login:
            return Applied(
                Outcome.OPENED,
                number=each.number,
                url=each.url,
                applied=found.fixes.applied,
                left=found.fixes.left,
                rule=rule,
            )
    return Applied(Outcome.REFUSED, said=line, rule=rule)


def _none(found: FixesOfPull, rule: str) -> Applied:
    return Applied(Outcome.OFF if found.off else Outcome.NOTHING, left=found.fixes.left, rule=rule)


def _body(client: RepositoryClient, pull: PullInfo, found: FixesOfPull, sender: str) -> str:
    return templates.render(
        "commands/fixes_pull.md.j2",
        number=pull.number,
        head=pull.branch,
        sender=sender,
        sites=found.fixes.applied,
        left=found.fixes.left,
        files=len(found.fixes.files),
        notes=sorted({note for each in found.fixes.applied for note in each.notes}),
        unsafe=any(each.unsafe for each in found.fixes.applied),
        url=client.repository().html_url,
        sha=pull.head_sha,
        version=own_version(),
        rows=100,
    )


_OUTCOMES = {
    NotPushed.CLOSED: Outcome.CLOSED,
    NotPushed.FORK: Outcome.FORK,
    NotPushed.BOT: Outcome.BOT,
    NotPushed.MOVED: Outcome.MOVED,
    NotPushed.SAME: Outcome.NOTHING,
    NotPushed.REFUSED: Outcome.REFUSED,
}
