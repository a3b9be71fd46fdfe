"""Looks at what a pull request brings, and says so once on its head."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot import templates
from bot.analysis.analysed import Files
from bot.analysis.errors import AnalysisCrashed, AnalysisFailed
from bot.analysis.review_task import Reviewed, ReviewRequest, reviewed
from bot.github.errors import Gone, Passing, Refused
from bot.jobs.left_alone import left_alone
from bot.jobs.outcome import Done
from bot.jobs.repository_config import in_force, reading
from bot.plan.marker import finding_of
from bot.publish.review import publish_review
from bot.publish.threads import as_reviewed
from bot.publish.watchdog import end_hanging_checks
from bot.review.diff import file_diff
from bot.review.model import CheckReport, PullView, ReviewPlan, external_id
from bot.snapshot.take import Taken, take
from bot.watching.steps import step

if TYPE_CHECKING:
    from bot.events.work import CheckPull
    from bot.github.client import RepositoryClient
    from bot.github.model import Comparison, FileChange, PullInfo, RepositoryInfo, ThreadInfo
    from bot.services import Services
    from bot.snapshot.blobs import BlobStore
    from codemods.engine.settings.config import Config

log = structlog.get_logger(__name__)


def check_pull(work: CheckPull, services: Services, *, last: bool = False) -> Done:
    """Does it, and says what was done. Raises ``bot.github.errors`` and AnalysisCrashed.

    The pull request is looked at as it is now, whatever head the delivery spoke of: deliveries may come in any order,
    and a later one takes the place of those before. An analysis that cannot come to an end is said on the head, too:
    where the check is required, nothing could be merged without it. ``last``: this is the last attempt, a process
    that dies counts as such an end.
    """
    with services.connect(work.repository) as client:
        repository = client.repository()
        reason = left_alone(repository)
        if reason is not None:
            return Done(summary=f"left alone: {reason}")
        services.history.seen(work.repository, repository)
        pull = client.pull(work.number)
        return check_open_pull(client, repository, pull, work.head_sha, services, last=last)


def check_open_pull(
    client: RepositoryClient,
    repository: RepositoryInfo,
    pull: PullInfo,
    head_sha: str,
    services: Services,
    *,
    last: bool = False,
) -> Done:
    """As ``check_pull``, for a pull request that was read already; ``head_sha`` is the head that was spoken of."""
    if (reason := _left_alone(client, pull, head_sha)) is not None:
        return Done(summary=f"#{pull.number} left alone: {reason}")
    with step("compare"):
        compared = client.compare(pull.base_sha, pull.head_sha)
        changes = client.pull_files(pull.number) if compared.truncated else compared.files
        view = _view(client, repository, pull, compared, len(changes))
        threads = client.review_threads(pull.number)
    if services.history.wishes(repository.id).paused:
        plan = ReviewPlan(check=_without_result(view, "Paused", templates.render("check_paused.md.j2")))
        summary = "paused"
    else:
        try:
            result = _reviewed(client, view, changes, threads, services)
        except (AnalysisFailed, AnalysisCrashed) as error:
            if isinstance(error, AnalysisCrashed) and not last:
                raise
            said = templates.render("check_no_result.md.j2", reason=str(error))
            plan = ReviewPlan(check=_without_result(view, "No result", said))
            summary = f"no result: {error}"
        else:
            plan = result.plan
            summary = (
                f"{result.findings} findings in {result.files} files, {len(plan.comments)} to comment on"
            )
    with step("publish"):
        lines = publish_review(client, plan, view, threads)
        lines += end_hanging_checks(client, view.head_sha)
    return Done(summary=f"#{view.number} at {view.head_sha[:10]}: {summary}", actions=tuple(lines))


def _left_alone(client: RepositoryClient, pull: PullInfo, head_sha: str) -> str | None:
    """Why nothing is said of a pull request. Raises Passing where GitHub still shows the head before."""
    if not pull.open:
        return "it is merged" if pull.merged else "it is closed"
    if pull.author == client.bot_login:
        return "the App opened it"
    late = pull.head_sha != head_sha and pull.head_repository == client.full_name
    if late and client.branch_tip(pull.branch) == head_sha:
        raise Passing(f"#{pull.number} is still shown at {pull.head_sha[:10]}, not at {head_sha[:10]}")
    return None


def _view(
    client: RepositoryClient, repository: RepositoryInfo, pull: PullInfo, compared: Comparison, files: int
) -> PullView:
    fork = pull.head_repository.lower() != repository.full_name.lower()
    return PullView(
        number=pull.number,
        url=pull.url,
        title=pull.title,
        author=pull.author,
        head_ref=pull.branch,
        head_sha=pull.head_sha,
        base_ref=pull.base,
        base_sha=pull.base_sha,
        merge_base=compared.merge_base,
        changed_files=pull.changed_files if pull.changed_files is not None else files,
        author_is_bot=pull.author_type == "Bot",
        own=pull.author == client.bot_login,
        draft=pull.draft,
        fork=fork,
        may_write=not fork,  # an installation may write to its own repositories alone, whatever the author allows
        repository_url=repository.html_url,
    )


def _reviewed(
    client: RepositoryClient,
    view: PullView,
    changes: tuple[FileChange, ...],
    threads: list[ThreadInfo],
    services: Services,
) -> Reviewed:
    """The analysis, within its limits. Raises AnalysisFailed where none can be made."""
    with step("configuration"):
        config = _config(client, view)
    with services.blobs(client.id) as store:
        with step("snapshot"):
            head = _taken(client, view.head_sha, store)
            base = _taken(client, view.merge_base, store, trim=False)
        log.info(
            "snapshots taken",
            files=len(head.files),
            new=head.new_blobs + base.new_blobs,
            seconds=round(head.seconds + base.seconds, 3),
        )
        request = ReviewRequest(
            place=f"github-{client.id}",
            head=Files(head.files, tuple(head.skipped.items())),
            base=Files(base.files, tuple(base.skipped.items())),
            blobs=store,
            cache=services.cache(client.id),
            config=config,
            view=view,
            changes=tuple(
                file_diff(each.path, each.status, each.patch or None, each.previous_path or None)
                for each in changes
            ),
            threads=as_reviewed(client, threads, finding_of),
        )
        with step("analyse"):
            result = services.analyse(reviewed, request)
    log.info("reviewed", findings=result.findings, seconds=round(result.seconds, 3))
    for line in result.plan.log:
        log.info("plan", said=line)
    return result


def _config(client: RepositoryClient, view: PullView) -> Config:
    """What is in force at the tip of the base branch: a pull request does not change the rules it is judged by."""
    tip = client.branch_tip(view.base_ref) or view.base_sha
    return in_force(client, reading(client, tip), tip).config


def _taken(client: RepositoryClient, sha: str, store: BlobStore, *, trim: bool = True) -> Taken:
    try:
        return take(client, sha, store, trim=trim)
    except Gone:
        raise
    except Refused as error:
        raise AnalysisFailed(str(error)) from error


def _without_result(view: PullView, title: str, summary: str) -> CheckReport:
    return CheckReport(view.head_sha, external_id(view.number, view.head_sha), "neutral", title, summary)
