"""What should become true for one branch: snapshot, report and plan, with nothing written to GitHub."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from bot.analysis.task import Planned, Request, planned
from bot.github.errors import Gone, Passing
from bot.jobs.left_alone import left_alone
from bot.jobs.outcome import Done
from bot.jobs.repository_config import InForce, in_force, reading
from bot.plan.config_check import check_base
from bot.publish.patience import PAUSES
from bot.publish.state import read_state
from bot.snapshot.take import Taken, take
from bot.watching.steps import step
from codemods.engine.files.source import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.events.work import UpdateBranch
    from bot.github.client import RepositoryClient
    from bot.github.model import RepositoryInfo
    from bot.plan.state import State
    from bot.services import Services
    from bot.snapshot.blobs import BlobStore
    from codemods.engine.settings.config import Config

    Changed = Callable[[State], State]

log = structlog.get_logger(__name__)
_REGULAR = ("100644", "100755")


@dataclass(frozen=True, slots=True)
class _Branch:
    """The branch that is worked on, and the commit at its tip."""

    repository: RepositoryInfo
    name: str
    tip: str


@dataclass(frozen=True, slots=True)
class PlannedBranch:
    """A branch at its tip: the configuration in force, what is true on GitHub, and what should become true.

    ``modes`` are git's file modes by path, by commit.
    """

    repository: RepositoryInfo
    name: str
    tip: str
    rules: InForce
    state: State
    result: Planned
    modes: Mapping[str, Mapping[str, str]]


def _as_it_is(state: State) -> State:
    return state


def plan_branch(
    client: RepositoryClient, work: UpdateBranch, services: Services, changed: Changed = _as_it_is
) -> PlannedBranch | Done:
    """Looks at the branch as it is now; why there is nothing to do, where there is not.

    ``changed`` is what the plan is told instead of the state as it is, where a person asked for that.
    Raises ``bot.github.errors`` and ``bot.analysis.errors``.
    """
    with step("look"):
        found = _branch(client, work, services)
    if isinstance(found, Done):
        return found
    with services.blobs(found.repository.id) as store:
        with step("snapshot"):
            taken = take(client, found.tip, store)
        log.info(
            "snapshot taken", files=len(taken.files), new=taken.new_blobs, seconds=round(taken.seconds, 3)
        )
        with step("configuration"):
            rules = in_force(client, reader(taken, store), found.tip)
        is_default = found.name == found.repository.default_branch
        if is_default:
            services.history.configured(found.repository.id, found.name, rules)
        with step("state"):
            state = changed(_state(client, found, rules, services))
        if is_default and not is_base(found.name, found.repository, rules.config):
            return PlannedBranch(
                found.repository, found.name, found.tip, rules, state, _only_checked(state), {}
            )
        request = Request(
            place=f"github-{found.repository.id}",
            files=taken.files,
            skipped=tuple(taken.skipped.items()),
            blobs=store,
            cache=services.cache(found.repository.id),
            config=rules.config,
            state=state,
        )
        with step("analyse"):
            result = services.analyse(planned, request)
    seconds = round(result.seconds, 3)
    log.info("planned", findings=len(result.findings), actions=len(result.actions), seconds=seconds)
    for line in result.log:
        log.info("plan", said=line)
    modes = {found.tip: {file.path: file.mode for file in taken.files}}
    return PlannedBranch(found.repository, found.name, found.tip, rules, state, result, modes)


def _branch(client: RepositoryClient, work: UpdateBranch, services: Services) -> _Branch | Done:
    """The branch to work on; or why there is nothing to do."""
    repository = client.repository()
    services.history.seen(work.repository, repository)
    name = work.branch or repository.default_branch
    if repository.empty and work.sha and _tip(client, name, work.sha) is not None:
        repository = replace(repository, empty=False)  # its first push was not seen everywhere yet
    reason = left_alone(repository)
    reason = reason or _not_a_base(client, repository, name)
    tip = None if reason else _tip(client, name, work.sha)
    if tip is None:
        return Done(summary=f"left alone: {reason or f'the branch {name} is gone'}")
    return _Branch(repository, name, tip)


def _tip(client: RepositoryClient, branch: str, pushed: str | None) -> str | None:
    """The commit at the tip of the branch, None where there is none.

    GitHub reads from replicas, and a webhook may be here before they know of the push: where they still show what was
    before ``pushed``, they are asked again. What they show then counts: somebody may have taken the push back.
    """
    for pause in PAUSES:
        tip = client.branch_tip(branch)
        if tip is not None and (pushed is None or not _is_before(client, tip, pushed)):
            return tip
        time.sleep(pause)
    return client.branch_tip(branch)


def _is_before(client: RepositoryClient, tip: str, pushed: str) -> bool:
    if tip == pushed:
        return False
    try:
        return client.compare(tip, pushed).merge_base == tip
    except Gone:  # nothing in common: pushed by force
        return False
    except Passing:  # one of them is not known there yet
        return True


def is_base(branch: str, repository: RepositoryInfo, config: Config) -> bool:
    """Whether pull requests go into ``branch``: one that ``base-branches`` names, or without it the default branch."""
    return branch in (config.base_branches or (repository.default_branch,))


def _only_checked(state: State) -> Planned:
    """The plan for the default branch where it is no base: it still holds the configuration."""
    check = check_base(state.config_problems, state.base_sha)
    said = f"base-branches does not name {state.base}: no pull requests go there"
    return Planned((check,) if check else (), (), (), 0, (said,), 0.0)


def _not_a_base(client: RepositoryClient, repository: RepositoryInfo, branch: str) -> str | None:
    """Why no pull requests go into ``branch``, which is not the default branch."""
    default = repository.default_branch
    if branch == default:
        return None
    tip = client.branch_tip(default)
    if tip is not None and is_base(branch, repository, in_force(client, reading(client, tip), tip).config):
        return None
    return f"{branch} is not the default branch, and base-branches does not name it"


def reader(taken: Taken, store: BlobStore) -> Callable[[str], bytes]:
    """Gives a snapshot's regular files by path. Raises FileNotFoundError."""
    files = {file.path: file for file in taken.files}

    def read(path: str) -> bytes:
        file = files.get(path)
        if file is None or file.mode not in _REGULAR or file.size > MAX_BYTES:
            raise FileNotFoundError(path)
        found = store.get_many([file.sha])
        if file.sha not in found:
            raise FileNotFoundError(path)
        return found[file.sha]

    return read


def _state(client: RepositoryClient, found: _Branch, rules: InForce, services: Services) -> State:
    wishes = services.history.wishes(found.repository.id)
    return replace(
        read_state(client, found.repository, found.name, found.tip),
        undeclined=wishes.undeclined,
        config_problems=rules.problems,
        onboarding=services.settings.onboarding == "pr",
        configured=bool(rules.config.path or rules.problems),
        paused=wishes.paused,
    )
