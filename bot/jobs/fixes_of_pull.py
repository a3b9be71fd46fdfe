"""What the fix button would change on a pull request, as a commit on its head; nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from bot.analysis.analysed import Files
from bot.analysis.fixes import Fixes, FixesRequest, fixes
from bot.jobs.repository_config import in_force, reading
from bot.markdown import plain
from bot.plan.actions import Commit
from bot.plan.body import summary
from bot.plan.wording import commit_message, conventional, headline, is_conventional, subject
from bot.review.diff import Diff, file_diff
from bot.snapshot.take import take
from bot.watching.steps import step
from codemods.engine.page import page_of

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from bot.github.model import PullInfo
    from bot.services import Services
    from bot.snapshot.take import Taken

log = structlog.get_logger(__name__)
ASKED = "Patchwright-Asked"
"""The trailer that names the command or button which a commit was made for."""


@dataclass(frozen=True, slots=True)
class FixesOfPull:
    """``commit`` is None where nothing can be put right. ``modes`` are git's file modes by path, by commit.

    ``title`` is the commit's subject. ``off``: the rule that was asked for is switched off.
    """

    fixes: Fixes
    commit: Commit | None
    title: str
    modes: Mapping[str, Mapping[str, str]]
    off: bool = False


def fixes_of(
    client: RepositoryClient, services: Services, pull: PullInfo, *, key: str, sender: str, rule: str = ""
) -> FixesOfPull:
    """The allowed patches for what the pull request brings, under the configuration of its base, as in its review.

    ``key`` goes into the commit's trailer, ``sender`` into its text. Raises ``bot.github.errors`` and
    ``bot.analysis.errors``.
    """
    with step("compare"):
        compared = client.compare(pull.base_sha, pull.head_sha)
        changes = client.pull_files(pull.number) if compared.truncated else compared.files
    diff = Diff.of(
        file_diff(each.path, each.status, each.patch or None, each.previous_path or None) for each in changes
    )
    tip = client.branch_tip(pull.base) or pull.base_sha
    config = in_force(client, reading(client, tip), tip).config
    with services.blobs(client.id) as store:
        with step("snapshot"):
            head = take(client, pull.head_sha, store)
            base = take(client, compared.merge_base, store, trim=False)
        request = FixesRequest(
            place=f"github-{client.id}",
            head=_files(head),
            base=_files(base),
            diff=diff,
            blobs=store,
            cache=services.cache(client.id),
            config=config,
            rule=rule,
        )
        with step("analyse"):
            found = services.analyse(fixes, request)
    log.info("fixes", applied=len(found.applied), left=len(found.left), seconds=round(found.seconds, 3))
    style = is_conventional(config, history=conventional(client.recent_subjects(compared.merge_base)))
    title = _title(found, style=style)
    modes = {pull.head_sha: {file.path: file.mode for file in head.files}}
    commit = _commit(pull, found, title, key, sender) if found.files else None
    return FixesOfPull(found, commit, title, modes, off=bool(rule) and not config.enabled(rule))


def asked_trailer(key: str) -> str:
    """The trailer's line."""
    return f"{ASKED}: {key}"


def _files(taken: Taken) -> Files:
    return Files(taken.files, tuple(taken.skipped.items()))


def _title(found: Fixes, *, style: bool) -> str:
    rules = {each.rule for each in found.applied}
    paths = {each.path for each in found.applied}
    if len(rules) == 1:
        (rule,) = rules
        return subject(headline(rule, page_of(rule)), "", paths, style=style)
    return subject(f"Fix what Patchwright found at {len(found.applied)} places", "", paths, style=style)


def _commit(pull: PullInfo, found: Fixes, title: str, key: str, sender: str) -> Commit:
    rules = sorted({each.rule for each in found.applied})
    said = summary(rules[0], page_of(rules[0])) if len(rules) == 1 else f"Rules: {', '.join(rules)}."
    message = commit_message(
        ", ".join(rules),
        title,
        plain(f"{said} {sender} asked for it in pull request {pull.number}."),
        sites=found.applied,  # type: ignore[arg-type]  # a path and a line is all that is read of them
        patch=found.patch,
    )
    return Commit(pull.head_sha, f"{message.rstrip()}\n{asked_trailer(key)}\n", found.files, found.patch)
