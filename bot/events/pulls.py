"""Pull requests: what people do to the App's, and what those of others bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.events.known import PREFIX
from bot.events.payload import PullEvent
from bot.events.repository import acting_on, is_base, own
from bot.events.work import CheckConfig, CheckPull, Ignored, UpdateBranch, Work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.events.known import Known
    from bot.events.payload import PullRequest
    from bot.events.work import Repository

_NEW_HEAD = frozenset({"opened", "reopened", "synchronize", "ready_for_review"})


def decide_pull(payload: Mapping[str, Any], known: Known) -> list[Work]:
    """Closing one of the App's makes room for the next, commits on it end the App's writing there.

    What was declined is read from GitHub when the work is done: here it is only said that there is something to see.
    """
    event = PullEvent.model_validate(payload)
    repository = acting_on(event, event.repository, known)
    if isinstance(repository, Ignored):
        return [repository]
    pull = event.pull_request
    moved_base = event.action == "edited" and "base" in event.changes
    if _is_ours(event, known):
        sender = event.sender.login if event.sender else ""
        done = "merged" if event.action == "closed" and pull.merged else event.action
        reason = f"#{pull.number} was {_DONE.get(done, done)}"
        works: list[Work] = []
        if event.action == "closed":
            works += [
                UpdateBranch(
                    repository=repository, branch=each, reason=f"{reason}: there is room for another"
                )
                for each in _other_bases(event, known)
            ]
        if own(sender, known):
            done = "pushed to" if event.action == "synchronize" else event.action or "changed"
            return works or [Ignored(reason=f"the App itself {done} #{pull.number}")]
        if event.action in {"closed", "reopened", "synchronize"} or moved_base:
            works.insert(0, UpdateBranch(repository=repository, branch=pull.base.ref, reason=reason))
            if event.action == "synchronize":  # a person may have worked on the configuration that it adds
                works.append(_check_config(repository, pull, reason))
            return works
        return [Ignored(reason=f"{event.action or 'this'} on #{pull.number} changes nothing for the App")]
    if event.action not in _NEW_HEAD and not moved_base:
        return [Ignored(reason=f"{event.action or 'this'} on #{pull.number} is for its author and reviewers")]
    # also after the App's own push, which was asked for: it makes a new head, and a check may be required there
    reason = f"#{pull.number} was {_DONE.get(event.action, event.action)}"
    works = [CheckPull(repository=repository, number=pull.number, head_sha=pull.head.sha, reason=reason)]
    if is_base(pull.base.ref, event.repository, known) is not False and pull.changed_files != 0:
        # drafts, forks' and other bots' too: whoever breaks the configuration is to see it before the merge
        works.append(_check_config(repository, pull, reason))
    return works


_DONE = {"synchronize": "pushed to", "ready_for_review": "marked as ready", "edited": "moved to another base"}


def _check_config(repository: Repository, pull: PullRequest, reason: str) -> CheckConfig:
    return CheckConfig(repository=repository, sha=pull.head.sha, base_sha=pull.base.sha, reason=reason)


def _other_bases(event: PullEvent, known: Known) -> list[str]:
    """The other branches that pull requests go into: how many may be open counts for all of them together."""
    bases = known.base_branches or ()
    if bases and event.repository.default_branch:
        bases = (event.repository.default_branch, *bases)
    return [each for each in dict.fromkeys(bases) if each != event.pull_request.base.ref]


def _is_ours(event: PullEvent, known: Known) -> bool:
    """By its branch in this repository, and by its author as far as both are known."""
    pull = event.pull_request
    if not pull.head.ref.startswith(PREFIX):
        return False
    if pull.head.repo is not None and pull.head.repo.id != event.repository.id:
        return False
    return not known.bot or pull.user is None or own(pull.user.login, known)
