"""Check suites: what groups an App's check runs on a commit, and the webhooks about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.github.bare import ZERO
from tests.github.hooks import emit
from tests.github.people import node_id
from tests.github.shapes.apps import integration
from tests.github.shapes.checks import pull_requests
from tests.github.shapes.commits import read_commit
from tests.github.shapes.repositories import minimal_repository, repository

if TYPE_CHECKING:
    from tests.github.people import Account
    from tests.github.records import CheckRun
    from tests.github.repositories import Repo
    from tests.github.urls import Urls

_WORST = ("action_required", "timed_out", "cancelled", "failure", "neutral", "skipped", "success")


@dataclass
class CheckSuite:
    """An App's suite on a commit. ``head_branch`` is None where only a fork has the commit."""

    id: int
    app: int
    head_sha: str
    head_branch: str | None
    before: str | None
    created_at: str
    updated_at: str
    rerequested: bool = False


def suite_of(
    repo: Repo, sha: str, app: int, *, branch: str | None = None, before: str | None = None
) -> CheckSuite:
    """The App's suite on a commit, made if there is none."""
    with repo.lock:
        for each in repo.suites:
            if (each.head_sha, each.app) == (sha, app):
                return each
        if branch is None:
            branch = next((name for name, tip in repo.branches().items() if tip == sha), None)
        now = repo.github.clock.iso()
        made = CheckSuite(repo.github.next_id(), app, sha, branch, before, now, now)
        repo.suites.append(made)
        return made


def runs_of(repo: Repo, suite: CheckSuite) -> list[CheckRun]:
    """The check runs in a suite, oldest first."""
    return [each for each in repo.checks if each.suite == suite.id]


def outcome(repo: Repo, suite: CheckSuite) -> tuple[str, str | None]:
    """Status and conclusion: the worst of the latest runs of each name, once all are completed."""
    latest = {each.name: each for each in runs_of(repo, suite)}.values()
    if suite.rerequested or not latest:
        return "queued", None
    if any(each.status != "completed" for each in latest):
        return "in_progress", None
    conclusions = {each.conclusion for each in latest}
    return "completed", next((each for each in _WORST if each in conclusions), "neutral")


def shape(repo: Repo, suite: CheckSuite, urls: Urls) -> dict[str, Any]:
    """GitHub's ``check-suite``."""
    url = urls.api(f"/repos/{repo.full_name}/check-suites/{suite.id}")
    commit = read_commit(repo, suite.head_sha)
    assert commit is not None
    return {
        **_simple(repo, suite, urls),
        "head_commit": {
            "id": commit.sha,
            "tree_id": commit.tree,
            "message": commit.message,
            "timestamp": commit.committer["date"],
            "author": {each: commit.author[each] for each in ("name", "email")},
            "committer": {each: commit.committer[each] for each in ("name", "email")},
        },
        "latest_check_runs_count": len({each.name for each in runs_of(repo, suite)}),
        "check_runs_url": f"{url}/check-runs",
        "rerequestable": True,
        "runs_rerequestable": True,
    }


def _simple(repo: Repo, suite: CheckSuite, urls: Urls) -> dict[str, Any]:
    status, conclusion = outcome(repo, suite)
    app = repo.github.apps.get(suite.app)
    return {
        "id": suite.id,
        "node_id": node_id("CS", suite.id),
        "head_branch": suite.head_branch,
        "head_sha": suite.head_sha,
        "status": status,
        "conclusion": conclusion,
        "url": urls.api(f"/repos/{repo.full_name}/check-suites/{suite.id}"),
        "before": suite.before,
        "after": suite.head_sha,
        "pull_requests": pull_requests(repo, suite.head_sha, urls),
        "app": None if app is None else integration(app, urls),
        "created_at": suite.created_at,
        "updated_at": suite.updated_at,
    }


def shape_in_run(repo: Repo, run: CheckRun, urls: Urls) -> dict[str, Any]:
    """GitHub's ``simple-check-suite``, as in the webhooks about a check run."""
    return {
        **_simple(repo, suite_of(repo, run.head_sha, run.app), urls),
        "repository": minimal_repository(repo, urls),
    }


def tell(repo: Repo, sender: Account, suite: CheckSuite, action: str) -> None:
    """Send ``check_suite`` to the App that the suite is of."""
    urls = repo.github.urls
    body = {
        "action": action,
        "check_suite": shape(repo, suite, urls),
        "repository": repository(repo, urls),
    }
    for installation in repo.github.installations_of(repo):
        if installation.app.id == suite.app:
            emit(repo.github, installation, "check_suite", sender, body)


def pushed(repo: Repo, ref: str, old: str, new: str, by: Account) -> None:
    """A branch was pushed: each App that may write checks gets a suite, and hears of it if that is switched on."""
    branch = ref.removeprefix("refs/heads/")
    if new == ZERO or branch == ref:
        return
    for installation in repo.github.installations_of(repo):
        if installation.permissions.get("checks") == "write":
            suite = suite_of(repo, new, installation.app.id, branch=branch, before=old)
            if repo.github.announce_suites:
                tell(repo, by, suite, "requested")
