"""Check runs and merge groups: what people ask for again, the buttons they press, and what the merge queue wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.events.payload import CheckRunEvent, CheckSuiteEvent, MergeGroupEvent
from bot.events.repository import acting_on, is_base, is_bot, own
from bot.events.work import (
    AnswerMergeGroup,
    CheckConfig,
    CheckHead,
    CheckPull,
    Ignored,
    PressButton,
    UpdateBranch,
    Work,
)
from bot.plan.config_check import NAME as CONFIG_CHECK
from bot.review.model import external_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.events import work
    from bot.events.known import Known
    from bot.events.payload import CheckingApp, Linked, Repository

_MERGE_QUEUE = "gh-readonly-queue/"
"""Branches below it are the merge queue's, one for each group."""


def decide_check_run(payload: Mapping[str, Any], known: Known) -> list[Work]:
    """One of the App's check runs was asked for again, or a button of it was pressed."""
    event = CheckRunEvent.model_validate(payload)
    run = event.check_run
    if event.action not in {"rerequested", "requested_action"}:
        return [Ignored(reason=f"a check run was {event.action or 'changed'}")]
    if not _is_ours(run.app, known):
        return [Ignored(reason=f"the check run {run.name} is another App's")]
    repository = acting_on(event, event.repository, known)
    if isinstance(repository, Ignored):
        return [repository]
    pulls = _into(event.repository, run.pull_requests)
    if event.action == "requested_action":
        return [_pressed(event, repository, pulls, known)]
    branch = run.check_suite.head_branch if run.check_suite else None
    if run.name == CONFIG_CHECK:
        return _configs(repository, pulls) or _base(event.repository, repository, branch, known)
    return _again(repository, run.head_sha, branch, pulls)


def decide_check_suite(payload: Mapping[str, Any], known: Known) -> list[Work]:
    """All of the App's check runs on a commit were asked for again. New suites come with pushes, which tell more."""
    event = CheckSuiteEvent.model_validate(payload)
    suite = event.check_suite
    if event.action != "rerequested":
        return [Ignored(reason=f"a check suite was {event.action or 'changed'}")]
    if not _is_ours(suite.app, known):
        return [Ignored(reason="the check suite is another App's")]
    repository = acting_on(event, event.repository, known)
    if isinstance(repository, Ignored):
        return [repository]
    pulls = _into(event.repository, suite.pull_requests)
    if not pulls and suite.head_branch and is_base(suite.head_branch, event.repository, known):
        return _base(event.repository, repository, suite.head_branch, known)
    return _again(repository, suite.head_sha, suite.head_branch, pulls) + _configs(repository, pulls)


def decide_merge_group(payload: Mapping[str, Any], known: Known) -> list[Work]:
    """The merge queue waits for every check that is required."""
    event = MergeGroupEvent.model_validate(payload)
    if event.action != "checks_requested":
        return [Ignored(reason=f"a merge group was {event.action or 'changed'}")]
    repository = acting_on(event, event.repository, known, forks=True)
    if isinstance(repository, Ignored):
        return [repository]
    return [_group(repository, event.merge_group.head_sha)]


def _pressed(
    event: CheckRunEvent, repository: work.Repository, pulls: Sequence[Linked], known: Known
) -> Work:
    run, sender = event.check_run, event.sender
    if event.requested_action is None:
        return Ignored(reason="a button was pressed, but the delivery does not say which")
    if is_bot(sender, known) or sender is None:
        return Ignored(reason="a button was pressed by nobody who is known")
    return PressButton(
        repository=repository,
        number=_meant(run.external_id, run.head_sha, pulls),
        head_sha=run.head_sha,
        check_run=run.id,
        identifier=event.requested_action.identifier,
        sender=sender.login,
        reason=f"{sender.login} pressed {event.requested_action.identifier}",
    )


def _meant(name: str | None, head_sha: str, pulls: Sequence[Linked]) -> int | None:
    """Which pull request the check run was made for: several may have the same head."""
    for each in pulls:
        if name == external_id(each.number, head_sha):
            return each.number
    at_head = [each.number for each in pulls if each.head.sha == head_sha]
    return next(iter(at_head), None)


def _again(
    repository: work.Repository, head_sha: str, branch: str | None, pulls: Sequence[Linked]
) -> list[Work]:
    if branch is not None and branch.startswith(_MERGE_QUEUE):
        return [_group(repository, head_sha)]
    reason = "its check was asked for again"
    if not pulls:
        return [CheckHead(repository=repository, head_sha=head_sha, reason=reason)]
    return [
        CheckPull(repository=repository, number=each.number, head_sha=each.head.sha, reason=reason)
        for each in pulls
    ]


def _configs(repository: work.Repository, pulls: Sequence[Linked]) -> list[Work]:
    return [
        CheckConfig(
            repository=repository,
            sha=each.head.sha,
            base_sha=each.base.sha,
            reason=f"the check of #{each.number} was asked for again",
        )
        for each in pulls
    ]


def _base(described: Repository, repository: work.Repository, branch: str | None, known: Known) -> list[Work]:
    """What is said on a base branch's tip comes with the work on that branch."""
    if branch is None or is_base(branch, described, known) is False:
        return [Ignored(reason=f"{branch or 'the commit'} is not a branch that pull requests are opened for")]
    return [UpdateBranch(repository=repository, branch=branch, reason="its check was asked for again")]


def _group(repository: work.Repository, head_sha: str) -> AnswerMergeGroup:
    return AnswerMergeGroup(repository=repository, head_sha=head_sha, reason="the merge queue asks for it")


def _into(repository: Repository, pulls: Sequence[Linked]) -> list[Linked]:
    """Those into this repository: GitHub names those that a fork's branch goes to elsewhere as well."""
    return [each for each in pulls if each.base.repo is None or each.base.repo.id == repository.id]


def _is_ours(app: CheckingApp | None, known: Known) -> bool:
    """GitHub tells nobody else of these; checked as far as both names are known."""
    slug = app.slug if app is not None else None
    return not known.bot or slug is None or own(f"{slug}[bot]", known)
