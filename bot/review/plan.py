"""From what was found in a pull request's head to what should be said there. Pure.

Carried out, and asked again with nothing else changed, it gives no further comment and nothing more to resolve.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.review.comment import comment
from bot.review.introduced import introduced
from bot.review.model import APPLY, LARGEST, OPEN, Button, CheckReport, ReviewPlan, external_id
from bot.review.remarks import Remark, remarks
from bot.review.summary import Summary, annotated

if TYPE_CHECKING:
    from bot.plan.found import Found
    from bot.review.diff import Diff
    from bot.review.model import PullView, Thread
    from codemods.engine.run.report import Reported, Skipped
    from codemods.engine.settings.config import Config

_EXCLUDED = "excluded by the configuration"
_WORST_LAST = ("success", "neutral", "action_required", "failure")


def plan_review(  # noqa: PLR0917 - each is a different thing, and none has a default
    found: Found,
    base: frozenset[str],
    diff: Diff,
    view: PullView,
    threads: Sequence[Thread],
    config: Config,
) -> ReviewPlan:
    """What should be true of the pull request.

    ``found`` is the analysis of its whole head, ``base`` what was known at its merge base
    (``bot.review.introduced.known_before``), ``threads`` are all conversations that the App began there.
    """
    if view.own:
        return ReviewPlan(log=("opened by the App itself: nothing is said there",))
    large = view.changed_files > LARGEST
    news = introduced(found.report.findings, base, diff, found.snapshot.read)
    said = remarks(news, found, diff, threads)
    buttons = () if large else _buttons(said, view)
    quiet = _quiet(view, config, large=large)
    chosen = () if quiet else _chosen(said, config)
    commented = {each.new.mark for each in (*chosen, *(one for one in said if one.thread is not None))}
    incomplete = len(diff.files) < view.changed_files
    summary = Summary(view, config, said, commented, buttons, _unseen_changes(found, diff), quiet, incomplete)
    check = CheckReport(
        head_sha=view.head_sha,
        external_id=external_id(view.number, view.head_sha),
        conclusion=_conclusion(said, config, sure=not incomplete),
        title=summary.title(),
        summary=summary.text(),
        annotations=() if large else annotated(said, config),
        buttons=buttons,
    )
    comments = tuple(comment(each, buttons) for each in chosen)
    return ReviewPlan(check, comments, _gone(found, threads), (quiet,) if quiet and said else ())


def to_apply(found: Found, base: frozenset[str], diff: Diff) -> tuple[Reported, ...]:
    """The findings that the buttons are about: all that the pull request brings whose patches may be offered."""
    news = introduced(found.report.findings, base, diff, found.snapshot.read)
    return tuple(each.finding for each in news if found.offered(each.finding))


def _quiet(view: PullView, config: Config, *, large: bool) -> str:
    """Why there are no comments, as a sentence for the author; empty where there may be."""
    if large:
        return f"It changes more than {LARGEST} files: there are no comments and no annotations."
    if not config.suggestions:
        return "Comments are switched off in the configuration."
    if view.author_is_bot:
        return "A bot opened it: there are no comments."
    if view.draft:
        return "It is a draft: comments come when it is ready for review."
    return ""


def _chosen(said: Sequence[Remark], config: Config) -> tuple[Remark, ...]:
    """The remarks that become comments now: suggestions before descriptions, what fails the check before the rest.

    Conversations that there are count, resolved or not: a push does not bring the next ten.
    """
    room = max(0, config.max_comments - sum(each.thread is not None for each in said))
    able = [each for each in said if each.lines is not None and each.thread is None]
    able.sort(key=lambda each: (-_weight(each, config), each.suggestion is None))
    return tuple(sorted(able[:room], key=lambda each: (each.finding.path, each.finding.line)))


def _weight(remark: Remark, config: Config) -> int:
    return _WORST_LAST.index(config.conclusion(remark.finding.rule))


def _conclusion(said: Sequence[Remark], config: Config, *, sure: bool) -> str:
    """How the check run ends; neutral at worst where it is not ``sure`` which findings are new."""
    worst = max((_weight(each, config) for each in said), default=0)
    return _WORST_LAST[worst if sure else min(worst, 1)]


def _buttons(said: Sequence[Remark], view: PullView) -> tuple[Button, ...]:
    """What can be done about the patches: pushing needs a branch that may be written and is not another bot's."""
    if not any(each.offered for each in said):
        return ()
    found = []
    if view.may_write and not view.author_is_bot:
        found.append(Button("Apply fixes", "Commits the patches to this branch", APPLY))
    if not view.fork:
        found.append(Button("Open as pull request", "A pull request into this branch", OPEN))
    return tuple(found)


def _gone(found: Found, threads: Sequence[Thread]) -> tuple[str, ...]:
    """The conversations whose finding is gone; what could not be looked at this time is not gone."""
    there = {each.fingerprint for each in found.report.findings}
    unseen = {each.path for each in found.report.skipped}
    if "." in unseen:
        return ()
    return tuple(
        each.id
        for each in threads
        if not each.resolved and each.fingerprint not in there and each.path not in unseen
    )


def _unseen_changes(found: Found, diff: Diff) -> tuple[Skipped, ...]:
    return tuple(
        each for each in found.report.skipped if each.path in diff.files and each.reason != _EXCLUDED
    )
