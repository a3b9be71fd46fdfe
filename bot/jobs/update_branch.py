"""Brings the pull requests for one branch up to date with its tip: snapshot, report, plan, publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.analysis.task import Planned, Request, planned
from bot.jobs.left_alone import left_alone
from bot.jobs.outcome import Done
from bot.jobs.repository_config import InForce, in_force, reading
from bot.publish.publish import publish
from bot.publish.state import read_state
from bot.snapshot.take import Taken, take
from codemods.engine.files.source import MAX_BYTES
from codemods.engine.settings.config import Config, ConfigError, read_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.events.work import UpdateBranch
    from bot.github.client import RepositoryClient
    from bot.github.model import RepositoryInfo
    from bot.plan.state import State
    from bot.services import Services
    from bot.snapshot.blobs import BlobStore

log = structlog.get_logger(__name__)


def update_branch(work: UpdateBranch, services: Services) -> Done:
    """Does it, and says what was done. Raises ``bot.github.errors`` and ``bot.analysis.errors``.

    The branch is looked at as it is now; everything that is written is looked for first, so that a second run after
    a crash at any point ends in the same state.
    """
    client = services.connect(work.repository)
    repository = client.repository()
    if (reason := left_alone(repository)) is not None:
        return Done(summary=f"left alone: {reason}")
    base = work.branch or repository.default_branch
    services.history.seen(work.repository, repository)
    if (reason := _not_a_base(client, repository, base)) is not None:
        return Done(summary=f"left alone: {reason}")
    tip = client.branch_tip(base)
    if tip is None:
        return Done(summary=f"left alone: the branch {base} is gone")
    with services.blobs(repository.id) as store:
        taken = take(client, tip, store)
        log.info(
            "snapshot taken", files=len(taken.files), new=taken.new_blobs, seconds=round(taken.seconds, 3)
        )
        rules = in_force(client, _reader(taken, store), tip)
        state = _state(client, repository, base, tip, rules, services)
        result = services.analyse(planned, _request(services, repository, taken, store, rules, state))
    seconds = round(result.seconds, 3)
    log.info("planned", findings=len(result.findings), actions=len(result.actions), seconds=seconds)
    modes = {tip: {file.path: file.mode for file in taken.files}}
    done = publish(client, result.actions, state=state, modes=modes)
    services.history.worked(repository.id, base, tip, rules.config, result)
    return Done(summary=_summary(base, tip, result), actions=tuple(done))


def _not_a_base(client: RepositoryClient, repository: RepositoryInfo, branch: str) -> str | None:
    """Why no pull requests go into ``branch``: it is neither the default branch nor one that is configured."""
    if branch == repository.default_branch:
        return None
    try:
        config = read_config(reading(client, repository.default_branch))
    except ConfigError:
        tip = client.branch_tip(repository.default_branch)
        config = in_force(client, reading(client, repository.default_branch), tip).config if tip else Config()
    if branch in config.base_branches:
        return None
    return f"{branch} is not the default branch, and base-branches does not name it"


def _reader(taken: Taken, store: BlobStore) -> Callable[[str], bytes]:
    """The snapshot's files by path. Raises FileNotFoundError."""
    names = {file.path: file for file in taken.files}

    def read(path: str) -> bytes:
        file = names.get(path)
        if file is None or file.mode not in ("100644", "100755") or file.size > MAX_BYTES:
            raise FileNotFoundError(path)
        found = store.get_many([file.sha])
        if file.sha not in found:
            raise FileNotFoundError(path)
        return found[file.sha]

    return read


def _state(
    client: RepositoryClient,
    repository: RepositoryInfo,
    base: str,
    tip: str,
    rules: InForce,
    services: Services,
) -> State:
    kept = services.history.wishes(repository.id)
    return read_state(
        client,
        repository,
        base,
        base_sha=tip,
        undeclined=kept.undeclined,
        config_problems=rules.problems,
        onboarding=services.settings.onboarding == "pr",
        configured=bool(rules.config.path or rules.problems),
        paused=kept.paused,
    )


def _request(
    services: Services,
    repository: RepositoryInfo,
    taken: Taken,
    store: BlobStore,
    rules: InForce,
    state: State,
) -> Request:
    return Request(
        place=f"github-{repository.id}",
        files=taken.files,
        skipped=tuple(taken.skipped.items()),
        blobs=store,
        cache=services.cache(repository.id),
        config=rules.config,
        state=state,
    )


def _summary(base: str, tip: str, result: Planned) -> str:
    findings = f"{len(result.findings)} finding{'s' if len(result.findings) != 1 else ''}"
    return f"{base} at {tip[:10]}: {findings} in {result.files} files, {len(result.actions)} actions"
